#include "jobs/store/job_id.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <cwchar>
#include <cwctype>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <locale.h>

#include "core/base/digest.hpp"

namespace facegraph::jobs {
namespace {

// Letters and digits of every script, whatever the user's locale is.
class UnicodeLocale {
 public:
  UnicodeLocale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(uselocale(locale_)) {}
  ~UnicodeLocale() {
    uselocale(before_);
    if (locale_ != nullptr) {
      freelocale(locale_);
    }
  }
  UnicodeLocale(const UnicodeLocale&) = delete;
  UnicodeLocale& operator=(const UnicodeLocale&) = delete;

 private:
  locale_t locale_;
  locale_t before_;
};

bool is_alphanumeric(std::string_view text) {
  const UnicodeLocale locale;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t character = 0;
    const std::size_t length = std::mbrtowc(&character, text.data(), text.size(), &state);
    if (length == 0 || length > text.size() || std::iswalnum(static_cast<std::wint_t>(character)) == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

std::string job_id_of(const std::string& name) {
  std::string letters = name;
  letters.erase(std::remove(letters.begin(), letters.end(), '-'), letters.end());
  return !letters.empty() && is_alphanumeric(letters) ? name : core::sha1_of(name);
}

std::string timed_job_name(const std::string& prefix) {
  return fmt::format("{}-{:%Y-%m-%d-%H-%M-%S}", prefix, fmt::localtime(std::time(nullptr)));
}

std::optional<std::filesystem::path> step_output_path(const std::string& id, std::size_t index,
                                                      const std::filesystem::path& output) {
  std::string extension = output.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (output.stem().empty() || extension.size() < 2) {
    return std::nullopt;
  }
  return output.parent_path() / fmt::format("{}-{}-{}{}", output.stem().string(), id, index, extension);
}

}  // namespace facegraph::jobs
