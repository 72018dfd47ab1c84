// SPDX-License-Identifier: Apache-2.0
#include "cli/source_lines.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

Diagnostic at(std::string file, std::uint32_t line) {
  Diagnostic out;
  out.file = std::move(file);
  out.line = line;
  return out;
}

}  // namespace

TEST_CASE("a diagnostic gets the line that it speaks of") {
  const std::vector<SourceFile> files = {{"a.toml", "one\ntwo\n"}, {"b.toml", "three\r\nfour"}};
  Diagnostics diagnostics = {at("a.toml", 2), at("b.toml", 1), at("b.toml", 2), at("a.toml", 1)};
  add_source_lines(diagnostics, files);
  REQUIRE(diagnostics[0].source_line == "two");
  REQUIRE(diagnostics[1].source_line == "three");
  REQUIRE(diagnostics[2].source_line == "four");
  REQUIRE(diagnostics[3].source_line == "one");
}

TEST_CASE("what has a line keeps it, and what has no place gets none") {
  const std::vector<SourceFile> files = {{"a.toml", "one\n"}};
  Diagnostics diagnostics = {at("a.toml", 1), at("a.toml", 0), at("", 1), at("c.toml", 1)};
  diagnostics[0].source_line = "kept";
  add_source_lines(diagnostics, files);
  REQUIRE(diagnostics[0].source_line == "kept");
  for (std::size_t i = 1; i < 4; ++i) REQUIRE(diagnostics[i].source_line.empty());
}
