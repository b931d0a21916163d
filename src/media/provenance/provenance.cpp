#include "media/provenance/provenance.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace facegraph::media {
namespace {

constexpr std::string_view kModels = "; models=";
constexpr std::string_view kSeparator = ", ";

// Names of custom models are names of files: whatever would end a field or is no text becomes a low line.
std::string plain(std::string_view name) {
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return code < ' ' || code > '~' || std::string_view("<>&\"';,").find(c) != std::string_view::npos;
      },
      '_');
  return text;
}

std::vector<std::string> plain_names(const Provenance& provenance) {
  std::vector<std::string> names;
  std::transform(provenance.models.begin(), provenance.models.end(), std::back_inserter(names), plain);
  return names;
}

}  // namespace

std::string xmp_packet(const Provenance& provenance) {
  std::string models;
  for (const std::string& name : plain_names(provenance)) {
    models += fmt::format("     <rdf:li>{}</rdf:li>\n", name);
  }
  return fmt::format(
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
      " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
      "  <rdf:Description rdf:about=\"\"\n"
      "    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n"
      "    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
      "    xmlns:facegraph=\"urn:facegraph:provenance\"\n"
      "    Iptc4xmpExt:DigitalSourceType=\"{0}\"\n"
      "    Iptc4xmpExt:AISystemUsed=\"facegraph\"\n"
      "    Iptc4xmpExt:AISystemVersionUsed=\"{1}\"\n"
      "    xmp:CreatorTool=\"facegraph {1}\">\n"
      "   <facegraph:Models>\n    <rdf:Seq>\n{2}    </rdf:Seq>\n   </facegraph:Models>\n"
      "  </rdf:Description>\n"
      " </rdf:RDF>\n"
      "</x:xmpmeta>\n"
      "<?xpacket end=\"r\"?>",
      kDigitalSourceType, FACEGRAPH_VERSION, models);
}

std::string provenance_comment(const Provenance& provenance) {
  return fmt::format("digitalSourceType={}; software=facegraph {}{}{}", kDigitalSourceType, FACEGRAPH_VERSION, kModels,
                     fmt::join(plain_names(provenance), kSeparator));
}

void add_models(Provenance& provenance, std::string_view comment) {
  const std::size_t start = comment.find(kModels);
  if (comment.find(kDigitalSourceType) == std::string_view::npos || start == std::string_view::npos) {
    return;
  }
  std::string_view rest = comment.substr(start + kModels.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(kSeparator), rest.size());
    const std::string name(rest.substr(0, end));
    if (!name.empty() &&
        std::find(provenance.models.begin(), provenance.models.end(), name) == provenance.models.end()) {
      provenance.models.push_back(name);
    }
    rest.remove_prefix(std::min(end + kSeparator.size(), rest.size()));
  }
}

}  // namespace facegraph::media
