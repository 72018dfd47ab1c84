// SPDX-License-Identifier: Apache-2.0
#include "policy/overrides.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

const std::string rule_r = "[[rule]]\nid = 'r'\npath = '/a'\nowner = 'root'\nmode = '0644'\n";

TEST_CASE("an override replaces a key whole, and the clause stands where the override does") {
  const Loaded loaded = load_texts(
      {rule_r, "[[override]]\nrule = 'r'\nmode = { at_most = '0640' }\nseverity = 'low'\n"});
  const Rule& rule = only_rule(loaded);
  CHECK(rule.severity == Severity::low);
  CHECK(rule.pos == Pos{0, 2, 1});
  const Clause* mode = find_clause(rule, Aspect::mode);
  CHECK(mode->pos == Pos{1, 4, 1});
  CHECK(std::get<ModeWant>(mode->want).form == ModeWant::Form::bounds);
  CHECK(find_clause(rule, Aspect::owner)->pos == Pos{0, 5, 1});
}

TEST_CASE("an override may stand before its rule, and the later one counts") {
  const Loaded loaded = load_texts({"[[override]]\nrule = 'r'\ntags = ['x']\nmode = '0600'\n",
                                    rule_r, "[[override]]\nrule = 'r'\nmode = '0640'\n"});
  CHECK(only_rule(loaded).tags == Strings{"x"});
  CHECK(want_of<ModeWant>(loaded, Aspect::mode).at_most == 0640);
}

TEST_CASE("a disabled rule stays, with neither clauses nor accounts") {
  const Loaded loaded = load_text("[policy]\ntrust = ['@t']\n" + rule_r +
                                  "[[override]]\nrule = 'r'\ndisabled = true\n");
  const Rule& rule = only_rule(loaded);
  CHECK(rule.disabled);
  CHECK(rule.id == "r");
  CHECK(rule.clauses.empty());
  CHECK(rule.trust.empty());
  CHECK(loaded.policy.accounts.size() == 1);  // that of the file's trust
  const Loaded again = load_text(rule_r + "[[override]]\nrule = 'r'\ndisabled = true\n" +
                                 "[[override]]\nrule = 'r'\ndisabled = false\n");
  CHECK_FALSE(only_rule(again).disabled);
}

TEST_CASE("accounts that an override replaced are nobody's") {
  const Loaded loaded = load_text(rule_r + "[[override]]\nrule = 'r'\nowner = 'other'\n");
  REQUIRE(loaded.policy.accounts.size() == 1);
  CHECK(loaded.policy.accounts[0].text == "other");
}

TEST_CASE("an override of no rule is a warning, and its keys are checked") {
  const Loaded loaded = load_text(rule_r + "[[override]]\nrule = 'rr'\nmode = '9'\nfoo = 1\n");
  CHECK(places(loaded) == Strings{"W0601 8:9", "E0411 9:9", "E0201 10:1"});
  CHECK(loaded.diagnostics[0].help == "did you mean 'r'?");
  CHECK(loaded.diagnostics[2].message == "no key 'foo' in [[override]]");
}

TEST_CASE("mistakes in replaced keys and in overrides are reported once") {
  const Loaded loaded = load_text(
      "[[rule]]\nid = 'r'\npath = '/a'\nmode = '9'\nfoo = 1\n"
      "[[override]]\nrule = 'r'\nmode = '8'\nbar = 1\ndisabled = 1\n");
  CHECK(places(loaded) ==
        Strings{"E0411 5:9", "E0201 6:1", "E0411 9:9", "E0201 10:1", "E0202 11:12"});
}

TEST_CASE("what keys cannot say together is judged of what is in force") {
  const std::string tree = "[[rule]]\nid = 'r'\npath = '/'\nrecurse = true\nowner = 'a'\n";
  CHECK(load_text(tree + "[[override]]\nrule = 'r'\nenforce = false\n").diagnostics.empty());
  CHECK(codes_of(load_text(rule_r + "[[override]]\nrule = 'r'\npresence = 'forbidden'\n")) ==
        Strings{"E0502"});
}

TEST_CASE("an override cannot change what a rule is about") {
  CHECK(
      places(load_text(rule_r + "[[override]]\nrule = 'r'\nid = 'x'\npath = '/b'\npaths = []\n")) ==
      Strings{"E0201 9:1", "E0201 10:1", "E0201 11:1"});
  CHECK(only_mistake(load_text(rule_r + "[[override]]\nrule = 'r'\npath = '/b'\n")) ==
        "an override cannot change 'path' (disable the rule, and write another)");
}

TEST_CASE("an override names its rule") {
  CHECK(places(load_text(rule_r + "[[override]]\nmode = '0600'\n")) == Strings{"E0204 7:1"});
  CHECK(places(load_text(rule_r + "[[override]]\nrule = 1\n")) == Strings{"E0202 8:8"});
  CHECK(places(load_text("[variables]\nx = 'r'\n" + rule_r +
                         "[[override]]\nrule = '${x}'\nmode = '0600'\n"))
            .empty());
}

}  // namespace
}  // namespace permward::test
