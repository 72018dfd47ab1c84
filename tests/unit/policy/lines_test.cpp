// SPDX-License-Identifier: Apache-2.0
#include "policy/lines.hpp"

#include "support/catch.hpp"

#include <string>

namespace permward {
namespace {

TEST_CASE("a byte offset becomes a line and a column in bytes") {
  const Lines lines("ab\n\ncd");
  const auto place = [&lines](std::size_t offset) {
    const Lines::Place at = lines.place(offset);
    return std::to_string(at.line) + ':' + std::to_string(at.column);
  };
  CHECK(place(0) == "1:1");
  CHECK(place(2) == "1:3");  // the line break itself
  CHECK(place(3) == "2:1");
  CHECK(place(4) == "3:1");
  CHECK(place(6) == "3:3");  // the end of the text
}

TEST_CASE("columns that count characters become columns in bytes") {
  const std::string text = "é = 1\nx = \"aé\" # ü\nplain\n€€x";
  const Lines lines(text);
  const auto byte_column = [&lines](std::uint32_t line, std::uint32_t character) {
    const Lines::Place place = lines.place(line, character);
    CHECK(place.line == line);
    return place.column;
  };
  CHECK(byte_column(1, 1) == 1);
  CHECK(byte_column(1, 2) == 3);
  CHECK(byte_column(2, 7) == 7);
  CHECK(byte_column(2, 8) == 9);
  CHECK(byte_column(3, 5) == 5);
  CHECK(byte_column(4, 3) == 7);
}

TEST_CASE("characters are found far from any anchor as well") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += i % 3 == 0 ? "€" : "a";
  const Lines lines(text);
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    REQUIRE(lines.offset(1, i + 1) == at);
    at += i % 3 == 0 ? 3U : 1U;
  }
  CHECK(lines.offset(1, 5001) == text.size());
}

TEST_CASE("a place beyond the text is its end") {
  const Lines lines("a\nb");
  CHECK(lines.offset(9, 1) == 3);
  CHECK(lines.offset(0, 1) == 3);
  CHECK(lines.offset(2, 600) == 3);
  CHECK(Lines("").offset(1, 1) == 0);
}

TEST_CASE("a line is shown without its line break") {
  const Lines lines("one\r\ntwo\n\nfour");
  CHECK(lines.line(1) == "one");
  CHECK(lines.line(2) == "two");
  CHECK(lines.line(3).empty());
  CHECK(lines.line(4) == "four");
  CHECK(lines.line(5).empty());
  CHECK(lines.line(0).empty());
}

}  // namespace
}  // namespace permward
