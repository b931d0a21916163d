#include "support/protobuf.hpp"

#include <stdexcept>

namespace facegraph::test {

namespace {

enum WireType { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  const char* position() const { return rest_.data(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw std::runtime_error("protobuf: a number is too long");
  }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      throw std::runtime_error("protobuf: the message ends within a field");
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) {
    text += static_cast<char>((value & 0x7F) | 0x80);
  }
  return text + static_cast<char>(value);
}

std::string number_field(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}

std::string bytes_field(int field, std::string_view content) {
  return varint((static_cast<std::uint64_t>(field) << 3) | kLength) + varint(content.size()) + std::string(content);
}

std::vector<ProtobufField> protobuf_fields(std::string_view message) {
  std::vector<ProtobufField> fields;
  Reader reader(message);
  while (!reader.done()) {
    const char* start = reader.position();
    const std::uint64_t key = reader.varint();
    ProtobufField field;
    field.number = static_cast<int>(key >> 3);
    switch (key & 7) {
      case kVarint:
        field.value = reader.varint();
        break;
      case kFixed64:
        field.body = reader.take(8);
        break;
      case kLength:
        field.body = reader.take(reader.varint());
        break;
      case kFixed32:
        field.body = reader.take(4);
        break;
      default:
        throw std::runtime_error("protobuf: unknown wire type");
    }
    field.whole = {start, static_cast<std::size_t>(reader.position() - start)};
    fields.push_back(field);
  }
  return fields;
}

}  // namespace facegraph::test
