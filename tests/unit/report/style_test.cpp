// SPDX-License-Identifier: Apache-2.0
#include "report/style.hpp"

#include "support/catch.hpp"

#include <array>
#include <set>

using namespace permward;

TEST_CASE("without colour nothing is added to a text") {
  REQUIRE(styled("text", Style::critical, Color::never) == "text");
}

TEST_CASE("a style is set and reset around its text, and never around nothing") {
  REQUIRE(styled("text", Style::bad, Color::always) == "\x1b[31mtext\x1b[0m");
  REQUIRE(styled("text", Style::plain, Color::always) == "text");
  REQUIRE(styled("", Style::bold, Color::always) == "");
}

TEST_CASE("each severity looks different") {
  std::set<std::string> looks;
  for (std::size_t i = 0; i < severity_names.size(); ++i) {
    looks.insert(styled("x", style_of(static_cast<Severity>(i)), Color::always));
  }
  REQUIRE(looks.size() == severity_names.size());
}

TEST_CASE("every style but plain has a code") {
  for (const Style style : {Style::bold, Style::dim, Style::good, Style::notice}) {
    REQUIRE(styled("x", style, Color::always).find("\x1b[m") == std::string::npos);
  }
}
