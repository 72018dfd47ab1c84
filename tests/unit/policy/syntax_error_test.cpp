// SPDX-License-Identifier: Apache-2.0
#include "policy/syntax_error.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

TEST_CASE("what toml++ says becomes a message of ours") {
  const auto message = [](std::string_view said) { return syntax_error(said, "", 0).message; };
  CHECK(message("Error while parsing key: expected '=', saw 'x'") == "expected '=', saw 'x'");
  CHECK(message("Error while parsing a thing") == "error while parsing a thing");
  CHECK(message("Ends with a stop.") == "ends with a stop");
  CHECK(message("saw '\\n' and \n and \xff") == "saw '\\n' and \\x0a and \\xff");
  CHECK(message("") == "");
  CHECK(syntax_error("x", "", 7).offset == 7);
  CHECK(syntax_error("x", "", 7).code == Code::syntax);
}

TEST_CASE("the mistakes that people make have a help") {
  const auto help = [](std::string_view text) { return load_text(text).diagnostics.at(0).help; };
  CHECK(help("owner = root\n") == "text stands in quotes, as in 'owner = \"root\"'");
  CHECK(help("path = /etc\n") == "text stands in quotes, as in 'owner = \"root\"'");
  CHECK(help("a = 1\na = 2\n") == "a key stands once in its table, and a table once");
  CHECK(help("[a]\n[a]\n") == "a key stands once in its table, and a table once");
  CHECK(help("a = [1, 2\n") == "a bracket or a quote is not closed");
  CHECK(help("a = \"b\n") == "a string in single or double quotes ends in its line");
  CHECK(help("a = { b = 1,\n c = 2 }\n") == "an inline table stands in one line");
  CHECK(help("a = { b = 1, }\n") == "an inline table ends without a comma");
  CHECK(help("a = \"\\d\"\n") == "a string in single quotes takes backslashes as they are");
  CHECK(help("a = 1 2\n") == "a line has one key and one value");
  CHECK(help("= 1\n").starts_with("a line has a key"));
  CHECK(help("mode = 0644\n") == "a mode is written in quotes: \"0644\"");
  CHECK(help("mode = 00\n") == "a mode is written in quotes: \"00\"");
  CHECK(help("a 1\n").empty());
}

}  // namespace
}  // namespace permward::test
