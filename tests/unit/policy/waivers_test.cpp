// SPDX-License-Identifier: Apache-2.0
#include "policy/waiver_reader.hpp"
#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

Loaded load_waiver(const std::string& keys) {
  return load_text("[[rule]]\nid = 'cis-1'\npath = '/a'\n[[waiver]]\n" + keys + "\n");
}

// Lines 6 to 8.
const std::string required = "rule = 'cis-*'\nreason = 'r'\nexpires = 2027-03-31\n";

TEST_CASE("a waiver is for rules, perhaps paths and aspects, until a day") {
  const Loaded loaded = load_waiver(required +
                                    "path = '/etc/ssh/*'\naspects = ['mode', 'links']\n"
                                    "approved_by = 'sec'");
  REQUIRE(loaded.diagnostics.empty());
  const Waiver& waiver = loaded.policy.waivers.at(0);
  CHECK(matches(waiver.rule, "cis-7.1.5"));
  CHECK(matches(waiver.path.value(), "/etc/ssh/x"));
  CHECK(waiver.aspects.value().has(Aspect::mode));
  CHECK(waiver.aspects->has(Aspect::links));
  CHECK_FALSE(waiver.aspects->has(Aspect::owner));
  CHECK(waiver.reason == "r");
  CHECK(waiver.approved_by == "sec");
  CHECK(waiver.expires == std::chrono::year{2027} / std::chrono::March / std::chrono::day{31});
  CHECK(waiver.pos == Pos{0, 5, 1});
  const Loaded plain = load_waiver(required);
  CHECK_FALSE(plain.policy.waivers.at(0).path);
  CHECK_FALSE(plain.policy.waivers[0].aspects);
}

TEST_CASE("a waiver says which rule, why and until when") {
  CHECK(places(load_waiver("")) == Strings{"E0204 5:1", "E0204 5:1", "E0204 5:1"});
  CHECK(places(load_waiver("rule = 'cis-1'\nreason = ''\nexpires = 2027-03-31")) ==
        Strings{"E0203 7:10"});
  CHECK(places(load_waiver(required + "foo = 1")) == Strings{"E0201 9:1"});
  CHECK(only_mistake(load_waiver(required + "until = 1")) ==
        "no key 'until' in [[waiver]] (did you mean 'expires'?)");
}

TEST_CASE("a waiver expires on a date and nothing else") {
  const auto said = [](const std::string& value) {
    return codes_of(load_waiver("rule = 'cis-1'\nreason = 'r'\nexpires = " + value));
  };
  CHECK(said("2028-02-29").empty());
  CHECK(said("'2027-03-31'") == Strings{"E0441"});
  CHECK(said("2027-03-31T00:00:00Z") == Strings{"E0441"});
  CHECK(said("12:00:00") == Strings{"E0441"});
  CHECK(said("20270331") == Strings{"E0441"});
  CHECK(said("2027-02-29") == Strings{"E0104"});  // toml++ knows its days
}

TEST_CASE("mistakes in waivers") {
  CHECK(codes_of(load_waiver(required + "aspects = []")) == Strings{"E0203"});
  CHECK(codes_of(load_waiver(required + "aspects = 'mode'")) == Strings{"E0202"});
  CHECK(only_mistake(load_waiver(required + "aspects = ['max_links']")) ==
        "'aspects' cannot be 'max_links' (did you mean 'links'?)");
  CHECK(only_mistake(load_waiver(required + "aspects = ['mood']")) ==
        "'aspects' cannot be 'mood' (did you mean 'mode'?)");
  CHECK(codes_of(load_waiver(required + "path = 'x'\napproved_by = 1")) ==
        Strings{"E0401", "E0202"});
  CHECK(codes_of(load_waiver(required + "path = 1")) == Strings{"E0202"});
  CHECK(codes_of(load_waiver("rule = 'a/b'\nreason = 1\nexpires = 2027-03-31")) ==
        Strings{"E0402", "E0202"});
  CHECK(codes_of(load_waiver("rule = 1\nreason = 'r'\nexpires = 2027-03-31")) == Strings{"E0202"});
}

TEST_CASE("a waiver for no rule is a warning") {
  const auto said = [](const std::string& rule) {
    return only_mistake(load_waiver("rule = '" + rule + "'\nreason = 'r'\nexpires = 2027-03-31"));
  };
  CHECK(said("cis-2") == "the waiver is for no rule: 'cis-2' (did you mean 'cis-1'?)");
  CHECK(said("x*") == "the waiver is for no rule: 'x*'");
  CHECK(said("cis-1").empty());
  CHECK(said("*").empty());
  // The rule of findings on ancestors is built in.
  CHECK(said("ancestors").empty());
  CHECK(said("anc*").empty());
}

TEST_CASE("variables are replaced in the rule and path of a waiver, not in its text") {
  const Loaded loaded = load_text(
      "[variables]\nx = 'srv'\n[[rule]]\nid = 'srv-1'\npath = '/a'\n[[waiver]]\n"
      "rule = '${x}-*'\npath = '/${x}/*'\nreason = 'costs $5'\napproved_by = '$'\n"
      "expires = 2027-03-31\n");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.policy.waivers.at(0).path->text == "/srv/*");
  CHECK(loaded.policy.waivers[0].reason == "costs $5");
}

}  // namespace
}  // namespace permward::test
