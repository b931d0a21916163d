#include "models/download/receivers.hpp"

namespace facegraph::models {

std::string TextReceiver::text() const {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t first = text_.find_first_not_of(kSpace);
  return first == std::string::npos ? "" : text_.substr(first, text_.find_last_not_of(kSpace) + 1 - first);
}

}  // namespace facegraph::models
