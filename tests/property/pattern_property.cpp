// SPDX-License-Identifier: Apache-2.0
// Matching with one remembered star says what trying every way says.
#include "decide/name_matcher.hpp"
#include "model/pattern.hpp"
#include "property/precedence_model.hpp"
#include "support/patterns.hpp"
#include "support/property.hpp"

#include <deque>
#include <string>
#include <vector>

namespace permward::test {
namespace {

std::string drawn_text(const std::vector<std::string>& pool, int most) {
  std::string out;
  for (int i = *rc::gen::inRange(0, most + 1); i > 0; --i) out += *rc::gen::elementOf(pool);
  return out;
}

TEST_CASE("a component matches just the names that some way of taking it apart matches") {
  check_property("globs and names", 6000, 200000, [] {
    const std::string glob = drawn_text({"a", "b", "*", "?", "[!a]", "{a,bb}", "{,b}", "."}, 6);
    RC_PRE(!glob.empty() && glob != "**");
    const std::string text = drawn_text({"a", "b", "."}, 7);
    const Component one = component(glob);
    RC_LOG() << glob << " and " << text << '\n';
    RC_ASSERT(matches(one, text) == slowly_matches(one, text));
  });
}

TEST_CASE("components held against a name together stand for it as each does by itself") {
  check_property("lists of globs and names", 2000, 60000, [] {
    std::deque<Component> components;
    std::vector<const Component*> all;
    for (int i = *rc::gen::inRange(1, 9); i > 0; --i) {
      const std::string glob =
          drawn_text({"a", "b", "*", "?", "[!a]", "[a-m]", "{a,bb}", "{,b}", "."}, 6);
      if (glob.empty() || glob == "**") continue;
      all.push_back(&components.emplace_back(component(glob)));
    }
    NameMatcher matcher(all);
    for (int i = 0; i < 20; ++i) {
      const std::string text = drawn_text({"a", "b", ".", "z", "\xff"}, 7);
      std::vector<const Component*> expected;
      for (const Component* const one : all) {
        if (matches(*one, text)) expected.push_back(one);
      }
      RC_LOG() << text << '\n';
      RC_ASSERT(matcher.standing(matcher.match(text)) == expected);
    }
  });
}

TEST_CASE("a pattern matches just the paths that some way of taking it apart matches") {
  check_property("patterns and paths", 6000, 200000, [] {
    const std::vector<std::string> parts = {"/a", "/b", "/*", "/a*", "/**"};
    std::string glob = drawn_text(parts, 5);
    // A run of double stars is one.
    for (std::size_t at = glob.find("/**/**"); at != glob.npos; at = glob.find("/**/**")) {
      glob.erase(at, 3);
    }
    if (glob.empty()) glob = "/";
    const std::string path = drawn_text({"/a", "/b", "/ab"}, 5);
    const Pattern one = pattern(glob);
    RC_LOG() << glob << " and " << path << '\n';
    RC_ASSERT(matches(one, path.empty() ? "/" : path) ==
              slowly_matches(components(glob), names_of(path)));
    RC_ASSERT(matches(components(glob), path) == slowly_matches(components(glob), names_of(path)));
  });
}

}  // namespace
}  // namespace permward::test
