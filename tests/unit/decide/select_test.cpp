// SPDX-License-Identifier: Apache-2.0
#include "decide/select.hpp"

#include "support/catch.hpp"
#include "support/patterns.hpp"
#include "support/policies.hpp"

#include <vector>

namespace permward {
namespace {

using test::component;
using test::on;
using test::policy_of;

Policy four() {
  return policy_of({on("/a").id("cis-1.1").severity(Severity::low).tags({"cis", "boot"}),
                    on("/b").id("cis-1.2").severity(Severity::high).tags({"cis"}),
                    on("/c").id("web").severity(Severity::medium),
                    on("/d").id("cis-off").severity(Severity::critical).tags({"cis"}).disabled()});
}

TEST_CASE("without a filter every rule is selected that is enabled") {
  REQUIRE(select_rules(four(), {}) == std::vector<bool>{true, true, true, false});
}

TEST_CASE("a tag selects the rules that have it, of several tags any") {
  RuleFilter filter;
  filter.tags = {"boot"};
  REQUIRE(select_rules(four(), filter) == std::vector<bool>{true, false, false, false});
  filter.tags = {"boot", "cis"};
  REQUIRE(select_rules(four(), filter) == std::vector<bool>{true, true, false, false});
  filter.tags = {"nothing"};
  REQUIRE(select_rules(four(), filter) == std::vector<bool>(4, false));
}

TEST_CASE("rules are selected by globs on their ids") {
  RuleFilter filter;
  filter.ids = {component("cis-*")};
  REQUIRE(select_rules(four(), filter) == std::vector<bool>{true, true, false, false});
  filter.ids = {component("web"), component("*.2")};
  REQUIRE(select_rules(four(), filter) == std::vector<bool>{false, true, true, false});
}

TEST_CASE("a severity selects what is at least as severe") {
  RuleFilter filter;
  filter.at_least = Severity::medium;
  REQUIRE(select_rules(four(), filter) == std::vector<bool>{false, true, true, false});
  filter.at_least = Severity::critical;
  REQUIRE(select_rules(four(), filter) == std::vector<bool>(4, false));
}

TEST_CASE("filters of several kinds select what passes all of them") {
  RuleFilter filter;
  filter.tags = {"cis"};
  filter.at_least = Severity::medium;
  REQUIRE(select_rules(four(), filter) == std::vector<bool>{false, true, false, false});
  filter.ids = {component("cis-1.1")};
  REQUIRE(select_rules(four(), filter) == std::vector<bool>(4, false));
}

}  // namespace
}  // namespace permward
