// SPDX-License-Identifier: Apache-2.0
// Which owners, modes, attributes, capabilities, links and targets are in policy, and which whole
// objects. `compare_acl_test.cpp` has the ACLs.
#include "decide/compare.hpp"

#include "compare_support.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::at_least;
using test::at_most;
using test::between;
using test::exact;
using test::nothing;
using test::on;
using test::policy_of;
using test::RuleSpec;
using test::Seen;
using test::seen;
using test::symbolic;
using test::Texts;
using test::Walk;
using test::comparing::file;
using test::comparing::judged;
using test::comparing::with_acl;

Status of_mode(const ModeWant& want, const Observed& observed) {
  return judged(on("/x").mode(want), Aspect::mode, observed);
}

// --- Attributes, links, targets ---

TEST_CASE("attributes are compared one by one, and others let be") {
  const AttributeSet immutable = Attribute::immutable;
  const AttributeSet append = Attribute::append_only;
  const AttributeSet sync = Attribute::sync;
  const auto of = [](AttributeSet set, AttributeSet clear, const Seen& object) {
    return judged(on("/x").want(Aspect::attributes, AttributesWant{set, clear}), Aspect::attributes,
                  object);
  };
  const auto object = [] { return seen(Type::file); };
  CHECK(of(immutable, {}, object().attributes(immutable | sync)) == Status::pass);
  CHECK(of(immutable | append, {}, object().attributes(immutable)) == Status::violation);
  CHECK(of({}, immutable, object().attributes(append)) == Status::pass);
  CHECK(of({}, immutable | append, object().attributes(append)) == Status::violation);
  // What a file system does not keep is clear, and cannot be set.
  CHECK(of({}, immutable, object().attributes({}, {})) == Status::pass);
  CHECK(of(immutable, {}, object().attributes({}, {})) == Status::error);
  CHECK(of(immutable, append, object().attributes(append, append)) == Status::violation);
  // What could not be read is neither.
  const auto unread = object().attributes(immutable, immutable, Read::unreadable, EACCES);
  CHECK(of({}, sync, unread) == Status::error);
  CHECK(of(sync, {}, unread) == Status::error);
  CHECK(of(immutable, {}, unread) == Status::pass);
  CHECK(of({}, immutable | sync, unread) == Status::violation);
}

TEST_CASE("of two rules the more specific decides flag by flag") {
  const AttributeSet immutable = Attribute::immutable;
  const AttributeSet append = Attribute::append_only;
  const Policy policy =
      policy_of({on("/").recursive().want(Aspect::attributes, AttributesWant{immutable, append}),
                 on("/x").want(Aspect::attributes, AttributesWant{{}, immutable})});
  Walk walk(policy);
  const Demand& demand = walk.demand("/x", Type::file);
  std::vector<std::pair<std::uint32_t, unsigned>> parts;
  for (const Decided& decided : demand.decided) {
    if (decided.clause->aspect == Aspect::attributes)
      parts.emplace_back(decided.rule, decided.parts);
  }
  CHECK(parts ==
        std::vector<std::pair<std::uint32_t, unsigned>>{{1, immutable.bits()}, {0, append.bits()}});
  CHECK(acquits(demand, seen(Type::file).attributes({})));
  CHECK_FALSE(acquits(demand, seen(Type::file).attributes(immutable)));
  CHECK_FALSE(acquits(demand, seen(Type::file).attributes(append)));
  CHECK_FALSE(acquits(demand, seen(Type::file).attributes({}, immutable)));
  CHECK(complies(policy, demand, seen(Type::file).attributes({}, immutable)));
  CHECK(demand.asks.empty());
}

TEST_CASE("only attributes that the status lacks cost more than the status") {
  const auto asks = [](AttributeSet set) {
    const Policy policy = policy_of({on("/x").want(Aspect::attributes, AttributesWant{set, {}})});
    Walk walk(policy);
    return walk.demand("/x", Type::file).asks;
  };
  CHECK(asks(attributes_in_status).empty());
  CHECK(asks(Attribute::no_dump) == FacetSet(Facet::attributes));
}

TEST_CASE("file capabilities are those that are written, and none is none") {
  const FileCapabilities raw{1U << 13, 0, true, 0};
  const auto of = [](std::optional<FileCapabilities> want, const Seen& object) {
    return judged(on("/x").want(Aspect::capabilities, CapabilitiesWant{want}), Aspect::capabilities,
                  object);
  };
  const auto object = [] { return seen(Type::file); };
  CHECK(of(raw, object().capabilities(raw)) == Status::pass);
  CHECK(of(raw, object().capabilities({})) == Status::violation);
  CHECK(of({}, object().capabilities(raw)) == Status::violation);
  CHECK(of({}, object().capabilities({})) == Status::pass);
  // Empty sets take a program's rights: they are not none.
  CHECK(of({}, object().capabilities(FileCapabilities{})) == Status::violation);
  FileCapabilities of_a_container = raw;
  of_a_container.root_id = 100000;
  CHECK(of(raw, object().capabilities(of_a_container)) == Status::violation);
  CHECK(of({}, object().capabilities_not_there(Read::unsupported)) == Status::pass);
  CHECK(of(raw, object().capabilities_not_there(Read::unsupported)) == Status::error);
  CHECK(of({}, object().capabilities_not_there(Read::unreadable, EACCES)) == Status::error);
}

TEST_CASE("links are counted, and more than allowed is a violation") {
  const auto of = [](std::uint64_t most, std::uint32_t links) {
    return judged(on("/x").want(Aspect::links, LinksWant{most}), Aspect::links,
                  seen(Type::file).links(links));
  };
  CHECK(of(1, 1) == Status::pass);
  CHECK(of(1, 2) == Status::violation);
  CHECK(of(2, 2) == Status::pass);
  CHECK(of(1, 4294967295) == Status::violation);
}

TEST_CASE("a target is text that is listed") {
  const RuleSpec rule = on("/x").want(Aspect::target, TargetWant{{"a", "/b"}}).type(Type::symlink);
  const auto of = [&rule](const Seen& link) { return judged(rule, Aspect::target, link); };
  CHECK(of(seen(Type::symlink).target("/b")) == Status::pass);
  CHECK(of(seen(Type::symlink).target("a")) == Status::pass);
  CHECK(of(seen(Type::symlink).target("b")) == Status::violation);
  CHECK(of(seen(Type::symlink).target("a/")) == Status::violation);
  CHECK(of(seen(Type::symlink).target_unreadable(EACCES)) == Status::error);
}

TEST_CASE("what the screen knows nothing of it never acquits") {
  const auto acquitted = [](RuleSpec rule, const Observed& observed) {
    const Policy policy = policy_of({std::move(rule)});
    Walk walk(policy);
    return acquits(walk.demand("/x", observed.type), observed);
  };
  const RuleSpec links = on("/x").want(Aspect::links, LinksWant{2});
  CHECK(acquitted(links, seen(Type::file).links(2)));
  CHECK_FALSE(acquitted(links, seen(Type::file).links(3)));
  const RuleSpec target = on("/x").want(Aspect::target, TargetWant{{"a"}}).type(Type::symlink);
  CHECK_FALSE(acquitted(target, seen(Type::symlink).target("b")));
}

// --- Owner and group ---

TEST_CASE("any of the listed owners is in policy") {
  const auto owner = [](Texts names, std::uint32_t uid) {
    return judged(on("/x").owner(std::move(names)), Aspect::owner, seen(Type::file).owner(uid));
  };
  REQUIRE(owner({"root"}, 0) == Status::pass);
  REQUIRE(owner({"root"}, 1) == Status::violation);
  REQUIRE(owner({"root", "bob"}, 1001) == Status::pass);
  REQUIRE(owner({"root", "bob"}, 1002) == Status::violation);
  REQUIRE(owner({"1002"}, 1002) == Status::pass);
  REQUIRE(owner({"0"}, 0) == Status::pass);
}

TEST_CASE("owner and group are looked up apart") {
  REQUIRE(judged(on("/x").group({"web"}), Aspect::group, seen(Type::file).group(33).owner(5)) ==
          Status::pass);
  REQUIRE(judged(on("/x").group({"web"}), Aspect::group, seen(Type::file).group(5).owner(33)) ==
          Status::violation);
}

TEST_CASE("T24 an account that is not known is an error, unless another of the list holds") {
  const auto owner = [](Texts names, std::uint32_t uid) {
    return judged(on("/x").owner(std::move(names)), Aspect::owner, seen(Type::file).owner(uid));
  };
  REQUIRE(owner({"ghost"}, 0) == Status::error);
  REQUIRE(owner({"ghost"}, 1001) == Status::error);
  REQUIRE(owner({"ldap"}, 0) == Status::error);
  REQUIRE(owner({"ghost", "root"}, 0) == Status::pass);
  REQUIRE(owner({"root", "ghost"}, 0) == Status::pass);
  REQUIRE(owner({"root", "ghost"}, 1001) == Status::error);
}

TEST_CASE("T106 the greatest ids are compared as numbers") {
  const auto rule = on("/x").owner({"4294967294"}).group({"4294967294"});
  const Seen one = seen(Type::file).owner(4294967294).group(4294967294).mode(07777);
  REQUIRE(judged(rule, Aspect::owner, one) == Status::pass);
  REQUIRE(judged(rule, Aspect::group, one) == Status::pass);
  REQUIRE(judged(on("/x").mode(exact(07777)), Aspect::mode, one) == Status::pass);
  REQUIRE(of_mode(exact(07000), seen(Type::directory).mode(07000)) == Status::pass);
}

// --- Mode ---

TEST_CASE("an at most of 0600 refuses 0577, 0466 and 0077, which are less as numbers") {
  for (const unsigned mode : {0577U, 0466U, 0077U, 0601U, 04600U, 01600U}) {
    REQUIRE(of_mode(at_most(0600), file(mode)) == Status::violation);
  }
  for (const unsigned mode : {0600U, 0400U, 0200U, 0U}) {
    REQUIRE(of_mode(at_most(0600), file(mode)) == Status::pass);
  }
}

TEST_CASE("modes are compared as their form says") {
  struct Row {
    ModeWant want;
    unsigned mode;
    Status status;
  };
  const Row table[] = {
      {exact(0640), 0640, Status::pass},
      {exact(0640), 0644, Status::violation},
      {exact(0640), 0600, Status::violation},
      {exact(0640), 04640, Status::violation},
      {exact(0), 0, Status::pass},
      {at_least(0400), 0400, Status::pass},
      {at_least(0400), 0377, Status::violation},
      {at_least(0400), 07777, Status::pass},
      {between(0400, 0640), 0640, Status::pass},
      {between(0400, 0640), 0440, Status::pass},
      {between(0400, 0640), 0040, Status::violation},
      {between(0400, 0640), 0644, Status::violation},
      {symbolic("o-w"), 0775, Status::pass},
      {symbolic("o-w"), 0777, Status::violation},
      {symbolic("u=rw,g=r,o="), 0640, Status::pass},
      {symbolic("u=rw,g=r,o="), 0641, Status::violation},
      {symbolic("u=rw,g=r,o="), 04640,
       Status::violation},  // of a file `=` is about set-id bits too
      {symbolic("u=rw,g=r,o="), 01640, Status::violation},
      {symbolic("a+X"), 0644, Status::pass},
      {symbolic("a+X"), 0744, Status::violation},
      {symbolic("a+X"), 0755, Status::pass},
      {symbolic("go-X"), 0645, Status::violation},  // which leaves no x for it to be read from
      {symbolic("go-X"), 0644, Status::pass},
      {symbolic("a-X"), 0100, Status::violation},
  };
  for (const auto& [want, mode, status] : table) {
    INFO(mode_text(mode) << " " << want.text << " " << mode_text(want.at_most));
    REQUIRE(of_mode(want, file(mode)) == status);
  }
}

TEST_CASE("an exact mode of a directory means that there are no set-id bits") {
  REQUIRE(of_mode(exact(0755), seen(Type::directory).mode(02755)) == Status::violation);
  REQUIRE(of_mode(symbolic("g=rx"), seen(Type::directory).mode(02755)) == Status::pass);
  REQUIRE(of_mode(symbolic("g=rx"), file(02755)) == Status::violation);
}

TEST_CASE("among several rules X is read from the mode that all of them leave") {
  const Policy policy =
      policy_of({on("/x").mode(symbolic("u+x")), on("/x").mode(symbolic("go+X"))});
  // Nobody executes it yet; but the owner is to, and then the others are to as well.
  REQUIRE(test::verdicts(policy, "/x", file(0644)) == Texts{"r0 presence pass", "r0 type pass",
                                                            "r0 mode violation", "r1 presence pass",
                                                            "r1 type pass", "r1 mode violation"});
  REQUIRE(test::verdicts(policy, "/x", file(0755)).back() == "r1 mode pass");
}

TEST_CASE("without a demand for the ACL a mode is what stat shows, the mask in the group's place") {
  const Seen one =
      with_acl({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"});
  REQUIRE(one->mode == 0660);
  REQUIRE(of_mode(exact(0660), one) == Status::pass);
  REQUIRE(of_mode(exact(0640), one) == Status::violation);
  REQUIRE(of_mode(at_most(0640), one) == Status::violation);
}

TEST_CASE("T83 with a demand for the ACL a mode speaks of the base entries") {
  const Seen one =
      with_acl({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"});
  const auto mode = [&](const ModeWant& want) {
    return judged(on("/x").mode(want).acl(acl({"user:bob:rw"})), Aspect::mode, one);
  };
  REQUIRE(mode(exact(0640)) == Status::pass);
  REQUIRE(mode(exact(0660)) == Status::violation);
  REQUIRE(mode(at_most(0640)) == Status::pass);
  REQUIRE(mode(at_least(0020)) == Status::violation);
  REQUIRE(judged(on("/x").mode(exact(0640)).acl(acl({"user:bob:rw"})), Aspect::acl, one) ==
          Status::pass);
}

TEST_CASE("an exact mode reads the owning group as it stands, every other as the mask cuts it") {
  const Seen one =
      with_acl({"user::rw-", "user:1001:r--", "group::rwx", "mask::r--", "other::---"});
  const auto mode = [&](const ModeWant& want) {
    return judged(on("/x").mode(want).acl(acl({"user:bob:r"})), Aspect::mode, one);
  };
  REQUIRE(mode(exact(0670)) == Status::pass);
  REQUIRE(mode(exact(0640)) == Status::violation);
  REQUIRE(mode(at_most(0640)) == Status::pass);
  REQUIRE(mode(symbolic("g-wx")) == Status::pass);
  REQUIRE(mode(at_least(0060)) == Status::violation);
}

TEST_CASE("the mode of an object whose ACL cannot be read is an error where both are demanded") {
  const auto rule = on("/x").mode(exact(0640)).acl(acl({}));
  const Seen unreadable = file(0640).acl_unreadable(EIO);
  REQUIRE(judged(rule, Aspect::mode, unreadable) == Status::error);
  REQUIRE(judged(rule, Aspect::acl, unreadable) == Status::error);
  // Where only the mode is, it is what stat shows.
  REQUIRE(of_mode(exact(0640), file(0640).acl_unreadable(EIO)) == Status::pass);
}

TEST_CASE("T89 where a file system keeps no ACLs a mode is what stat shows") {
  const auto rule = on("/x").mode(exact(0640)).acl(acl({}));
  REQUIRE(judged(rule, Aspect::mode, file(0640).acl_unsupported()) == Status::pass);
  REQUIRE(judged(rule, Aspect::mode, file(0644).acl_unsupported()) == Status::violation);
}

// --- Whole objects ---

TEST_CASE("an object complies if every clause passes") {
  const Policy policy = policy_of({on("/x").owner({"root"}).mode(exact(0640)).acl(acl({}))});
  Walk walk(policy);
  const Demand& demand = walk.demand("/x", Type::file);
  REQUIRE(complies(policy, demand, file(0640)));
  REQUIRE_FALSE(complies(policy, demand, file(0641)));
  REQUIRE_FALSE(complies(policy, demand, file(0640).owner(1)));
  REQUIRE_FALSE(complies(policy, demand, file(0640).acl_unreadable(EIO)));
}

TEST_CASE("a symlink to a 0666 file is no file where a file is demanded") {
  const Policy policy = policy_of({on("/x").type(Type::file).mode(at_most(0666))});
  REQUIRE(test::verdicts(policy, "/x", seen(Type::symlink).mode(0777)) ==
          Texts{"r0 type violation"});
}

TEST_CASE("a required file that is missing fails") {
  const Policy policy = policy_of({on("/x").mode(at_most(0600))});
  REQUIRE(test::verdicts(policy, "/x", nothing()) == Texts{"r0 presence violation"});
}

}  // namespace
}  // namespace permward
