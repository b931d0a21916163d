#include "media/provenance/provenance.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace facegraph::media {
namespace {

constexpr std::string_view kModels = "; models=";
constexpr std::string_view kSeparator = ", ";
constexpr std::string_view kListStart = "<facegraph:Models>";
constexpr std::string_view kListEnd = "</facegraph:Models>";
constexpr std::string_view kItemStart = "<rdf:li>";
constexpr std::string_view kItemEnd = "</rdf:li>";

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

void add_model(Provenance& provenance, const std::string& name) {
  if (!name.empty() && std::find(provenance.models.begin(), provenance.models.end(), name) == provenance.models.end()) {
    provenance.models.push_back(name);
  }
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
    models += fmt::format("     {}{}{}\n", kItemStart, name, kItemEnd);
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
      "   {3}\n    <rdf:Seq>\n{2}    </rdf:Seq>\n   {4}\n"
      "  </rdf:Description>\n"
      " </rdf:RDF>\n"
      "</x:xmpmeta>\n"
      "<?xpacket end=\"r\"?>",
      kDigitalSourceType, FACEGRAPH_VERSION, models, kListStart, kListEnd);
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
    add_model(provenance, std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + kSeparator.size(), rest.size()));
  }
}

void add_models_of_xmp(Provenance& provenance, std::string_view bytes) {
  const std::size_t start = bytes.find(kListStart);
  const std::size_t end = start == std::string_view::npos ? start : bytes.find(kListEnd, start);
  if (end == std::string_view::npos) {
    return;
  }
  const std::string_view list = bytes.substr(start, end - start);
  for (std::size_t at = list.find(kItemStart); at != std::string_view::npos; at = list.find(kItemStart, at)) {
    at += kItemStart.size();
    const std::size_t stop = std::min(list.find(kItemEnd, at), list.size());
    add_model(provenance, std::string(list.substr(at, stop - at)));
  }
}

}  // namespace facegraph::media
