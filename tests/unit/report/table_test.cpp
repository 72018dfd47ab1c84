// SPDX-License-Identifier: Apache-2.0
#include "report/table.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

Cell cell(std::string_view text, Color color = Color::never) {
  Cell out(color);
  out.add(text, Style::bold);
  return out;
}

}  // namespace

TEST_CASE("columns line up, and nothing ends in blanks") {
  Table table({2, 1, 0}, 4);
  table.add({cell("a"), cell("bb"), cell("c")});
  table.add({cell("aa"), cell("b"), cell("")});
  REQUIRE(table.text(1) == " a     bb c\n aa    b\n");
}

TEST_CASE("a column without anything in it takes no room") {
  Table table({2, 9, 0}, 0);
  table.add({cell("a"), cell(""), cell("c")});
  REQUIRE(table.text(0) == "a  c\n");
}

TEST_CASE("lines stand between rows as they are, and widen no column") {
  Table table({2, 0}, 0);
  table.add_line(cell("a long line"));
  table.add({cell("a"), cell("b")});
  REQUIRE(table.text(3) == "a long line\n   a  b\n");
}

TEST_CASE("a cell is as wide as what is seen of it") {
  REQUIRE(cell("ä→", Color::always).width() == 2);
  REQUIRE(cell("ä→", Color::always).text() == "\x1b[1mä→\x1b[0m");
}
