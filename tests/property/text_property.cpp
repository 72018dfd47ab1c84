// SPDX-License-Identifier: Apache-2.0
// Names made fit to be shown, and words compared.
#include "base/text.hpp"
#include "support/property.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace permward::test {
namespace {

std::string drawn_name() {
  static const std::vector<std::string> pool = {"a",
                                                "z",
                                                " ",
                                                "\\",
                                                "x",
                                                "u",
                                                "{",
                                                "}",
                                                "0",
                                                "1b",
                                                "\n",
                                                "\x1b",
                                                "\x7f",
                                                std::string(1, '\0'),
                                                "\xff",
                                                "\x80",
                                                "\xc2",
                                                "\xc2\x9b",
                                                "\xe2\x80\xae",
                                                "\xe2\x80",
                                                "\xc3\xbc",
                                                "\xf0\x9f\x98\x80",
                                                "\xef\xbb\xbf",
                                                "\xed\xa0\x80",
                                                "\xf3\xa0\x81\x81"};
  std::string out;
  for (int i = *rc::gen::inRange(0, 8); i > 0; --i) out += *rc::gen::elementOf(pool);
  return out;
}

unsigned hexadecimal(std::string_view text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  RC_ASSERT(error == std::errc{} && end == text.data() + text.size());
  return out;
}

// The bytes that were shown.
std::string unescaped(std::string_view shown) {
  std::string out;
  for (std::size_t at = 0; at < shown.size();) {
    if (shown[at] != '\\') {
      out += shown[at++];
      continue;
    }
    RC_ASSERT(at + 1 < shown.size());
    const char kind = shown[at + 1];
    if (kind == '\\') {
      out += '\\';
      at += 2;
    } else if (kind == 'x') {
      out += static_cast<char>(hexadecimal(shown.substr(at + 2, 2)));
      at += 4;
    } else {
      RC_ASSERT(kind == 'u' && shown[at + 2] == '{');
      const std::size_t end = shown.find('}', at);
      append_utf8(out, hexadecimal(shown.substr(at + 3, end - at - 3)));
      at = end + 1;
    }
  }
  return out;
}

TEST_CASE("T78 what is shown of a name has no control byte and leads back to the name") {
  check_property("names shown and read", 4000, 200000, [] {
    const std::string bytes = drawn_name();
    const std::string shown = printable(bytes);
    RC_ASSERT(!invalid_utf8(shown));
    RC_ASSERT(std::none_of(shown.begin(), shown.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    }));
    RC_ASSERT(shown.find("\xc2\x9b") == std::string::npos);
    RC_ASSERT(shown.find("\xe2\x80\xae") == std::string::npos);
    RC_ASSERT(unescaped(shown) == bytes);
  });
}

TEST_CASE("T78 different names are shown differently") {
  check_property("pairs of names", 4000, 200000, [] {
    const std::string a = drawn_name();
    const std::string b = drawn_name();
    RC_ASSERT((printable(a) == printable(b)) == (a == b));
  });
}

TEST_CASE("every code point is written and read as the same") {
  for (char32_t value = 0; value <= 0x10ffff; ++value) {
    if (value >= 0xd800 && value <= 0xdfff) continue;
    std::string text;
    append_utf8(text, value);
    const auto point = decode_utf8(text, 0);
    const bool same = point && point->value == value && point->length == text.size();
    if (!same) REQUIRE(static_cast<unsigned>(value) == 0);
  }
}

std::string unbase64(std::string_view text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

TEST_CASE("base64 leads back to the bytes") {
  check_property("bytes in base64", 2000, 50000, [] {
    const std::string bytes = drawn_name();
    RC_ASSERT(base64(bytes).size() == (bytes.size() + 2) / 3 * 4);
    RC_ASSERT(unbase64(base64(bytes)) == bytes);
  });
}

std::string drawn_word() {
  std::string out;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) out += *rc::gen::elementOf(std::string("abc"));
  return out;
}

// By trying every edit at the end.
std::size_t slow_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const std::string_view a1 = a.substr(0, a.size() - 1);
  const std::string_view b1 = b.substr(0, b.size() - 1);
  std::size_t best = slow_distance(a1, b1) + (a.back() == b.back() ? 0 : 1);
  best = std::min({best, slow_distance(a1, b) + 1, slow_distance(a, b1) + 1});
  const bool exchanged =
      a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] && a[a.size() - 2] == b.back();
  if (!exchanged) return best;
  return std::min(best, slow_distance(a.substr(0, a.size() - 2), b.substr(0, b.size() - 2)) + 1);
}

TEST_CASE("the distance of two words is the least number of edits, either way") {
  check_property("pairs of words", 600, 20000, [] {
    const std::string a = drawn_word();
    const std::string b = drawn_word();
    RC_ASSERT(edit_distance(a, b) == slow_distance(a, b));
    RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
    RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
  });
}

TEST_CASE("no other word is nearer than the one that is suggested") {
  check_property("words and candidates", 2000, 50000, [] {
    const std::string word = drawn_word();
    std::vector<std::string> candidates;
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) candidates.push_back("a" + drawn_word());
    const std::string found(nearest(word, candidates));
    const std::size_t most = word.size() < 4 ? 1 : 2;
    const bool none = found.empty();
    for (const std::string& candidate : candidates) {
      const std::size_t distance = edit_distance(word, candidate);
      if (distance == 0 || distance > most) continue;
      RC_ASSERT(!none && edit_distance(word, found) <= distance);
    }
    if (!none) RC_ASSERT(edit_distance(word, found) <= most && found != word);
  });
}

}  // namespace
}  // namespace permward::test
