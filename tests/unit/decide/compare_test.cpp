// SPDX-License-Identifier: Apache-2.0
#include "decide/compare.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
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
using test::nothing;
using test::on;
using test::policy_of;
using test::RuleSpec;
using test::Seen;
using test::seen;
using test::symbolic;
using test::Texts;
using test::Walk;

// What a rule on one path says of one aspect.
Status judged(RuleSpec rule, Aspect aspect, const Observed& observed) {
  const Policy policy = policy_of({std::move(rule)});
  Walk walk(policy);
  const Demand& demand =
      observed.type == Type::absent ? walk.absent("/x") : walk.demand("/x", observed.type);
  for (const Decided& decided : demand.decided) {
    if (decided.clause->aspect == aspect) return judge(policy, demand, decided, observed);
  }
  FAIL("the rule does not speak of it");
  return Status::pass;
}

Status of_mode(const ModeWant& want, const Observed& observed) {
  return judged(on("/x").mode(want), Aspect::mode, observed);
}
Status of_acl(const AclSpec& spec, const Observed& observed) {
  return judged(on("/x").acl(spec), Aspect::acl, observed);
}

Seen file(unsigned mode) { return seen(Type::file).mode(mode); }
Seen with_acl(const Texts& texts) { return seen(Type::file).acl(texts); }

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

// --- Exact ACLs ---

TEST_CASE("a 0640 file with an extra user:daemon:r is out of policy under an empty acl") {
  const Seen one = with_acl({"user::rw-", "user:1:r--", "group::r--", "mask::r--", "other::---"});
  REQUIRE(one->mode == 0640);
  const auto rule = on("/x").mode(exact(0640)).acl(acl({}));
  REQUIRE(judged(rule, Aspect::acl, one) == Status::violation);
  REQUIRE(judged(rule, Aspect::mode, one) == Status::pass);
}

TEST_CASE("an empty acl means no named entry and no mask") {
  REQUIRE(of_acl(acl({}), file(0640)) == Status::pass);
  REQUIRE(of_acl(acl({}), file(0640).acl_unsupported()) == Status::pass);
  REQUIRE(of_acl(acl({}), with_acl({"user::rw-", "group::r--", "other::---"})) == Status::pass);
  REQUIRE(of_acl(acl({}), with_acl({"user::rw-", "group::r--", "mask::r--", "other::---"})) ==
          Status::violation);
  REQUIRE(of_acl(acl({}), with_acl({"user::rw-", "group:33:---", "group::r--", "mask::r--",
                                    "other::---"})) == Status::violation);
}

TEST_CASE("an exact ACL is these named entries with just these rights, and no others") {
  const AclSpec wanted = acl({"user:bob:rw", "group:web:r"});
  struct Row {
    Texts present;
    Status status;
  };
  const Row table[] = {
      {{"user:1001:rw-", "group:33:r--", "mask::rw-"}, Status::pass},
      {{"user:1001:rw-", "mask::rw-"}, Status::violation},
      {{"user:1001:r--", "group:33:r--", "mask::rw-"}, Status::violation},
      {{"user:1001:rwx", "group:33:r--", "mask::rwx"}, Status::violation},
      {{"user:1001:rw-", "group:33:r--", "user:1002:---", "mask::rw-"}, Status::violation},
      {{"user:33:rw-", "group:1001:r--", "mask::rw-"}, Status::violation},
      {{"user:1001:rw-", "group:33:r--", "mask::rwx"}, Status::violation},
      {{"user:1001:rw-", "group:33:r--", "mask::r--"}, Status::violation},
      {{"user:1001:rw-", "group:33:r--"}, Status::violation},
      {{}, Status::violation},
  };
  for (const auto& [present, status] : table) {
    Texts all = {"user::rw-", "group::r--", "other::---"};
    all.insert(all.end(), present.begin(), present.end());
    INFO(Catch::StringMaker<Texts>::convert(present));
    REQUIRE(of_acl(wanted, with_acl(all)) == status);
  }
}

TEST_CASE("an entry that the object has twice does not stand for another") {
  // The kernel takes such an ACL: posix_acl_valid() does not look for duplicates.
  const Seen twice = with_acl(
      {"user::rw-", "user:1001:r--", "user:1001:r--", "group::r--", "mask::r--", "other::---"});
  REQUIRE(of_acl(acl({"user:bob:r", "user:carol:r"}), twice) == Status::violation);
  REQUIRE(of_acl(acl({"user:bob:r"}), twice) == Status::violation);
}

TEST_CASE("an entry that the object has twice with other rights is not within an at most") {
  const Seen twice = with_acl(
      {"user::rw-", "user:1001:r--", "user:1001:rwx", "group::r--", "mask::rwx", "other::---"});
  REQUIRE(of_acl(acl({"user:bob:r"}), twice) == Status::violation);
  REQUIRE(of_acl(acl_at_most({"user:bob:r"}), twice) == Status::violation);
}

TEST_CASE("two names of one account are one entry of the object") {
  const Seen one =
      with_acl({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"});
  REQUIRE(of_acl(acl({"user:bob:r", "user:robert:r"}), one) == Status::pass);
}

TEST_CASE(
    "without a stated mask it is the union of the named entries and the owning group's rights") {
  const AclSpec wanted = acl({"user:bob:r"});
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "group::---", "mask::r--",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "group::rw-", "mask::rw-",
                                   "other::---"})) == Status::pass);
  // The owning group has what the mask leaves it, and keeps that.
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "group::rw-", "mask::r--",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "group::---", "mask::rw-",
                                   "other::---"})) == Status::violation);
}

TEST_CASE("T83 with an exact mode the whole ACL follows, its mask from the mode that is demanded") {
  const auto rule = on("/x").mode(exact(0640)).acl(acl({"user:deploy:rw", "user:bob:rw"}));
  const auto whole = on("/x").mode(exact(0640)).acl(acl({"user:bob:rw"}));
  const Seen right =
      with_acl({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"});
  REQUIRE(right->mode == 0660);
  REQUIRE(judged(whole, Aspect::acl, right) == Status::pass);
  REQUIRE(judged(whole, Aspect::mode, right) == Status::pass);
  // A plain chmod to 0640 is another thing.
  const Seen masked =
      with_acl({"user::rw-", "user:1001:rw-", "group::r--", "mask::r--", "other::---"});
  REQUIRE(judged(whole, Aspect::acl, masked) == Status::violation);
  REQUIRE(judged(rule, Aspect::acl, right) == Status::error);  // `deploy` is not known here
}

TEST_CASE("with an exact mode the computed mask does not follow a group that is wrong") {
  const auto rule = on("/x").mode(exact(0640)).acl(acl({"user:bob:r"}));
  const Seen one =
      with_acl({"user::rw-", "user:1001:r--", "group::rwx", "mask::rwx", "other::---"});
  REQUIRE(judged(rule, Aspect::mode, one) == Status::violation);
  REQUIRE(judged(rule, Aspect::acl, one) == Status::violation);
}

TEST_CASE("a stated mask is the mask") {
  const AclSpec wanted = acl({"user:bob:rw", "mask::r"});
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:rw-", "group::rw-", "mask::r--",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-",
                                   "other::---"})) == Status::violation);
  REQUIRE(of_acl(acl({"mask::r"}),
                 with_acl({"user::rw-", "group::r--", "mask::r--", "other::---"})) == Status::pass);
  REQUIRE(of_acl(acl({"mask::r"}), file(0640)) == Status::violation);
}

TEST_CASE("an exact ACL whose mask comes out empty for this object is an error") {
  const AclSpec deny = acl({"user:bob:"});
  REQUIRE(of_acl(deny, file(0600)) == Status::error);
  REQUIRE(of_acl(deny, with_acl({"user::rw-", "user:1001:---", "group::---", "mask::---",
                                 "other::r--"})) == Status::error);
  // Where the owning group has rights the mask has them too, and the entry denies.
  REQUIRE(of_acl(deny, with_acl({"user::rw-", "user:1001:---", "group::r--", "mask::r--",
                                 "other::r--"})) == Status::pass);
  REQUIRE(
      of_acl(acl({"user:bob:", "mask::r"}), with_acl({"user::rw-", "user:1001:---", "group::---",
                                                      "mask::r--", "other::r--"})) == Status::pass);
}

TEST_CASE("a capital X of an entry is x for directories and for what somebody executes") {
  const AclSpec wanted = acl({"user:bob:rX"});
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "group::r--", "mask::r--",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, with_acl({"user::rwx", "user:1001:r--", "group::r--", "mask::r--",
                                   "other::---"})) == Status::violation);
  REQUIRE(of_acl(wanted, with_acl({"user::rwx", "user:1001:r-x", "group::r--", "mask::r-x",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, seen(Type::directory)
                             .acl({"user::rwx", "user:1001:r-x", "group::r--", "mask::r-x",
                                   "other::---"})) == Status::pass);
  // Somebody has x, but not effectively.
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "user:1002:--x", "group::r--",
                                   "mask::r--", "other::---"})) == Status::violation);
  REQUIRE(of_acl(acl({"user:bob:rX", "user:carol:x", "mask::r"}),
                 with_acl({"user::rw-", "user:1001:r--", "user:1002:--x", "group::r--", "mask::r--",
                           "other::---"})) == Status::pass);
}

// --- Bounds ---

TEST_CASE("an at most is about named entries as they stand, before the mask") {
  const AclSpec wanted = acl_at_most({"user:bob:r", "group:web:rx"});
  struct Row {
    Texts present;
    Status status;
  };
  const Row table[] = {
      {{}, Status::pass},
      {{"user:1001:r--", "mask::rwx"}, Status::pass},
      {{"user:1001:---", "mask::r--"}, Status::pass},
      {{"user:1001:rw-", "mask::r--"}, Status::violation},
      {{"group:33:r-x", "mask::r-x"}, Status::pass},
      {{"user:1002:r--", "mask::r--"}, Status::violation},
      {{"user:1002:---", "mask::r--"}, Status::pass},  // an entry without any right is fine
      {{"user:33:r--", "mask::r--"}, Status::violation},
  };
  for (const auto& [present, status] : table) {
    Texts all = {"user::rw-", "group::rwx", "other::---"};
    all.insert(all.end(), present.begin(), present.end());
    INFO(Catch::StringMaker<Texts>::convert(present));
    REQUIRE(of_acl(wanted, with_acl(all)) == status);
  }
}

TEST_CASE("an empty at most lets nobody have a named right") {
  REQUIRE(of_acl(acl_at_most({}), file(0640)) == Status::pass);
  REQUIRE(of_acl(acl_at_most({}), with_acl({"user::rw-", "user:1001:r--", "group::r--", "mask::r--",
                                            "other::---"})) == Status::violation);
  REQUIRE(of_acl(acl_at_most({}),
                 with_acl({"user::rw-", "group::r--", "mask::rwx", "other::---"})) == Status::pass);
}

TEST_CASE("a listed mask bounds the mask, and one that is not there holds") {
  const AclSpec most = acl_at_most({"user:bob:rwx", "mask::r"});
  REQUIRE(of_acl(most, with_acl({"user::rw-", "user:1001:rwx", "group::r--", "mask::r--",
                                 "other::---"})) == Status::pass);
  REQUIRE(of_acl(most, with_acl({"user::rw-", "user:1001:rwx", "group::r--", "mask::rw-",
                                 "other::---"})) == Status::violation);
  REQUIRE(of_acl(most, file(0666)) == Status::pass);
  const AclSpec least = acl_at_least({"mask::r"});
  REQUIRE(of_acl(least, file(0600)) == Status::pass);
  REQUIRE(of_acl(least, with_acl({"user::rw-", "group::r--", "mask::-w-", "other::---"})) ==
          Status::violation);
  REQUIRE(of_acl(least, with_acl({"user::rw-", "group::r--", "mask::rw-", "other::---"})) ==
          Status::pass);
}

TEST_CASE("an at least is about rights as they are in effect, after the mask") {
  const AclSpec wanted = acl_at_least({"user:bob:r"});
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:r--", "group::---", "mask::r--",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:rwx", "group::---", "mask::rwx",
                                   "other::---"})) == Status::pass);
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1001:rwx", "group::---", "mask::-wx",
                                   "other::---"})) == Status::violation);
  REQUIRE(of_acl(wanted, with_acl({"user::rw-", "user:1002:rwx", "group::---", "mask::rwx",
                                   "other::---"})) == Status::violation);
  // What others may is no entry for bob.
  REQUIRE(of_acl(wanted, file(0644)) == Status::violation);
}

TEST_CASE("both bounds hold together") {
  const AclSpec wanted = acl_between({"user:bob:r"}, {"user:bob:rw", "user:carol:r"});
  const auto with = [&](const Texts& named) {
    Texts all = {"user::rw-", "group::---", "mask::rwx", "other::---"};
    all.insert(all.end(), named.begin(), named.end());
    return of_acl(wanted, with_acl(all));
  };
  REQUIRE(with({"user:1001:r--"}) == Status::pass);
  REQUIRE(with({"user:1001:rw-", "user:1002:r--"}) == Status::pass);
  REQUIRE(with({"user:1001:rwx"}) == Status::violation);
  REQUIRE(with({"user:1001:-w-"}) == Status::violation);
  REQUIRE(with({"user:1001:r--", "user:1002:rw-"}) == Status::violation);
}

TEST_CASE(
    "T89 where a file system keeps no ACLs empty and at-most demands hold, others are errors") {
  struct Row {
    AclSpec spec;
    Status status;
  };
  const Row table[] = {
      {acl({}), Status::pass},
      {acl_at_most({"user:bob:r"}), Status::pass},
      {acl_at_most({}), Status::pass},
      {acl({"user:bob:r"}), Status::error},
      {acl({"mask::r"}), Status::error},
      {acl_at_least({"user:bob:r"}), Status::error},
      {acl_between({"user:bob:r"}, {"user:bob:rw"}), Status::error},
  };
  for (const auto& [spec, status] : table) {
    REQUIRE(of_acl(spec, file(0640).acl_unsupported()) == status);
  }
}

TEST_CASE("an ACL that cannot be read is never in policy") {
  for (const AclSpec& spec : {acl({}), acl({"user:bob:r"}), acl_at_most({}), acl_at_least({})}) {
    REQUIRE(of_acl(spec, file(0640).acl_unreadable(EACCES)) == Status::error);
  }
}

TEST_CASE("T24 an ACL with an account that is not known is an error of its object") {
  for (const AclSpec& spec : {acl({"user:ghost:r"}), acl({"group:ldap:r"}),
                              acl_at_most({"user:ghost:r"}), acl_at_least({"user:ghost:r"}),
                              acl_between({"user:bob:r"}, {"user:bob:r", "user:ghost:r"})}) {
    REQUIRE(of_acl(spec, file(0640)) == Status::error);
    REQUIRE(of_acl(spec, with_acl({"user::rw-", "user:1001:r--", "group::r--", "mask::r--",
                                   "other::---"})) == Status::error);
  }
}

TEST_CASE("T82 entries for ids without an account are compared as numbers") {
  const Seen one = with_acl({"user::rw-", "user:103221:rw-", "group:4294967294:r--", "group::r--",
                             "mask::rw-", "other::---"});
  REQUIRE(of_acl(acl({"user:103221:rw", "group:4294967294:r"}), one) == Status::pass);
  REQUIRE(of_acl(acl({"user:103221:rw"}), one) == Status::violation);
}

TEST_CASE("T80 the biggest ACL is compared whole") {
  std::vector<AclEntry> all = test::entries({"user::rw-", "group::---", "mask::r--", "other::---"});
  for (std::uint32_t i = 0; i < 2000; ++i) all.push_back({AclTag::user, 4, 10000 + i});
  const Seen one = seen(Type::file).acl(all);
  REQUIRE(of_acl(acl({}), one) == Status::violation);
  REQUIRE(of_acl(acl_at_least({"user:11999:r"}), one) == Status::pass);
  REQUIRE(of_acl(acl_at_least({"user:12000:r"}), one) == Status::violation);
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
