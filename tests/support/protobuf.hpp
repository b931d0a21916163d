// Protobuf's wire format, as far as ONNX files need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace facegraph::test {

std::string varint(std::uint64_t value);
// A field: its key, then a number, or the length of what follows.
std::string number_field(int field, std::uint64_t value);
std::string bytes_field(int field, std::string_view content);

struct ProtobufField {
  int number = 0;
  std::uint64_t value = 0;  // of a number
  std::string_view body;    // of the others
  std::string_view whole;   // with its key
};

// The fields of a message, in order; views into it. Throws std::runtime_error where it is damaged.
std::vector<ProtobufField> protobuf_fields(std::string_view message);

}  // namespace facegraph::test
