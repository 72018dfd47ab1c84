// SPDX-License-Identifier: Apache-2.0
#include "policy/screen.hpp"

#include "support/catch.hpp"

#include <string>

namespace permward {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// "E0106 65", or "" for a text that passes.
std::string refused(std::string_view text) {
  const auto refusal = refuse_content(text);
  if (!refusal) return "";
  return std::string(row(refusal->code).text) + ' ' + std::to_string(refusal->offset.value());
}

TEST_CASE("a file over 16 MiB or two million lines is refused whole") {
  CHECK_FALSE(refuse_size(std::string(most_bytes, 'x')));
  const auto large = refuse_size(std::string(most_bytes + 1, 'x'));
  REQUIRE(large);
  CHECK(large->code == Code::file_too_large);
  CHECK_FALSE(large->offset);
  CHECK_FALSE(refuse_size(std::string(most_lines, '\n')));
  CHECK(refuse_size(std::string(most_lines + 1, '\n')));
}

TEST_CASE("NUL bytes and what is not UTF-8 are refused where they stand") {
  CHECK(refused(std::string_view("a = 1\n\0", 7)) == "E0102 6");
  CHECK(refused("x = \"\xff\xfe\"") == "E0103 5");
  CHECK(refused("x = \"\xc0\xaf\"") == "E0103 5");      // overlong
  CHECK(refused("x = \"\xed\xa0\x80\"") == "E0103 5");  // a surrogate
  CHECK(refused("x = \"é€😀\"").empty());
}

TEST_CASE("nesting is refused beyond 16 levels") {
  CHECK(refused("x=" + repeated("[", 16)).empty());
  CHECK(refused("x=" + repeated("[", 17)) == "E0106 18");
  CHECK(refused("x=" + repeated("{a=", 16)).empty());
  CHECK(refused("x=" + repeated("{a=", 17)) == "E0106 50");
  CHECK(refused("x=" + repeated("[]", 100)).empty());
  CHECK(refused(repeated("]", 100) + repeated("[", 16)).empty());
}

TEST_CASE("the dots of a key are levels of what it leads to") {
  CHECK(refused("x=" + repeated("{a.b.c=", 6)).empty());  // 1, and 5 times 3
  CHECK(refused("x=" + repeated("{a.b.c=", 7)).starts_with("E0106"));
  CHECK(refused("x=[" + repeated("{a.b=1},", 100) + "]").empty());
}

TEST_CASE("a key has at most 16 dots") {
  CHECK(refused(repeated("a.", 16) + "b=1").empty());
  CHECK(refused(repeated("a.", 17) + "b=1") == "E0107 33");
  CHECK(refused("[" + repeated("a.", 17) + "b]").starts_with("E0107"));
  CHECK(refused(repeated("a . ", 17) + "b=1").starts_with("E0107"));
  CHECK(refused(repeated("\"a\".", 17) + "b=1").starts_with("E0107"));
  CHECK(refused("x=[" + repeated("1.5,", 100) + "]").empty());
  CHECK(refused(repeated("x=1.5\n", 100)).empty());
}

TEST_CASE("brackets and dots in strings and comments do not count") {
  const std::string many = repeated("[.{=,", 100);
  CHECK(refused("x=\"" + many + "\"").empty());
  CHECK(refused("x='" + many + "'").empty());
  CHECK(refused("x=\"\"\"\n" + many + "\n\"\"\"").empty());
  CHECK(refused("x='''\n" + many + "\n'''").empty());
  CHECK(refused("# " + many).empty());
  CHECK(refused("x=\"\\\"" + many + "\"").empty());
  CHECK(refused("x=\"\"\"\\\"\"\"" + many + "\"\"\"").empty());
  CHECK(refused("x='\\'" + many).starts_with("E010"));  // a literal string has no escapes
}

TEST_CASE("what follows a string counts again") {
  const std::string deep = repeated("[", 17);
  CHECK(refused("x=\"\"" + deep).starts_with("E0106"));
  CHECK(refused("x=\"\"\"a\"\"\"\"\"" + deep).starts_with("E0106"));  // two quotes more are its own
  CHECK(refused("x='''a'''''" + deep).starts_with("E0106"));
  CHECK(refused("x=\"a\n" + deep).starts_with("E0106"));  // not closed: the line ends it
  CHECK(refused("# a\n" + deep).starts_with("E0106"));
  CHECK(refused("x=\"" + repeated("\\", 9999)).empty());
}

TEST_CASE("at most 1.2 million values") {
  CHECK(refused("x=[" + std::string(most_values - 2, ',')).empty());
  CHECK(refused("x=[" + std::string(most_values - 1, ',')) == "E0105 1200001");
}

TEST_CASE("at most 50,000 dotted keys, and names of tables with two dots") {
  CHECK(refused(repeated("a.b=1\n", most_dotted_keys)).empty());
  CHECK(refused(repeated("a.b=1\n", most_dotted_keys + 1)).starts_with("E0108"));
  CHECK(refused(repeated("[a.b.c]\n", most_dotted_keys + 1)).starts_with("E0108"));
  CHECK(refused(repeated("[[rule]]\n[rule.files]\n", most_dotted_keys + 1)).empty());
}

TEST_CASE("at most a thousand names of tables that differ") {
  std::string text;
  for (std::size_t i = 0; i < most_tables; ++i) text += "[[t" + std::to_string(i) + "]] # x\n";
  CHECK(refused(text).empty());
  CHECK(refused(text + text).empty());
  CHECK(refused(text + "[[\"]1\"]]\n").starts_with("E0108"));
  CHECK(refused(text + "x = [\n[1],\n[2],\n[3]\n]\n").empty());
}

}  // namespace
}  // namespace permward
