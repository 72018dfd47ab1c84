// SPDX-License-Identifier: Apache-2.0
#include "decide/name_matcher.hpp"

#include "support/catch.hpp"
#include "support/patterns.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

class Matched {
 public:
  explicit Matched(const std::vector<std::string>& globs) {
    for (const std::string& glob : globs) components_.push_back(component(glob));
    std::vector<const Component*> all;
    for (const Component& one : components_) all.push_back(&one);
    matcher_.emplace(std::move(all));
  }

  // A letter for each: whether it stands for the name.
  std::string operator()(const std::string& name) {
    const std::vector<const Component*> standing = matcher_->standing(matcher_->match(name));
    std::vector<const Component*> expected;
    std::string out;
    for (const Component& one : components_) {
      if (matches(one, name)) expected.push_back(&one);
      out += matches(one, name) ? 'y' : 'n';
    }
    REQUIRE(standing == expected);
    return out;
  }

  [[nodiscard]] NameMatcher::Set set(const std::string& name) { return matcher_->match(name); }
  [[nodiscard]] std::size_t bytes() const { return matcher_->bytes(); }

 private:
  std::deque<Component> components_;
  std::optional<NameMatcher> matcher_;
};

}  // namespace

TEST_CASE("a name is held against all components at once") {
  Matched matched({"conf", "*.conf", "[a-c]*", "{conf,x?}", "*", "????"});
  REQUIRE(matched("conf") == "ynyyyy");
  REQUIRE(matched("a.conf") == "nyynyn");
  REQUIRE(matched("xy") == "nnnyyn");
  REQUIRE(matched(".conf") == "nynnyn");
  REQUIRE(matched("con") == "nnynyn");
  REQUIRE(matched("conf.") == "nnynyn");
  REQUIRE(matched("\xff\xfe\x01z") == "nnnnyy");
}

TEST_CASE("names that the same components stand for have one set") {
  Matched matched({"a*", "*b"});
  REQUIRE(matched.set("ab") == matched.set("a-b"));
  REQUIRE(matched.set("ac") == matched.set("a"));
  REQUIRE(matched.set("ac") != matched.set("cb"));
  REQUIRE(matched.set("x") == matched.set("y"));
}

TEST_CASE("components that are alike are each by themselves") {
  Matched matched({"x", "x", "x*", "y"});
  REQUIRE(matched("x") == "yyyn");
}

TEST_CASE("what names of an enemy's can make of a few globs has a bound") {
  Matched matched({"*a??????????????", "*b?????????????", "*a?b??????????"});
  std::uint64_t random = 1;
  std::size_t bound = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string name;
    for (int i = 0; i < 40; ++i) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      name += (random >> 40 & 1) != 0 ? 'a' : 'b';
    }
    (void)matched(name);
    if (round == 1000) bound = matched.bytes();
  }
  REQUIRE(bound < 4U << 20);
  REQUIRE(matched.bytes() == bound);
}
