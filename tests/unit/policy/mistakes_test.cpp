// SPDX-License-Identifier: Apache-2.0
#include "policy/mistakes.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

std::vector<Source> one_source(std::string_view text) { return {{"p.toml", Lines(text)}}; }

TEST_CASE("mistakes come by file, line and column") {
  Mistakes mistakes(2);
  mistakes.add(Code::unknown_key, {1, 1, 1}, "e");
  mistakes.add(Code::unknown_key, {0, 2, 5}, "c");
  mistakes.add(Code::without_effect, {0, 2, 7}, "d");
  mistakes.add(Code::unknown_key, {0, 2, 1}, "b");
  mistakes.add(Code::without_effect, {0, 1, 9}, "a", "help");
  const std::vector<Source> sources = {{"1", Lines("x\ny")}, {"2", Lines("z")}};
  const Diagnostics out = mistakes.diagnostics(sources);
  std::string order;
  for (const Diagnostic& diagnostic : out) order += diagnostic.message;
  CHECK(order == "abcde");
  CHECK(out[0].severity == Diagnostic::Severity::warning);
  CHECK(out[0].help == "help");
  CHECK(out[1].severity == Diagnostic::Severity::error);
  CHECK(out[1].source_line == "y");
  CHECK(out[4].file == "2");
}

TEST_CASE("one mistake at one place is reported once") {
  Mistakes mistakes(1);
  for (int i = 0; i < 3; ++i) mistakes.add(Code::bad_mode, {0, 1, 1}, "wrong");
  CHECK(mistakes.diagnostics(one_source("x")).size() == 1);
}

TEST_CASE("a file shows its foremost hundred errors, and how many there are beyond") {
  Mistakes mistakes(1);
  for (std::uint32_t line = 150; line > 0; --line) {
    mistakes.add(Code::bad_mode, {0, line, 1}, "wrong");
  }
  const Diagnostics out = mistakes.diagnostics(one_source(""));
  REQUIRE(out.size() == 101);
  CHECK(out[0].line == 1);
  CHECK(out[99].line == 100);
  CHECK(out[100].code == "E0199");
  CHECK(out[100].message == "the file has 50 mistakes beyond these");
}

TEST_CASE("a hundred warnings do not hide an error") {
  Mistakes mistakes(1);
  for (std::uint32_t line = 1; line < 103; ++line) {
    mistakes.add(Code::without_effect, {0, line, 1}, "odd");
  }
  mistakes.add(Code::bad_mode, {0, 200, 1}, "wrong");
  const Diagnostics out = mistakes.diagnostics(one_source(""));
  CHECK(has_errors(out));
  CHECK(out.size() == 102);
  CHECK(out[101].code == "W0199");
  CHECK(out[101].message == "the file has 2 warnings beyond these");
}

TEST_CASE("whoever takes trouble with a message can ask whether it is wanted") {
  Mistakes mistakes(1);
  CHECK(mistakes.wants(Code::bad_mode, {0, 9, 1}));
  for (std::uint32_t line = 1; line <= Mistakes::limit; ++line) {
    mistakes.add(Code::bad_mode, {0, line, 2}, "wrong");
  }
  CHECK(mistakes.wants(Code::bad_mode, {0, 1, 1}));
  CHECK_FALSE(mistakes.wants(Code::bad_mode, {0, 900, 1}));
  CHECK(mistakes.diagnostics(one_source("")).back().message ==
        "the file has 1 mistake beyond these");
}

TEST_CASE("a source line is cut where it is long") {
  Mistakes mistakes(1);
  mistakes.add(Code::bad_mode, {0, 1, 1}, "wrong");
  const std::string text(5000, 'x');
  CHECK(mistakes.diagnostics(one_source(text))[0].source_line.size() == 400);
}

}  // namespace
}  // namespace permward
