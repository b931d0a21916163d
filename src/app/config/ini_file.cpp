#include "app/config/ini_file.hpp"

#include <algorithm>
#include <cctype>

#include "core/base/error.hpp"

namespace facegraph::app {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr const char* kDefaultSection = "DEFAULT";
constexpr int kMaxDepth = 10;  // of values that name other keys

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

const IniFile::Entry* find_entry(const std::vector<IniFile::Entry>& entries, const std::string& key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&key](const auto& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

// Empty lines behind a value are read as parts of it.
void drop_empty_ends(std::vector<IniFile::Entry>& entries) {
  for (IniFile::Entry& entry : entries) {
    entry.value.erase(entry.value.find_last_not_of('\n') + 1);
  }
}

}  // namespace

// Line by line; remembers what a following line can continue.
class IniFile::Reader {
 public:
  explicit Reader(IniFile& file) : file_(file) {}

  void read(std::string_view line) {
    ++line_;
    const std::string_view text = stripped(line);
    const std::size_t indent = text.empty() ? 0 : line.find_first_not_of(kBlanks);
    if (text.empty()) {
      if (continued_ != nullptr) {
        continued_->value += '\n';
      }
    } else if (text[0] == '#' || text[0] == ';') {
      return;
    } else if (continued_ != nullptr && indent > indent_) {
      continued_->value += '\n';
      continued_->value += text;
    } else {
      indent_ = indent;
      continued_ = nullptr;
      text[0] == '[' && text.find(']', 2) != std::string_view::npos ? begin_section(text) : begin_entry(text);
    }
  }

 private:
  void begin_section(std::string_view text) {
    const std::string name(text.substr(1, text.rfind(']') - 1));
    if (name == kDefaultSection) {
      entries_ = &file_.defaults_;
      return;
    }
    for (const Section& section : file_.sections_) {
      if (section.name == name) {
        fail(ErrorCode::kUsage, "{}:{}: section [{}] stands in line {} already; join the two", file_.name_, line_, name,
             section.line);
      }
    }
    file_.sections_.push_back({name, line_, {}});
    entries_ = &file_.sections_.back().entries;
  }

  void begin_entry(std::string_view text) {
    if (entries_ == nullptr) {
      fail(ErrorCode::kUsage, "{}:{}: expected a [section] before the first key, found '{}'", file_.name_, line_, text);
    }
    const std::size_t delimiter = text.find_first_of("=:");
    if (delimiter == std::string_view::npos || delimiter == 0) {
      fail(ErrorCode::kUsage, "{}:{}: expected 'key = value' or '[section]', found '{}'", file_.name_, line_, text);
    }
    const std::string key = lower(stripped(text.substr(0, delimiter)));
    if (const Entry* before = find_entry(*entries_, key)) {
      fail(ErrorCode::kUsage, "{}:{}: '{}' stands in line {} already; remove one of them", file_.name_, line_, key,
           before->line);
    }
    entries_->push_back({key, std::string(stripped(text.substr(delimiter + 1))), line_});
    continued_ = &entries_->back();
  }

  IniFile& file_;
  int line_ = 0;
  std::size_t indent_ = 0;                 // of the line that began the last entry
  std::vector<Entry>* entries_ = nullptr;  // of the section that is being read
  Entry* continued_ = nullptr;
};

IniFile::IniFile(std::string name, std::string_view text) : name_(std::move(name)) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Reader reader(*this);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.read(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  for (Section& section : sections_) {
    drop_empty_ends(section.entries);
  }
  drop_empty_ends(defaults_);
}

std::string IniFile::value_of(const Section& section, const Entry& entry) const {
  return resolved(section, entry, 1);
}

std::string IniFile::resolved(const Section& section, const Entry& entry, int depth) const {
  if (depth > kMaxDepth) {
    fail(ErrorCode::kUsage, "{}:{}: '{}' leads to itself through the keys that its value names", name_, entry.line,
         entry.key);
  }
  std::string result;
  std::string_view rest = entry.value;
  for (std::size_t percent = rest.find('%'); percent != std::string_view::npos; percent = rest.find('%')) {
    result += rest.substr(0, percent);
    rest.remove_prefix(percent + 1);
    if (rest.starts_with('%')) {
      result += '%';
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t end = rest.find(")s");
    if (!rest.starts_with('(') || end == std::string_view::npos) {
      fail(ErrorCode::kUsage, "{}:{}: {}: a percent sign must be written twice (%%), found '{}'", name_, entry.line,
           entry.key, entry.value);
    }
    const std::string key = lower(rest.substr(1, end - 1));
    const Entry* named = find_entry(section.entries, key);
    named = named != nullptr ? named : find_entry(defaults_, key);
    if (named == nullptr) {
      fail(ErrorCode::kUsage, "{}:{}: {}: %({})s names a key that neither [{}] nor [DEFAULT] has", name_, entry.line,
           entry.key, key, section.name);
    }
    result += resolved(section, *named, depth + 1);
    rest.remove_prefix(end + 2);
  }
  return result + std::string(rest);
}

}  // namespace facegraph::app
