// SPDX-License-Identifier: Apache-2.0
#include "policy/words.hpp"

#include "policy/suggestions.hpp"
#include "support/catch.hpp"

#include <array>
#include <string>
#include <vector>

namespace permward {
namespace {

TEST_CASE("a quoted word is escaped and cut between characters") {
  CHECK(quoted("mode") == "'mode'");
  CHECK(quoted("a\nb\xff") == "'a\\x0ab\\xff'");
  const std::string cut = quoted(std::string(79, 'a') + "€€");
  CHECK(cut == "'" + std::string(79, 'a') + "…'");
  // What is not UTF-8 is cut anywhere.
  CHECK(quoted(std::string(100, '\x80')).ends_with("\\x80…'"));
}

TEST_CASE("words are listed as a sentence lists them") {
  const std::array<std::string_view, 3> words = {"a", "b", "c"};
  CHECK(one_of(words) == "'a', 'b' or 'c'");
  CHECK(one_of(std::span(words).first<2>()) == "'a' or 'b'");
  CHECK(one_of(std::span(words).first<1>()) == "'a'");
  CHECK(counted(1, "digit") == "1 digit");
  CHECK(counted(2, "digit") == "2 digits");
}

TEST_CASE("suggestions end when their budget is spent") {
  Suggestions suggestions;
  const std::array<std::string_view, 1> one = {"mode"};
  CHECK(suggestions.nearest_of("moed", one, "none") == "did you mean 'mode'?");
  CHECK(suggestions.nearest_of("zzzz", one, "none") == "none");
  const std::vector<std::string_view> many(400'000, "");
  CHECK(suggestions.nearest_of("x", many, "none") == "none");
  CHECK(suggestions.nearest_of("x", many, "none") == "none");
  CHECK(suggestions.nearest_of("moed", one, "none") == "did you mean 'mode'?");
}

}  // namespace
}  // namespace permward
