// SPDX-License-Identifier: Apache-2.0
#include "cli/selection.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

Policy policy() {
  Policy out;
  out.rules.resize(2);
  out.rules[0].id = "web-conf";
  out.rules[0].tags = {"web"};
  out.rules[1].id = "ssh-keys";
  out.rules[1].severity = Severity::high;
  return out;
}

std::vector<bool> selection(const Options& options) {
  return std::get<std::vector<bool>>(selected_rules(options, policy()));
}

UsageError mistake(const Options& options) {
  return std::get<UsageError>(selected_rules(options, policy()));
}

}  // namespace

TEST_CASE("without a filter every rule is selected") {
  REQUIRE_FALSE(filtered({}));
  REQUIRE(selection({}) == std::vector<bool>{true, true});
}

TEST_CASE("a filter that selects a rule is no mistake") {
  Options options;
  options.tags = {"web"};
  REQUIRE(filtered(options));
  REQUIRE(selection(options) == std::vector<bool>{true, false});
}

TEST_CASE("one that selects nothing is, with the nearest tag") {
  Options options;
  options.tags = {"wbe"};
  REQUIRE(mistake(options).message == "--tag, --rule and --severity select no rule");
  REQUIRE(mistake(options).hint == "did you mean `--tag web`?");
  options.tags.clear();
  options.severity = Severity::critical;
  REQUIRE(mistake(options).hint.empty());
}
