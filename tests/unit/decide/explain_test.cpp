// SPDX-License-Identifier: Apache-2.0
#include "decide/explain.hpp"

#include "decide/steps.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

using test::account_names;
using test::acl;
using test::at_least;
using test::at_most;
using test::exact;
using test::on;
using test::on_all;
using test::policy_of;
using test::seen;
using test::symbolic;
using test::Texts;
using test::Walk;

// "r0 glob /etc/*: note", and below it "  mode at most 0640 :13 decides 7777, 0400 by r1:23".
std::string clause_line(const Policy& policy, const ExplainedClause& clause) {
  std::string out = "  " + std::string(name(clause.aspect)) + " " + clause.says + " :" +
                    std::to_string(clause.source.line);
  if (clause.decides != 0) out += " decides " + mode_text(clause.decides);
  for (const OutrankedPart& by : clause.outranked) {
    out += ", " + mode_text(by.parts) + " by " + policy.rules[by.rule].id + ":" +
           std::to_string(by.source.line);
  }
  return out;
}

Texts lines(const Policy& policy, const std::vector<ExplainedRule>& rules) {
  Texts out;
  for (const ExplainedRule& rule : rules) {
    std::string line =
        policy.rules[rule.rule].id + " " + std::string(name(rule.kind)) + " " + rule.path;
    if (!rule.note.empty()) line += ": " + rule.note;
    out.push_back(line);
    for (const ExplainedClause& clause : rule.clauses) out.push_back(clause_line(policy, clause));
  }
  return out;
}

Texts explained(const Policy& policy, std::string_view path, Type type = Type::file) {
  Walk walk(policy);
  const std::vector<Accept> accepts = walk.steps().accepts(walk.at(path));
  return lines(policy, explain_rules(walk.machine().rules(), accepts, seen(type), account_names()));
}

TEST_CASE("a literal path is explained before a glob, and a glob before a recursion") {
  const Policy policy =
      policy_of({on("/etc").recursive().owner({"root"}), on("/etc/p*").owner({"daemon"}),
                 on("/etc/passwd").owner({"bob", "root"})});
  REQUIRE(explained(policy, "/etc/passwd") ==
          Texts{"r2 literal /etc/passwd", "  presence present :31 decides 0001",
                "  type not a symlink :32 decides 0001", "  owner bob or root :33 decides 0001",
                "r1 glob /etc/p*", "  owner daemon :22, 0001 by r2:33", "r0 recursion /etc",
                "  owner root :13, 0001 by r2:33"});
}

TEST_CASE("each bit of a mode is explained by itself") {
  const Policy policy =
      policy_of({on("/etc").recursive().mode(at_most(0644)), on("/etc/x").mode(at_least(0400)),
                 on("/etc/*").mode(symbolic("u+rw,o-w"))});
  const Texts all = explained(policy, "/etc/x");
  REQUIRE(all[3] == "  mode at least 0400 :23 decides 0400");
  REQUIRE(all[5] == "  mode u+rw,o-w :32 decides 0202, 0400 by r1:23");
  REQUIRE(all[7] == "  mode at most 0644 :13 decides 7175, 0400 by r1:23, 0202 by r2:32");
}

TEST_CASE("rules of one path speak together, and neither outranks the other") {
  const Policy policy =
      policy_of({on("/etc/x").mode(at_most(0644)), on("/etc/x").mode(symbolic("o-w"))});
  const Texts all = explained(policy, "/etc/x");
  REQUIRE(all[3] == "  mode at most 0644 :13 decides 7777");
  REQUIRE(all[7] == "  mode o-w :23 decides 0002");
}

TEST_CASE("the top of a recursion is literal in its presence and belongs to it in the rest") {
  const Policy policy = policy_of({on("/etc").recursive().owner({"root"})});
  REQUIRE(explained(policy, "/etc", Type::directory) ==
          Texts{"r0 literal /etc", "  presence present :11 decides 0001",
                "  type not a symlink :12 decides 0001", "r0 recursion /etc",
                "  owner root :13 decides 0001"});
}

TEST_CASE(
    "what a glob that recurses matched belongs to the recursion where its presence is not said") {
  const Policy silent = policy_of({on("/srv/*").recursive().owner({"root"})});
  REQUIRE(explained(silent, "/srv/a", Type::directory) ==
          Texts{"r0 recursion /srv/*", "  owner root :12 decides 0001"});
  const Policy stated =
      policy_of({on("/srv/*").recursive().owner({"root"}).presence(Presence::optional)});
  REQUIRE(explained(stated, "/srv/a", Type::directory).size() == 4);
}

TEST_CASE("a rule that says nothing of such an object is there, and says why") {
  const Policy policy = policy_of({on("/etc/*").type(Type::directory).owner({"root"}),
                                   on("/etc").recursive().owner({"bob"}, Type::directory)});
  REQUIRE(explained(policy, "/etc/x") ==
          Texts{"r0 glob /etc/*: it does not select objects of type file",
                "r1 recursion /etc: it says nothing of an object of type file"});
}

TEST_CASE("what is excluded is explained by nobody") {
  const Policy policy = policy_of({on("/etc").recursive().exclude({"cache"}).owner({"root"})});
  REQUIRE(explained(policy, "/etc/cache").empty());
  REQUIRE(explained(policy, "/etc/cache/x").empty());
  REQUIRE(explained(policy, "/etc/other").size() == 2);
}

TEST_CASE("what a rule says is its own words, whoever decides and whatever is there") {
  const Policy policy = policy_of({on("/x").mode(symbolic("u=rw,g=r,o=")),
                                   on("/*").acl(acl({"user:bob:rw"})).mode(exact(0640)),
                                   on("/").recursive().group({"web", "nobody-here"})});
  const Texts all = explained(policy, "/x");
  REQUIRE(all[3] == "  mode u=rw,g=r,o= :13 decides 7777");
  REQUIRE(all[5] == "  acl user:bob:rw- :22 decides 0001");
  REQUIRE(all[6] == "  mode 0640 :23, 7777 by r0:13");
  REQUIRE(all[8] == "  group web or nobody-here :33 decides 0001");
}

TEST_CASE("rules that are not in force are told each for itself, and decide nothing") {
  const Policy policy =
      policy_of({on("/x").mode(exact(0640)), on("/").recursive().mode(exact(0600))});
  Walk walk(policy);
  const std::vector<Accept> accepts = walk.steps().accepts(walk.at("/x"));
  REQUIRE(lines(policy, explain_idle_rules(walk.machine().rules(), accepts, seen(Type::file),
                                           account_names())) ==
          Texts{"r0 literal /x", "  presence present :11", "  type not a symlink :12",
                "  mode 0640 :13", "r1 recursion /", "  mode 0600 :23"});
}

TEST_CASE("where nothing is, the strongest rule that states or selects a type says what would be") {
  const auto likely = [](const Policy& policy) {
    Walk walk(policy);
    return likely_type(walk.machine().rules(), walk.steps().accepts(walk.at("/etc/x")));
  };
  REQUIRE(likely(policy_of({on("/etc/x").owner({"root"})})) == Type::file);
  REQUIRE(likely(policy_of({on("/etc/x").type(Type::fifo), on("/etc/*").type(Type::directory)})) ==
          Type::fifo);
  REQUIRE(likely(policy_of({on("/etc/x"), on("/etc/*").type({Type::socket, Type::directory})})) ==
          Type::directory);
  REQUIRE(likely(policy_of({on("/other").type(Type::fifo)})) == Type::file);
}

}  // namespace
}  // namespace permward
