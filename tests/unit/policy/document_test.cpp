// SPDX-License-Identifier: Apache-2.0
#include "policy/document.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

std::string shown(Pos pos) { return std::to_string(pos.line) + ':' + std::to_string(pos.column); }

struct Parse {
  explicit Parse(std::string_view text) : lines(text), document(Document::parse(lines, 0)) {}
  Lines lines;
  Parsed<Document> document;

  [[nodiscard]] std::vector<Entry> entries() const { return document->root().entries(); }
};

std::string syntax_error(std::string_view text) {
  const Parse parse(text);
  if (parse.document) return "none";
  const TextError& error = parse.document.error();
  return std::to_string(error.offset) + ' ' + error.message;
}

TEST_CASE("values keep their kinds") {
  const Parse parse(
      "a = \"x\"\nb = 1\nc = 1.5\nd = true\ne = 2027-03-31\nf = 07:32:00\ng = []\nh = {}\n"
      "i = 2027-03-31T07:32:00Z\n");
  std::string kinds;
  for (const Entry& entry : parse.entries()) {
    kinds += std::string(with_article(entry.value().kind())) + ", ";
  }
  CHECK(kinds ==
        "a string, an integer, a real number, true or false, a date, a time, an array, a table, a "
        "time, ");
  const auto entries = parse.entries();
  CHECK(entries[0].value().text() == "x");
  CHECK(entries[1].value().integer() == 1);
  CHECK(entries[3].value().boolean());
  CHECK(entries[4].value().date() ==
        std::chrono::year{2027} / std::chrono::March / std::chrono::day{31});
}

TEST_CASE("keys come in the order of the file") {
  const Parse parse("z = 1\nm = 2\na = 3\n");
  std::string order;
  for (const Entry& entry : parse.entries()) order += entry.key();
  CHECK(order == "zma");
}

TEST_CASE("a key is found by its name") {
  const Parse parse("z = 1\na.b = 2\n");
  const Value root = parse.document->root();
  CHECK(root.find("z")->value().integer() == 1);
  CHECK(shown(root.find("a")->pos()) == "2:1");
  CHECK_FALSE(root.find("b"));
}

TEST_CASE("positions count bytes") {
  const Parse parse("\"é\" = [\"ü\", \"x\"]\n  b.c = 2\n");
  const auto entries = parse.entries();
  CHECK(shown(entries[0].pos()) == "1:1");
  CHECK(shown(entries[0].value().pos()) == "1:8");
  CHECK(shown(entries[0].value().items()[1].pos()) == "1:15");
  CHECK(shown(entries[1].pos()) == "2:3");
  CHECK(shown(entries[1].value().entries()[0].pos()) == "2:5");
}

TEST_CASE("a table with a header of its own stands where its first key does") {
  const Parse parse("[[rule]]\n[rule.mode]\n# x\nat_most = 1\nat_least = 2\n[rule.empty]\n");
  const Value rule = parse.entries()[0].value().items()[0];
  CHECK(shown(rule.pos()) == "1:1");
  const auto entries = rule.entries();
  CHECK(shown(entries[0].pos()) == "4:1");
  CHECK(shown(entries[1].pos()) == "6:7");
}

TEST_CASE("a place in a string is found where the file has the text as it is") {
  const Parse parse("a = \"0q40\"\nb = 'x\\y'\nc = \"a\\tb\"\nd = \"\"\"xy\"\"\"\n");
  const auto entries = parse.entries();
  CHECK(shown(entries[0].value().pos(1)) == "1:7");
  CHECK(shown(entries[1].value().pos(2)) == "2:8");
  CHECK(shown(entries[2].value().pos(2)) == "3:5");
  CHECK(shown(entries[3].value().pos(1)) == "4:5");
}

TEST_CASE("a number is shown as it is written") {
  const Parse parse("a = 0o644 # x\nb = [644,0x1a4]\nc = 1_000\n");
  const auto entries = parse.entries();
  CHECK(entries[0].value().spelling() == "0o644");
  CHECK(entries[1].value().items()[0].spelling() == "644");
  CHECK(entries[1].value().items()[1].spelling() == "0x1a4");
  CHECK(entries[2].value().spelling() == "1_000");
}

TEST_CASE("a syntax error is a place and a message in our wording") {
  CHECK(syntax_error("a = 1\na = 2\n") == "10 cannot redefine existing integer 'a'");
  CHECK(syntax_error("a = ") == "4 encountered end-of-file");
  CHECK(syntax_error("x = \"é\nb").starts_with("7 "));
  CHECK(syntax_error("[a\n").starts_with("2 "));
}

TEST_CASE("what toml++ asserts instead of looking at is a syntax error") {
  CHECK(syntax_error("[{\n").starts_with("1 expected bare key starting character"));
  CHECK(syntax_error("[[=]]\n").starts_with("2 expected bare key"));
}

TEST_CASE("letters beyond ASCII stand in strings and comments, and nowhere else") {
  for (const char* letter : {"é", "Ж", "⺟", "ﹿ", "\u00a0", "\u2028", "\U0001f600"}) {
    INFO(letter);
    CHECK(syntax_error(std::string(letter) + " = 1\n") != "none");
    CHECK(syntax_error("a" + std::string(letter) + " = 1\n") != "none");
    CHECK(syntax_error("a = " + std::string(letter) + "\n") != "none");
    CHECK(syntax_error("a = 1" + std::string(letter) + "\n") != "none");
    CHECK(syntax_error("a = \"\"\"\\" + std::string(letter) + "\"\"\"\n") != "none");
    const Parse parse("a = \"\"\"x \\\n  " + std::string(letter) + "\"\"\" # " + letter + "\n");
    REQUIRE(parse.document);
    // toml++ takes a blank of another kind for one of TOML's.
    if (letter == std::string("\u00a0")) continue;
    CHECK(parse.entries()[0].value().text() == "x " + std::string(letter));
  }
}

TEST_CASE("a mode without quotes is shown with them") {
  const Parse parse("mode = 0644\n");
  REQUIRE_FALSE(parse.document);
  CHECK(parse.document.error().help == "a mode is written in quotes: \"0644\"");
}

TEST_CASE("a document can be moved") {
  Parse parse("a = 1\n");
  const Value root = parse.document->root();
  Document moved = std::move(*parse.document);
  Document again = std::move(moved);
  moved = std::move(again);
  CHECK(root.entries().size() == 1);
  CHECK(moved.root().entries()[0].key() == "a");
}

}  // namespace
}  // namespace permward
