// An ini file in the dialect that the reference reads (Python's configparser). spec: application.md 3.1
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace facegraph::app {

class IniFile {
 public:
  struct Entry {
    std::string key;    // in lower case
    std::string value;  // as written; lines of a continued one are joined by '\n'
    int line = 0;       // from 1
  };
  struct Section {
    std::string name;
    int line = 0;
    std::vector<Entry> entries;  // without those of [DEFAULT]
  };

  // `name` is what messages call the file. Throws Error(kUsage), with the line, for what is neither a section nor a key
  // with a value, for a key before the first section, and for names that come twice.
  IniFile(std::string name, std::string_view text);

  const std::string& name() const { return name_; }
  const std::vector<Section>& sections() const { return sections_; }  // as written, without [DEFAULT]
  const std::vector<Entry>& defaults() const { return defaults_; }    // [DEFAULT]: they stand in every section

  // The entry's value: "%%" is a percent sign, "%(key)s" the value of another key of the section or of [DEFAULT].
  // Throws Error(kUsage) for other uses of '%'.
  std::string value_of(const Section& section, const Entry& entry) const;

 private:
  class Reader;
  std::string resolved(const Section& section, const Entry& entry, int depth) const;

  std::string name_;
  std::vector<Section> sections_;
  std::vector<Entry> defaults_;
};

}  // namespace facegraph::app
