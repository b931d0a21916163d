#include "support/onnx_spoiler.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>

#include "support/onnx_writer.hpp"
#include "support/protobuf.hpp"

namespace facegraph::test {

namespace {

// Fields of ModelProto, GraphProto, NodeProto, ValueInfoProto and TypeProto.
constexpr int kGraph = 7;
constexpr int kNode = 1;
constexpr int kOutput = 12;
constexpr int kNodeInput = 1;
constexpr int kNodeOutput = 2;
constexpr int kValueName = 1;
constexpr int kValueType = 2;
constexpr int kTensorType = 1;
constexpr int kElementType = 1;

const std::string kClean = "_before_spoiling";

ProtobufField field_of(std::string_view message, int number) {
  const std::vector<ProtobufField> fields = protobuf_fields(message);
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.number == number; });
  if (found == fields.end()) {
    throw std::runtime_error("onnx: a field is missing");
  }
  return *found;
}

std::set<std::string> float_outputs(std::string_view graph) {
  std::set<std::string> names;
  for (const ProtobufField& field : protobuf_fields(graph)) {
    if (field.number == kOutput) {
      const std::string_view tensor = field_of(field_of(field.body, kValueType).body, kTensorType).body;
      if (field_of(tensor, kElementType).value == static_cast<std::uint64_t>(OnnxType::kFloat)) {
        names.emplace(field_of(field.body, kValueName).body);
      }
    }
  }
  return names;
}

// The node with the outputs' names changed.
std::string renamed(std::string_view node, const std::set<std::string>& names) {
  std::string text;
  for (const ProtobufField& field : protobuf_fields(node)) {
    const bool value = field.number == kNodeInput || field.number == kNodeOutput;
    const std::string name(field.body);
    text += value && names.contains(name) ? bytes_field(field.number, name + kClean) : std::string(field.whole);
  }
  return text;
}

std::string spoiled_graph(std::string_view graph, float value) {
  const std::set<std::string> names = float_outputs(graph);
  OnnxModel added;
  added.initializers.push_back(constant("spoil", {}, {value}));
  for (const std::string& name : names) {
    added.nodes.push_back({"Add", {name + kClean, "spoil"}, {name}});
  }
  const std::string model = added.bytes();
  // The constant stands first: some models keep a table as their last one. The sums stand behind what they sum.
  std::string text;
  std::string sums;
  for (const ProtobufField& field : protobuf_fields(field_of(model, kGraph).body)) {
    (field.number == kNode ? sums : text) += std::string(field.whole);
  }
  for (const ProtobufField& field : protobuf_fields(graph)) {
    text += field.number == kNode ? bytes_field(kNode, renamed(field.body, names)) : std::string(field.whole);
  }
  return text + sums;
}

}  // namespace

void spoil_model(const std::filesystem::path& from, const std::filesystem::path& to, float value) {
  std::string model(std::filesystem::file_size(from), '\0');
  std::ifstream(from, std::ios::binary).read(model.data(), static_cast<std::streamsize>(model.size()));
  std::string text;
  for (const ProtobufField& field : protobuf_fields(model)) {
    text += field.number == kGraph ? bytes_field(kGraph, spoiled_graph(field.body, value)) : std::string(field.whole);
  }
  std::filesystem::remove(to);
  std::ofstream(to, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace facegraph::test
