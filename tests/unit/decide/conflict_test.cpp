// SPDX-License-Identifier: Apache-2.0
#include "decide/conflict.hpp"

#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::acl_at_least;
using test::acl_at_most;
using test::acl_between;
using test::AclSpec;
using test::at_least;
using test::at_most;
using test::between;
using test::exact;
using test::on;
using test::on_all;
using test::policy_of;
using test::RuleSpec;
using test::symbolic;
using test::Texts;

Texts found(const std::vector<RuleSpec>& rules) {
  const Policy policy = policy_of(rules);
  Texts out;
  for (const Diagnostic& one : conflicts(policy, targets_as_written(policy))) {
    out.push_back(one.message);
  }
  return out;
}

bool clash(const RuleSpec& a, const RuleSpec& b) {
  const bool clashes = !found({a, b}).empty();
  REQUIRE(!found({b, a}).empty() == clashes);
  return clashes;
}

bool owners_clash(Texts a, Texts b) {
  return clash(on("/x").owner(std::move(a)), on("/x").owner(std::move(b)));
}
bool modes_clash(const ModeWant& a, const ModeWant& b) {
  return clash(on("/x").mode(a), on("/x").mode(b));
}
bool acls_clash(const AclSpec& a, const AclSpec& b) {
  return clash(on("/x").acl(a), on("/x").acl(b));
}

TEST_CASE("attributes cannot hold together where one sets what the other clears") {
  const auto rule = [](AttributeSet set, AttributeSet clear) {
    return on("/x").want(Aspect::attributes, AttributesWant{set, clear});
  };
  CHECK(found({rule(Attribute::sync, {}), rule({}, Attribute::immutable)}).empty());
  CHECK(found({rule(Attribute::sync, {}), rule({}, Attribute::sync)}).size() == 1);
}

TEST_CASE("capabilities hold together only where they are the same") {
  const auto rule = [](std::optional<FileCapabilities> value) {
    return on("/x").want(Aspect::capabilities, CapabilitiesWant{value});
  };
  CHECK(found({rule(FileCapabilities{1, 0, true, 0}), rule(FileCapabilities{1, 0, true, 0})})
            .empty());
  CHECK(found({rule(FileCapabilities{1, 0, true, 0}), rule({})}).size() == 1);
}

TEST_CASE("numbers of links always hold together, and targets where one is on both lists") {
  const auto links = [](std::uint64_t most) {
    return on("/x").want(Aspect::links, LinksWant{most});
  };
  CHECK(found({links(1), links(7)}).empty());
  const auto target = [](Texts texts) {
    return on("/x").type(Type::symlink).want(Aspect::target, TargetWant{std::move(texts)});
  };
  CHECK(found({target({"a", "b"}), target({"c", "b"})}).empty());
  CHECK(found({target({"a"}), target({"c"})}).size() == 1);
}

TEST_CASE("two rules of one path that no state satisfies are an error that shows both lines") {
  const Policy policy = policy_of({on("/etc/x").id("ours").owner({"root"}),
                                   on("/etc/x").id("theirs").mode(exact(0644)).owner({"bob"})});
  const Diagnostics out = conflicts(policy, targets_as_written(policy));
  REQUIRE(out.size() == 1);
  REQUIRE(out[0].code == "E0504");
  REQUIRE(out[0].severity == Diagnostic::Severity::error);
  REQUIRE(out[0].message ==
          "rules 'ours' and 'theirs' cannot hold together: no owner satisfies both");
  REQUIRE(out[0].help ==
          "'ours' states its owner at test.toml:13; change one of them, or disable it with an "
          "[[override]]");
  REQUIRE(out[0].file == "test.toml");
  REQUIRE(out[0].line == 24);  // the later rule's owner
  REQUIRE(out[0].column == 1);
}

TEST_CASE("a pair of rules has one error, however many places they share") {
  REQUIRE(found({on_all({"/a", "/b"}).owner({"root"}).group({"root"}),
                 on_all({"/b", "/a"}).owner({"bob"}).group({"web"})}) ==
          Texts{"rules 'r0' and 'r1' cannot hold together: no owner satisfies both"});
}

TEST_CASE("of many pairs of rules the first are told, and that there are more") {
  std::vector<RuleSpec> rules;
  for (unsigned i = 0; i < 15; ++i) rules.push_back(on("/x").mode(exact(0600 + i)));
  const Texts told = found(rules);  // 105 pairs
  REQUIRE(told.size() == ConflictErrors::limit + 1);
  CHECK(told.front() == "rules 'r0' and 'r1' cannot hold together: no mode satisfies both");
  CHECK(told.back() == "there are further rules that cannot hold together");
  rules.pop_back();
  CHECK(found(rules).size() == 91);
}

TEST_CASE("what one table was expanded to is one error, and not about two rules") {
  std::vector<RuleSpec> rules = {on("/x").owner({"root"}), on("/x").owner({"bob"}),
                                 on("/x").owner({"daemon"})};
  Policy policy = policy_of(rules);
  for (Rule& rule : policy.rules) {
    rule.pos = policy.rules.front().pos;
    rule.id = "r0";
  }
  const Diagnostics told = conflicts(policy, targets_as_written(policy));
  REQUIRE(told.size() == 1);
  CHECK(told.front().message ==
        "rule 'r0' cannot hold for two of the users: no owner satisfies both, and it is about one "
        "path");
}

TEST_CASE("owners are lists, and any common account will do") {
  REQUIRE_FALSE(owners_clash({"root"}, {"root"}));
  REQUIRE_FALSE(owners_clash({"root"}, {"0"}));
  REQUIRE_FALSE(owners_clash({"root", "bob"}, {"carol", "robert"}));
  REQUIRE(owners_clash({"root"}, {"bob"}));
  REQUIRE(owners_clash({"root", "bob"}, {"carol"}));
  // One that is not known is itself.
  REQUIRE_FALSE(owners_clash({"ghost"}, {"ghost"}));
  REQUIRE(owners_clash({"ghost"}, {"root"}));
}

TEST_CASE("modes clash where a bit is to be set and to be clear") {
  REQUIRE_FALSE(modes_clash(exact(0644), at_most(0644)));
  REQUIRE(modes_clash(exact(0644), at_most(0640)));
  REQUIRE(modes_clash(exact(0644), exact(0640)));
  REQUIRE_FALSE(modes_clash(at_most(0644), at_most(0066)));
  REQUIRE(modes_clash(at_least(0400), at_most(0077)));
  REQUIRE_FALSE(modes_clash(symbolic("o-w"), symbolic("ug-s")));
  REQUIRE(modes_clash(symbolic("o-w"), symbolic("o+w")));
  REQUIRE_FALSE(modes_clash(between(0400, 0640), symbolic("g=r,o=")));
}

TEST_CASE("modes with X clash only where no choice of execute bits will do") {
  const auto of = [](Type type, std::string_view clauses) {
    return on("/x").type(type).mode(symbolic(clauses));
  };
  REQUIRE_FALSE(clash(of(Type::file, "a+X"), of(Type::file, "o-x")));  // nobody executes it
  REQUIRE_FALSE(clash(of(Type::file, "a+X"), of(Type::file, "u-x,g-x")));
  REQUIRE_FALSE(clash(of(Type::file, "u+x"), of(Type::file, "o-x")));
  REQUIRE(clash(of(Type::file, "u+x,a+X"), of(Type::file, "o-x")));
  // A directory is always searched by somebody.
  REQUIRE(clash(of(Type::directory, "a+X"), of(Type::directory, "o-x")));
  REQUIRE(modes_clash(symbolic("a+X"), symbolic("o-x")));
}

TEST_CASE("presence clashes where one requires what the other forbids") {
  const auto with = [](Presence presence) { return on("/x").presence(presence); };
  REQUIRE(clash(with(Presence::required), with(Presence::forbidden)));
  REQUIRE_FALSE(clash(with(Presence::required), with(Presence::optional)));
  REQUIRE_FALSE(clash(with(Presence::optional), with(Presence::forbidden)));
  REQUIRE(clash(on("/x").owner({"root"}), with(Presence::forbidden)));
}

TEST_CASE("the presence of a recursion's top is literal and clashes with that of a literal rule") {
  REQUIRE(clash(on("/x").recursive().owner({"root"}), on("/x").presence(Presence::forbidden)));
  REQUIRE_FALSE(clash(on("/x").recursive().owner({"root"}), on("/x").owner({"bob"})));
}

TEST_CASE("the type of a recursion's top is literal and clashes with that of a literal rule") {
  REQUIRE(clash(on("/x").recursive().owner({"root"}), on("/x").type(Type::symlink)));
  REQUIRE_FALSE(clash(on("/x").recursive().owner({"root"}), on("/x").type(Type::directory)));
}

TEST_CASE("a glob whose match is not required clashes with none that forbids it") {
  // The literal path of the first rule is required, what its glob matches is not.
  REQUIRE_FALSE(clash(on_all({"/etc/x", "/etc/*.bak"}).owner({"root"}),
                      on("/etc/*.bak").presence(Presence::forbidden)));
  REQUIRE(clash(on("/etc/*.bak").presence(Presence::required),
                on("/etc/*.bak").presence(Presence::forbidden)));
}

TEST_CASE("globs select by type, and do not clash over it") {
  REQUIRE_FALSE(clash(on_all({"/a", "/etc/*"}).type(Type::file).owner({"root"}),
                      on_all({"/b", "/etc/*"}).type(Type::directory).owner({"root"})));
}

TEST_CASE("a glob and the same glob that recurses meet in the presence of what they match") {
  REQUIRE(clash(on("/a*").presence(Presence::forbidden),
                on("/a*").recursive().presence(Presence::required)));
  REQUIRE_FALSE(clash(on("/a*").owner({"root"}), on("/a*").recursive().owner({"bob"})));
}

TEST_CASE("rules that meet in several ways clash if they clash in one") {
  REQUIRE(clash(on_all({"/a", "/b"}).owner({"root"}), on_all({"/a", "/b"}).owner({"bob"})));
  const Policy policy = policy_of(
      {on("/a").recursive().owner({"root"}), on("/a").owner({"bob"}), on("/a").owner({"carol"})});
  const Diagnostics out = conflicts(policy, targets_as_written(policy));
  REQUIRE(out.size() == 1);
  REQUIRE(out[0].line == 33);
}

TEST_CASE("types clash where no type is in both") {
  REQUIRE(clash(on("/x").type(Type::file), on("/x").type(Type::directory)));
  REQUIRE_FALSE(clash(on("/x").type({Type::file, Type::symlink}), on("/x").type(Type::file)));
  REQUIRE(clash(on("/x").type(Type::symlink), on("/x").owner({"root"})));
}

TEST_CASE("rules clash only over objects of a type that both allow") {
  REQUIRE_FALSE(clash(on("/x").type(Type::file).mode(exact(0644)),
                      on("/x").mode(exact(0644), Type::file).mode(exact(0755), Type::directory)));
  REQUIRE(clash(on("/x").mode(exact(0644), Type::file), on("/x").mode(exact(0600), Type::file)));
  REQUIRE_FALSE(clash(on("/x").recursive().mode(exact(0644), Type::file),
                      on("/x").recursive().mode(exact(0755), Type::directory)));
}

TEST_CASE("a type that one rule excludes cannot be what they clash over") {
  // An object that is no file is out of policy by its type alone.
  REQUIRE_FALSE(clash(on("/x").type(Type::file).owner({"root"}),
                      on("/x").owner({"root"}, Type::file).owner({"bob"}, Type::directory)));
}

TEST_CASE("exact ACLs clash unless they are the same") {
  REQUIRE_FALSE(acls_clash(acl({}), acl({})));
  REQUIRE_FALSE(acls_clash(acl({"user:bob:r"}), acl({"user:robert:r"})));
  REQUIRE(acls_clash(acl({"user:bob:r"}), acl({"user:bob:rw"})));
  REQUIRE(acls_clash(acl({"user:bob:r"}), acl({})));
  REQUIRE(acls_clash(acl({"user:bob:r"}), acl({"user:bob:r", "user:carol:r"})));
  REQUIRE(acls_clash(acl({"user:ghost:r"}), acl({})));
  REQUIRE_FALSE(acls_clash(acl({"user:ghost:r"}), acl({"user:ghost:r"})));
}

TEST_CASE("an entry without rights is an entry all the same") {
  REQUIRE(acls_clash(acl({"user:bob:", "mask::r"}), acl({"mask::r"})));
  REQUIRE_FALSE(acls_clash(acl({"user:bob:", "mask::r"}), acl_at_most({})));
}

TEST_CASE("exact masks clash unless they are the same, and with no ACL at all") {
  REQUIRE(acls_clash(acl({"mask::r"}), acl({"mask::rw"})));
  REQUIRE(acls_clash(acl({"mask::r"}), acl({})));
  REQUIRE_FALSE(acls_clash(acl({"user:bob:r", "mask::rw"}), acl({"user:bob:r"})));
}

TEST_CASE("a computed mask is at least the union of the entries") {
  REQUIRE(acls_clash(acl({"user:bob:rw"}), acl({"user:bob:rw", "mask::r"})));
  REQUIRE(acls_clash(acl({"user:bob:rw"}), acl_at_most({"user:bob:rw", "mask::r"})));
  REQUIRE_FALSE(acls_clash(acl({"user:bob:r"}), acl_at_least({"mask::rw"})));
}

TEST_CASE("bounds of ACLs clash where one asks for what the other does not let be") {
  REQUIRE(acls_clash(acl_at_least({"user:bob:rw"}), acl_at_most({"user:bob:r"})));
  REQUIRE(acls_clash(acl_at_least({"user:bob:r"}), acl_at_most({})));
  REQUIRE(acls_clash(acl_at_least({"user:bob:r"}), acl({})));
  REQUIRE_FALSE(acls_clash(acl_at_least({"user:bob:r"}), acl_at_most({"user:bob:rw"})));
  REQUIRE_FALSE(acls_clash(acl_at_least({"user:bob:r"}), acl({"user:bob:rw"})));
  REQUIRE(acls_clash(acl_at_most({"user:bob:r"}), acl({"user:bob:rw"})));
  REQUIRE_FALSE(acls_clash(acl_at_most({"user:bob:r"}), acl({})));
  REQUIRE_FALSE(acls_clash(acl_at_most({}), acl_at_most({"user:bob:r"})));
  REQUIRE(acls_clash(acl_between({"user:bob:r"}, {"user:bob:rw"}),
                     acl_between({"user:bob:x"}, {"user:bob:rwx"})));
}

TEST_CASE("rights in effect need a mask that lets them be") {
  REQUIRE(acls_clash(acl_at_least({"user:bob:rw"}), acl_at_most({"user:bob:rw", "mask::r"})));
  REQUIRE(acls_clash(acl_at_least({"user:bob:rw"}), acl({"user:bob:rw", "mask::r"})));
  REQUIRE_FALSE(acls_clash(acl_at_least({"user:bob:r"}), acl({"user:bob:rw", "mask::r"})));
}

TEST_CASE("a bound on a mask that is not there clashes with nothing") {
  REQUIRE_FALSE(acls_clash(acl_at_least({"mask::rw"}), acl_at_most({"mask::r"})));
  REQUIRE_FALSE(acls_clash(acl_at_least({"mask::rw"}), acl({})));
  REQUIRE(
      acls_clash(acl_at_least({"mask::rw", "user:bob:r"}), acl_at_most({"mask::r", "user:bob:r"})));
}

TEST_CASE("a capital X may be either, and clashes with neither") {
  REQUIRE_FALSE(acls_clash(acl({"user:bob:rX"}), acl({"user:bob:r"})));
  REQUIRE_FALSE(acls_clash(acl({"user:bob:rX"}), acl({"user:bob:rx"})));
  REQUIRE(acls_clash(acl({"user:bob:rX"}), acl({"user:bob:rw"})));
}

TEST_CASE("rules of different ranks never clash: the stronger decides") {
  REQUIRE_FALSE(clash(on("/x").owner({"root"}), on("/x").recursive().owner({"bob"})));
  REQUIRE_FALSE(clash(on("/x").owner({"root"}), on("/*").owner({"bob"})));
  REQUIRE_FALSE(clash(on("/a*").owner({"root"}), on("/*b").owner({"bob"})));
  REQUIRE_FALSE(clash(on("/a").recursive().owner({"root"}), on("/a/b").recursive().owner({"bob"})));
}

TEST_CASE("rules of one glob, or of one top, speak together and can clash") {
  REQUIRE(clash(on("/etc/*.conf").owner({"root"}), on("/etc/*.conf").owner({"bob"})));
  REQUIRE(clash(on("/etc/**/x").owner({"root"}), on("/etc/**/x").owner({"bob"})));
  REQUIRE(clash(on("/etc").recursive().owner({"root"}), on("/etc").recursive(2).owner({"bob"})));
  REQUIRE(clash(on("/").recursive().owner({"root"}), on("/").recursive().owner({"bob"})));
  REQUIRE(clash(on("/a*").recursive().owner({"root"}), on("/a*").recursive().owner({"bob"})));
}

TEST_CASE("globs that only look alike are not the same glob") {
  REQUIRE_FALSE(clash(on("/?/*").owner({"root"}), on("/?/\\*").owner({"bob"})));
}

TEST_CASE("a disabled rule clashes with nothing") {
  REQUIRE_FALSE(clash(on("/x").owner({"root"}), on("/x").owner({"bob"}).disabled()));
}

TEST_CASE("a rule does not clash with itself") {
  REQUIRE(found({on_all({"/x", "/x"}).owner({"root"}).mode(exact(0644))}).empty());
}

TEST_CASE("what is only reported contradicts nothing") {
  const std::vector<RuleSpec> rules = {on("/x").mode(exact(0600)), on("/x").mode(exact(0644))};
  Policy policy = policy_of(rules);
  const auto found_now = [&policy] { return conflicts(policy, targets_as_written(policy)).size(); };
  REQUIRE(found_now() == 1);
  policy.rules[0].enforce = false;
  REQUIRE(found_now() == 0);
  policy.rules[1].enforce = false;
  REQUIRE(found_now() == 0);
}

TEST_CASE("what is said of different aspects does not clash") {
  REQUIRE_FALSE(clash(on("/x").owner({"root"}), on("/x").group({"web"}).mode(exact(0))));
}

TEST_CASE("rules that are never in force together need not hold together") {
  Policy policy = policy_of({on("/x").owner({"root"}), on("/x").owner({"bob"})});
  const auto clashes = [&policy] { return !conflicts_as_written(policy).empty(); };
  const auto on_host = [](std::string name) {
    When when;
    when.hostname = Component{.text = std::move(name)};
    return when;
  };
  REQUIRE(clashes());
  policy.rules[0].when = on_host("a");
  REQUIRE(clashes());  // wherever the first is in force, the second is too
  policy.rules[1].when = on_host("b");
  REQUIRE_FALSE(clashes());
  REQUIRE_FALSE(conflicts(policy, targets_as_written(policy)).empty());
  policy.rules[1].when = on_host("a");
  REQUIRE(clashes());
  policy.rules[1].when->path_exists = "/y";
  REQUIRE_FALSE(clashes());
}

TEST_CASE("targets are the policy's paths as they are written") {
  const Policy policy = policy_of({on_all({"/etc/a", "/etc/*.b"}), on("/x").disabled(), on("/")});
  const std::vector<Target> targets = targets_as_written(policy);
  REQUIRE(targets.size() == 3);
  REQUIRE(targets[0].head == Texts{"etc", "a"});
  REQUIRE(targets[0].shown == "/etc/a");
  REQUIRE(targets[1].head == Texts{"etc"});
  REQUIRE(targets[1].shown == "/etc");
  REQUIRE(targets[1].path == 1);
  REQUIRE(targets[2].rule == 2);
  REQUIRE(targets[2].shown == "/");
}

}  // namespace
}  // namespace permward
