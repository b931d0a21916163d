#include "app/config/ini_file.hpp"

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

std::string value(const std::string& text, const std::string& section, const std::string& key) {
  const IniFile file("a.ini", text);
  for (const IniFile::Section& found : file.sections()) {
    for (const IniFile::Entry& entry : found.entries) {
      if (found.name == section && entry.key == key) {
        return file.value_of(found, entry);
      }
    }
  }
  return "absent";
}

std::string error(const std::string& text) {
  return test::message_of(core::ErrorCode::kUsage, [&text] {
    const IniFile file("a.ini", text);
    for (const IniFile::Section& section : file.sections()) {
      for (const IniFile::Entry& entry : section.entries) {
        file.value_of(section, entry);
      }
    }
  });
}

// Expectations checked against Python 3.11's configparser with its defaults.
TEST(IniFile, BothDelimitersAndAnyCaseOfKeys) {
  EXPECT_EQ(value("[a]\nkey = 1\n", "a", "key"), "1");
  EXPECT_EQ(value("[a]\nKEY: 1\n", "a", "key"), "1");
  EXPECT_EQ(value("[a]\nkey=b = c : d\n", "a", "key"), "b = c : d");
  EXPECT_EQ(value("[a]\nkey : b = c\n", "a", "key"), "b = c");
  EXPECT_EQ(value("[a]\nkey =\n", "a", "key"), "");
  EXPECT_EQ(value("[a]\r\nkey = 1\r\n", "a", "key"), "1");
  EXPECT_EQ(value("\xef\xbb\xbf[a]\nkey = \xc3\xa4\xff\n", "a", "key"), "\xc3\xa4\xff");
  EXPECT_EQ(value("[a]\nkey = last", "a", "key"), "last");
}

TEST(IniFile, SectionsKeepTheirCase) {
  EXPECT_EQ(value("[Face]\nkey = 1\n[face]\nkey = 2\n", "face", "key"), "2");
  EXPECT_EQ(value("[a] ; trailing\nkey = 1\n", "a", "key"), "1");
  EXPECT_EQ(value("  [a b]\n  key = 1\n", "a b", "key"), "1");
}

TEST(IniFile, CommentsAreWholeLines) {
  const std::string text = "# one\n[a]\n; two\n  # three\nkey = 1 # no comment ; nor this\n# key = 2\n";
  EXPECT_EQ(value(text, "a", "key"), "1 # no comment ; nor this");
}

TEST(IniFile, DeeperLinesContinueAValue) {
  EXPECT_EQ(value("[a]\nkey = one\n  two\n\tthree\nother = 1\n", "a", "key"), "one\ntwo\nthree");
  EXPECT_EQ(value("[a]\nkey =\n  one\n  [no section]\n  b = c\n", "a", "key"), "\none\n[no section]\nb = c");
  EXPECT_EQ(value("[a]\nkey = one\n\n  two\n# comment\n  three\n\n\n[b]\n", "a", "key"), "one\n\ntwo\nthree");
  EXPECT_EQ(value("[a]\n  key = one\n  other = 2\n", "a", "other"), "2");
  EXPECT_EQ(value("[a]\n    key = one\n  other = 2\n", "a", "other"), "2");
}

TEST(IniFile, PercentSignsNameOtherKeys) {
  EXPECT_EQ(value("[a]\nkey = 100%%\n", "a", "key"), "100%");
  EXPECT_EQ(value("[a]\nroot = /x\nkey = %(ROOT)s/y%%%(root)s\n", "a", "key"), "/x/y%/x");
  EXPECT_EQ(value("[DEFAULT]\nroot = /x\n[a]\nkey = %(root)s/y\n", "a", "key"), "/x/y");
  EXPECT_EQ(value("[DEFAULT]\nroot = /x\n[a]\nroot = /z\nkey = %(root)s/y\n", "a", "key"), "/z/y");
  EXPECT_EQ(error("[a]\nx = 1\nkey = 5%\n"), "a.ini:3: key: a percent sign must be written twice (%%), found '5%'");
  EXPECT_NE(error("[a]\nkey = %s\n"), "");
  EXPECT_NE(error("[a]\nkey = %(open\n"), "");
  EXPECT_EQ(error("[a]\nkey = %(absent)s\n"),
            "a.ini:2: key: %(absent)s names a key that neither [a] nor [DEFAULT] has");
  EXPECT_EQ(error("[a]\nkey = %(other)s\nother = %(key)s\n"),
            "a.ini:2: 'key' leads to itself through the keys that its value names");
}

TEST(IniFile, BrokenFilesNameTheLine) {
  EXPECT_EQ(error("key = 1\n"), "a.ini:1: expected a [section] before the first key, found 'key = 1'");
  EXPECT_EQ(error("[a]\nno delimiter\n"), "a.ini:2: expected 'key = value' or '[section]', found 'no delimiter'");
  EXPECT_EQ(error("[a]\n= value\n"), "a.ini:2: expected 'key = value' or '[section]', found '= value'");
  EXPECT_NE(error("[a]\n[]\n"), "");
  EXPECT_EQ(error("[a]\n\n[a]\n"), "a.ini:3: section [a] stands in line 1 already; join the two");
  EXPECT_EQ(error("[a]\nkey = 1\nKEY = 1\n"), "a.ini:3: 'key' stands in line 2 already; remove one of them");
}

}  // namespace
}  // namespace facegraph::app
