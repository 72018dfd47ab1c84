// SPDX-License-Identifier: Apache-2.0
#include "model/rule.hpp"

#include "support/catch.hpp"
#include "support/policies.hpp"

namespace permward {
namespace {

using test::exact;
using test::on;
using test::on_all;
using test::policy_of;

TEST_CASE("severities rise from info to critical") {
  REQUIRE(severity_named("info") == Severity::info);
  REQUIRE(severity_named("low") == Severity::low);
  REQUIRE(severity_named("medium") == Severity::medium);
  REQUIRE(severity_named("high") == Severity::high);
  REQUIRE(severity_named("critical") == Severity::critical);
  REQUIRE(Severity::info < Severity::low);
  REQUIRE(Severity::high < Severity::critical);
  for (const char* text : {"", "Critical", "crit", "medium "}) REQUIRE_FALSE(severity_named(text));
  for (const std::string_view text : severity_names) REQUIRE(name(*severity_named(text)) == text);
}

TEST_CASE("a rule says nothing of an aspect that no clause is about") {
  const Policy policy = policy_of({on("/etc/x").mode(exact(0644))});
  const Rule& rule = policy.rules[0];
  REQUIRE(find_clause(rule, Aspect::mode) != nullptr);
  REQUIRE(find_clause(rule, Aspect::mode)->aspect == Aspect::mode);
  REQUIRE(find_clause(rule, Aspect::presence) != nullptr);
  REQUIRE(find_clause(rule, Aspect::owner) == nullptr);
}

TEST_CASE("a glob must match something only where its presence is required") {
  const auto required = [](const test::RuleSpec& spec) {
    return requires_matches(policy_of({spec}).rules[0]);
  };
  REQUIRE_FALSE(required(on("/etc/*.conf").mode(exact(0644))));
  REQUIRE(required(on("/etc/*.conf").mode(exact(0644)).presence(Presence::required)));
  REQUIRE(required(on("/etc/*.conf")));  // a rule without a demand demands presence
  REQUIRE_FALSE(required(on("/etc/*.bak").presence(Presence::forbidden)));
  // Of a rule with both, the literal paths are required, and no match.
  REQUIRE_FALSE(required(on_all({"/etc/x", "/etc/*.conf"}).mode(exact(0644))));
  REQUIRE(
      required(on_all({"/etc/x", "/etc/*.conf"}).mode(exact(0644)).presence(Presence::required)));
  REQUIRE_FALSE(requires_matches(Rule{}));
}

}  // namespace
}  // namespace permward
