// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include "support/catch.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace permward {
namespace {

using namespace std::string_view_literals;

TEST_CASE("UTF-8 is decoded a code point at a time") {
  struct Row {
    std::string_view text;
    char32_t value;
    std::size_t length;
  };
  const Row table[] = {
      {"a", U'a', 1},
      {"\0"sv, U'\0', 1},
      {"\x7f", 0x7f, 1},
      {"\xc2\x80", 0x80, 2},
      {"\xdf\xbf", 0x7ff, 2},
      {"\xe0\xa0\x80", 0x800, 3},
      {"\xed\x9f\xbf", 0xd7ff, 3},
      {"\xee\x80\x80", 0xe000, 3},
      {"\xef\xbf\xbf", 0xffff, 3},
      {"\xf0\x90\x80\x80", 0x10000, 4},
      {"\xf4\x8f\xbf\xbf", 0x10ffff, 4},
  };
  for (const auto& [text, value, length] : table) {
    INFO(printable(text));
    const auto point = decode_utf8(text, 0);
    REQUIRE(point);
    REQUIRE(point->value == value);
    REQUIRE(point->length == length);
    std::string again;
    append_utf8(again, value);
    REQUIRE(again == text);
  }
}

TEST_CASE("what is not UTF-8 has no code point") {
  const std::string_view table[] = {
      "\x80",  // a continuation byte alone
      "\xbf",
      "\xc3",  // cut off
      "\xe2\x82",
      "\xf0\x9f\x98",
      "\xc3(",  // no continuation byte
      "\xe2(\xa1",
      "\xe2\x82(",
      "\xf0\x9f\x98(",
      "\xc0\x80",  // overlong NUL
      "\xc1\xbf",  // overlong
      "\xe0\x9f\xbf",
      "\xf0\x8f\xbf\xbf",
      "\xed\xa0\x80",  // surrogates
      "\xed\xbf\xbf",
      "\xf4\x90\x80\x80",  // beyond U+10FFFF
      "\xf8\x88\x80\x80\x80",
      "\xff",
      "\xfe",
  };
  for (const std::string_view text : table) {
    INFO(printable(text));
    REQUIRE_FALSE(decode_utf8(text, 0));
    REQUIRE(invalid_utf8(text) == 0U);
  }
}

TEST_CASE("the first byte that is not UTF-8 is found") {
  REQUIRE_FALSE(invalid_utf8(""));
  REQUIRE_FALSE(invalid_utf8("gr\xc3\xbc\xc3\x9f"));
  REQUIRE(invalid_utf8("gr\xc3\xbc\xfft") == 4U);
  REQUIRE(invalid_utf8("abc\xe2\x82") == 3U);
}

TEST_CASE("T78 names that could deceive a reader or a terminal are escaped") {
  struct Row {
    std::string_view name;
    std::string_view shown;
  };
  const Row table[] = {
      {"n\nCLEAN: all files ok", "n\\x0aCLEAN: all files ok"},
      {"\033[2J\033[H", "\\x1b[2J\\x1b[H"},
      {"\033]0;own\007", "\\x1b]0;own\\x07"},
      {"c1\xc2\x9b"
       "31m",
       "c1\\u{9b}31m"},
      {"raw\x9b"
       "31m",
       "raw\\x9b31m"},
      {"bidi\xe2\x80\xae", "bidi\\u{202e}"},
      {"bad\xff\xfe", "bad\\xff\\xfe"},
      {"us\x1f", "us\\x1f"},
      {"del\x7f", "del\\x7f"},
      {"bs\\012", "bs\\\\012"},
      {" lead", " lead"},
      {"trail ", "trail "},
      {"tab\there", "tab\\x09here"},
      {"nul\0byte"sv, "nul\\x00byte"},
      {"cr\r", "cr\\x0d"},
      {"zero\xe2\x80\x8bwidth", "zero\\u{200b}width"},
      {"joiner\xe2\x80\x8d", "joiner\\u{200d}"},
      {"bom\xef\xbb\xbf", "bom\\u{feff}"},
      {"soft\xc2\xadhyphen", "soft\\u{ad}hyphen"},
      {"line\xe2\x80\xa8sep", "line\\u{2028}sep"},
      {"isolate\xe2\x81\xa6", "isolate\\u{2066}"},
      {"mark\xd8\x9c", "mark\\u{61c}"},
      {"filler\xe3\x85\xa4", "filler\\u{3164}"},
      {"tag\xf3\xa0\x81\x81", "tag\\u{e0041}"},
      {"gr\xc3\xbc\xc3\x9f gott", "gr\xc3\xbc\xc3\x9f gott"},
      {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac"},
      {"", ""},
  };
  for (const auto& [name, shown] : table) REQUIRE(printable(name) == shown);
}

TEST_CASE("T79 every byte that a name can have is shown without a control byte") {
  for (int byte = 1; byte < 256; ++byte) {
    const std::string shown = printable(std::string(1, static_cast<char>(byte)));
    INFO("byte " << byte);
    REQUIRE_FALSE(invalid_utf8(shown));
    for (const char c : shown) REQUIRE((c >= 0x20 && c != 0x7f));
  }
}

TEST_CASE("what looks like an escape is not taken for one") {
  REQUIRE(printable("\\x0a") != printable("\n"));
  REQUIRE(printable("\\u{202e}") != printable("\xe2\x80\xae"));
  REQUIRE(printable("\\\\") != printable("\\"));
}

TEST_CASE("a long name is shown whole") {
  const std::string name(255, 'l');
  REQUIRE(printable(name) == name);
}

TEST_CASE("base64 is that of RFC 4648") {
  struct Row {
    std::string_view bytes;
    std::string_view text;
  };
  const Row table[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xff\xfe\xfd", "//79"},
      {"\xfb\xef\xbe", "++++"},
      {"\0\0\0"sv, "AAAA"},
  };
  for (const auto& [bytes, text] : table) REQUIRE(base64(bytes) == text);
}

TEST_CASE("the distance of two words counts edits, and exchanged neighbours once") {
  struct Row {
    std::string_view a, b;
    std::size_t distance;
  };
  const Row table[] = {
      {"", "", 0},         {"", "abc", 3},        {"mode", "mode", 0},
      {"mode", "moed", 1}, {"mode", "mod", 1},    {"mode", "modes", 1},
      {"mode", "node", 1}, {"owner", "group", 5}, {"kitten", "sitting", 3},
      {"ab", "ba", 1},     {"abc", "ca", 3},      {"recurse", "recrues", 2},
  };
  for (const auto& [a, b, distance] : table) {
    INFO(a << " " << b);
    REQUIRE(edit_distance(a, b) == distance);
    REQUIRE(edit_distance(b, a) == distance);
  }
}

TEST_CASE("words that are too long to compare are as far apart as anything") {
  const std::string longest(64, 'a');
  const std::string longer(65, 'a');
  REQUIRE(edit_distance(longest, longest) == 0);
  REQUIRE(edit_distance(longest, "") == 64);
  REQUIRE(edit_distance(longer, longest) == std::numeric_limits<std::size_t>::max());
  REQUIRE(edit_distance(longest, longer) == std::numeric_limits<std::size_t>::max());
  REQUIRE(edit_distance(longer, longer) == 0);
}

TEST_CASE("the nearest word is suggested only if it is near") {
  const std::vector<std::string_view> keys = {"owner", "group", "mode", "acl", "path", "paths"};
  REQUIRE(nearest("onwer", keys) == "owner");
  REQUIRE(nearest("modes", keys) == "mode");
  REQUIRE(nearest("pathss", keys) == "paths");
  REQUIRE(nearest("permissions", keys).empty());
  REQUIRE(nearest("", keys).empty());
  // Of the equally near the first.
  REQUIRE(nearest("pat", keys) == "path");
  REQUIRE(nearest("patsh", keys) == "path");
}

TEST_CASE("of a word of under four bytes only one edit is a likely mistake") {
  const std::vector<std::string_view> keys = {"acl", "mode"};
  REQUIRE(nearest("alc", keys) == "acl");
  REQUIRE(nearest("mod", keys) == "mode");
  REQUIRE(nearest("md", keys).empty());
}

TEST_CASE("a word is never suggested for itself") {
  const std::vector<std::string> keys = {"mode", "node"};
  REQUIRE(nearest("mode", keys) == "node");
}

}  // namespace
}  // namespace permward
