// The mark that every output carries: it is synthetic, and what made it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace facegraph::media {

// The kind of medium is always the same: a composite with parts that a trained model made. The program and its version
// are added by the functions below.
struct Provenance {
  std::vector<std::string> models;  // names, in the order of use; may be empty
};

// IPTC's term for it, from its vocabulary of digital source types.
inline constexpr std::string_view kDigitalSourceType =
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

// An XMP packet (UTF-8, RDF/XML) with the source type, the program, its version and the models.
std::string xmp_packet(const Provenance& provenance);

// The same on one line, for the comment field of containers:
// "digitalSourceType=URL; software=facegraph VERSION; models=A, B".
std::string provenance_comment(const Provenance& provenance);

// Adds the models of a file's comment that are not there yet. Any other text adds none.
void add_models(Provenance& provenance, std::string_view comment);

// The same of the XMP packet of ours that a picture file holds; bytes: the whole file.
void add_models_of_xmp(Provenance& provenance, std::string_view bytes);

}  // namespace facegraph::media
