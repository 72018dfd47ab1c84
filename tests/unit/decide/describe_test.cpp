// SPDX-License-Identifier: Apache-2.0
// The texts of a report, as `spec` has them: what is expected and what is there in the policy's own
// notation, and a message for people. Those of ACLs are in `describe_acl_test.cpp`.
#include "decide/compare.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
#include <string>
#include <utility>

namespace permward {
namespace {

using test::acl;
using test::at_least;
using test::at_most;
using test::between;
using test::complaints;
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

// The complaints of one rule about one object, without the name of the rule.
Texts said(RuleSpec rule, const Observed& observed) {
  Texts out = complaints(policy_of({std::move(rule)}), "/x", observed);
  for (std::string& line : out) line = line.substr(3);
  return out;
}

Seen file(unsigned mode) { return seen(Type::file).mode(mode); }

TEST_CASE("attributes are shown by name, and what is wrong of them is said") {
  const AttributeSet immutable = Attribute::immutable;
  const AttributeSet sync = Attribute::sync;
  const RuleSpec rule = on("/x").want(Aspect::attributes, AttributesWant{immutable, sync});
  CHECK(said(rule, seen(Type::file).attributes(sync)) ==
        Texts{"attributes: sync, expected immutable, not sync (immutable not set; sync set)"});
  CHECK(
      said(rule, seen(Type::file).attributes({}, sync)) ==
      Texts{"attributes error: none, expected immutable, not sync (this file system does not keep "
            "immutable)"});
  CHECK(
      said(rule, seen(Type::file).attributes(immutable, immutable, Read::unreadable, EACCES)) ==
      Texts{"attributes error: immutable, expected immutable, not sync (could not read whether it "
            "is sync: Permission denied)"});
}

TEST_CASE("attributes that are decided in part are shown as they are written") {
  const AttributeSet both = AttributeSet(Attribute::immutable) | Attribute::append_only;
  const RuleSpec tree = on("/").recursive().want(Aspect::attributes, AttributesWant{both, {}});
  const RuleSpec file =
      on("/x").want(Aspect::attributes, AttributesWant{{}, Attribute::append_only});
  CHECK(complaints(policy_of({tree, file}), "/x", seen(Type::file).attributes({})) ==
        Texts{"r0 attributes: none, expected immutable, append_only (immutable not set)"});
}

TEST_CASE("file capabilities are shown as getcap does") {
  const FileCapabilities raw{1U << 13, 0, true, 0};
  const RuleSpec rule = on("/x").want(Aspect::capabilities, CapabilitiesWant{raw});
  CHECK(said(rule, seen(Type::file).capabilities({})) ==
        Texts{"capabilities: none, expected cap_net_raw=ep"});
  CHECK(said(rule, seen(Type::file).capabilities_not_there(Read::unsupported)) ==
        Texts{"capabilities error: none, expected cap_net_raw=ep (this file system keeps no file "
              "capabilities)"});
  CHECK(said(rule, seen(Type::file).capabilities_not_there(Read::unreadable, EACCES)) ==
        Texts{"capabilities error: unknown, expected cap_net_raw=ep (the file capabilities could "
              "not be read: Permission denied)"});
}

TEST_CASE("links and targets are shown as they are") {
  CHECK(said(on("/x").want(Aspect::links, LinksWant{1}), seen(Type::file).links(3)) ==
        Texts{"links: 3, expected at most 1 (other names lead to it too)"});
  const RuleSpec link = on("/x").type(Type::symlink).want(Aspect::target, TargetWant{{"a", "b\n"}});
  CHECK(said(link, seen(Type::symlink).target("c\x1b")) ==
        Texts{"target: c\\x1b, expected a or b\\x0a"});
  CHECK(said(link, seen(Type::symlink).target_unreadable(EACCES)) ==
        Texts{"target error: unknown, expected a or b\\x0a (the link could not be read: Permission "
              "denied)"});
}

TEST_CASE("a mode is shown as the demand is written, and as what it lets whom do") {
  struct Row {
    ModeWant want;
    unsigned mode;
    const char* text;
  };
  const Row table[] = {
      {at_most(0640), 0666,
       "mode: 0666, expected at most 0640 (group may write; others may read and write)"},
      {at_most(0640), 0642, "mode: 0642, expected at most 0640 (others may write)"},
      {at_most(0600), 0577,
       "mode: 0577, expected at most 0600 (owner may execute; group may do all; others may do "
       "all)"},
      {at_most(0755), 04755, "mode: 4755, expected at most 0755 (set-user-ID is set)"},
      {at_most(0755), 07755,
       "mode: 7755, expected at most 0755 (set-user-ID is set; set-group-ID is set; sticky is "
       "set)"},
      {at_least(0400), 0, "mode: 0000, expected at least 0400 (owner may not read)"},
      {at_least(01444), 0,
       "mode: 0000, expected at least 1444 (owner may not read; group may not read; others may not "
       "read; sticky is not set)"},
      {between(0400, 0640), 0044,
       "mode: 0044, expected at least 0400, at most 0640 (others may read; owner may not read)"},
      {exact(0640), 0604, "mode: 0604, expected 0640 (others may read; group may not read)"},
      {exact(04755), 0755, "mode: 0755, expected 4755 (set-user-ID is not set)"},
      {symbolic("o-w"), 0666, "mode: 0666, expected 0664 (others may write)"},
      {symbolic("u=rw,g=r,o="), 0777,
       "mode: 0777, expected 0640 (owner may execute; group may write and execute; others may do "
       "all)"},
      {symbolic("a+X"), 0744,
       "mode: 0744, expected 0755 (group may not execute; others may not execute)"},
  };
  for (const auto& [want, mode, text] : table) {
    REQUIRE(said(on("/x").mode(want), file(mode)) == Texts{text});
  }
}

TEST_CASE("what executing is to a file searching is to a directory") {
  REQUIRE(said(on("/x").mode(at_most(0700)), seen(Type::directory).mode(0711)) ==
          Texts{"mode: 0711, expected at most 0700 (group may search; others may search)"});
}

TEST_CASE("a rule that decides in part shows its own demand as it is written") {
  const Policy policy =
      policy_of({on("/a").recursive().mode(exact(0644)), on("/a/x").mode(symbolic("o+w"))});
  // The tree's demand is in force for all bits but one, and says only what is wrong with those.
  REQUIRE(complaints(policy, "/a/x", file(0660)) ==
          Texts{"r1 mode: 0660, expected 0662 (others may not write)",
                "r0 mode: 0660, expected 0644 (group may write; others may not read)"});
  const Policy both =
      policy_of({on("/a").recursive().mode(symbolic("o-w,g-w")), on("/a/x").mode(symbolic("o+w"))});
  REQUIRE(complaints(both, "/a/x", file(0664)) ==
          Texts{"r1 mode: 0664, expected 0666 (others may not write)",
                "r0 mode: 0664, expected o-w,g-w (group may write)"});
  const Policy bounds =
      policy_of({on("/a").recursive().mode(between(0400, 0640)), on("/a/x").mode(symbolic("o+w"))});
  REQUIRE(complaints(bounds, "/a/x", file(0066)) ==
          Texts{"r0 mode: 0066, expected at least 0400, at most 0640 (group may write; others may "
                "read; owner may not read)"});
}

TEST_CASE("owners and groups are names where there is one, else numbers") {
  REQUIRE(said(on("/x").owner({"root"}), file(0644).owner(1001)) ==
          Texts{"owner: bob, expected root"});
  REQUIRE(said(on("/x").owner({"0"}), file(0644).owner(7001)) ==
          Texts{"owner: 7001, expected root"});
  REQUIRE(said(on("/x").owner({"7001"}), file(0644)) == Texts{"owner: root, expected 7001"});
  REQUIRE(said(on("/x").group({"web"}), file(0644).group(1001)) ==
          Texts{"group: 1001, expected web"});
}

TEST_CASE("a list of accounts reads as a choice") {
  REQUIRE(said(on("/x").group({"adm", "root"}), file(0644).group(33)) ==
          Texts{"group: web, expected adm or root"});
  REQUIRE(said(on("/x").owner({"root", "daemon", "bob"}), file(0644).owner(1002)) ==
          Texts{"owner: carol, expected root, daemon or bob"});
}

TEST_CASE("T24 an account that is not there, and a name service that failed, are told apart") {
  REQUIRE(said(on("/x").owner({"ghost"}), file(0644)) ==
          Texts{"owner error: root, expected ghost (there is no user 'ghost')"});
  REQUIRE(said(on("/x").group({"web", "ghost"}), file(0644)) ==
          Texts{"group error: root, expected web or ghost (there is no group 'ghost')"});
  REQUIRE(said(on("/x").owner({"ldap", "ghost"}), file(0644)) ==
          Texts{"owner error: root, expected ldap or ghost (the name service did not answer about "
                "user 'ldap': Input/output error; there is no user 'ghost')"});
}

TEST_CASE("a name service that failed without an errno has none to show") {
  Policy policy = policy_of({on("/x").owner({"ldap"})});
  policy.accounts.front().error = 0;
  REQUIRE(complaints(policy, "/x", file(0644)) ==
          Texts{"r0 owner error: root, expected ldap (the name service did not answer about user "
                "'ldap')"});
}

TEST_CASE("T78 what a policy names is shown without what could deceive") {
  Policy policy = policy_of({on("/x").owner({"ghost"})});
  policy.accounts.front().text = "gh\nost";
  REQUIRE(complaints(policy, "/x", file(0644)) ==
          Texts{"r0 owner error: root, expected gh\\x0aost (there is no user 'gh\\x0aost')"});
}

TEST_CASE("presence is present or absent") {
  REQUIRE(said(on("/x"), nothing()) == Texts{"presence: absent, expected present"});
  REQUIRE(said(on("/x").presence(Presence::forbidden), file(0644)) ==
          Texts{"presence: present, expected absent"});
}

TEST_CASE("types are shown as the policy calls them") {
  REQUIRE(said(on("/x").type(Type::file), seen(Type::symlink)) ==
          Texts{"type: symlink, expected file"});
  REQUIRE(said(on("/x").type({Type::file, Type::directory}), seen(Type::character)) ==
          Texts{"type: char, expected file or directory"});
  REQUIRE(said(on("/x").type({Type::socket, Type::fifo, Type::block}), seen(Type::file)) ==
          Texts{"type: file, expected fifo, socket or block"});
  REQUIRE(said(on("/x"), seen(Type::symlink)) == Texts{"type: symlink, expected not a symlink"});
}

TEST_CASE("a mode that cannot be known is said to be unknown, and why") {
  const auto rule = on("/x").mode(symbolic("o-w")).acl(acl({}));
  REQUIRE(
      said(rule, file(0644).acl_unreadable(EACCES)) ==
      Texts{"mode error: unknown, expected o-w (the ACL could not be read: Permission denied)",
            "acl error: unknown, expected none (the ACL could not be read: Permission denied)"});
  REQUIRE(said(on("/x").mode(exact(0640)).acl(acl({})), file(0640).acl_unreadable(EIO)).front() ==
          "mode error: unknown, expected 0640 (the ACL could not be read: Input/output error)");
}

TEST_CASE("T83 with an ACL demanded the mode that is shown is that of the base entries") {
  const Seen one =
      seen(Type::file).acl({"user::rw-", "user:1001:rw-", "group::rw-", "mask::rw-", "other::---"});
  REQUIRE(said(on("/x").mode(exact(0640)).acl(acl({"user:bob:rw"})), one) ==
          Texts{"mode: 0660, expected 0640 (group may write)"});
}

TEST_CASE("of an ACL with thousands of entries the first hundred are told - T80") {
  std::vector<AclEntry> entries{{AclTag::user_obj, 6, 0}, {AclTag::group_obj, 4, 0}};
  for (std::uint32_t i = 0; i < 8187; ++i) entries.push_back({AclTag::group, 4, 18186 - i});
  entries.push_back({AclTag::mask, 4, 0});
  entries.push_back({AclTag::other, 0, 0});
  const Texts lines = said(on("/x").acl(acl({})), seen(Type::file).acl(entries));
  REQUIRE(lines.size() == 1);
  // The first of acl(5)'s order, in whatever order they stand.
  CHECK(lines.front().starts_with("acl: group:10000:r--,group:10001:r--,"));
  CHECK(lines.front().find(",group:10099:r-- and 8087 more, expected none") != std::string::npos);
  CHECK(lines.front().ends_with("; extra group:10099:r-- and 8087 more)"));
  // What the policy demands, and that the kernel skips it all, is not pushed out.
  entries[entries.size() - 2].permissions = 0;
  const std::string lacking =
      said(on("/x").acl(acl({"user:bob:rw"})), seen(Type::file).acl(entries)).front();
  CHECK(
      lacking.ends_with("; extra group:10099:r-- and 8087 more; missing user:bob:rw-; the mask is "
                        "---: the kernel skips this ACL)"));
  entries[entries.size() - 2].permissions = 4;
  entries.erase(entries.begin() + 2 + 100, entries.end() - 2);
  const std::string all = said(on("/x").acl(acl({})), seen(Type::file).acl(entries)).front();
  CHECK(all.find("more") == std::string::npos);
}

TEST_CASE("what passes has its texts too, and no message") {
  const Policy policy = policy_of({on("/x").owner({"root", "bob"}).mode(at_most(0640)).acl(acl({})),
                                   on("/y").presence(Presence::optional)});
  Walk walk(policy);
  const AccountNames names = test::account_names();
  const auto text = [&](const char* path, const Observed& observed, std::size_t index) {
    const Demand& demand =
        observed.type == Type::absent ? walk.absent(path) : walk.demand(path, observed.type);
    const Description out =
        describe(policy, demand, demand.decided.at(index), observed, Status::pass, names);
    REQUIRE(out.message.empty());
    return out.actual + ", expected " + out.expected;
  };
  REQUIRE(text("/x", file(0600), 0) == "present, expected present");
  REQUIRE(text("/x", file(0600), 1) == "file, expected not a symlink");
  REQUIRE(text("/x", file(0600), 2) == "root, expected root or bob");
  REQUIRE(text("/x", file(0600), 3) == "0600, expected at most 0640");
  REQUIRE(text("/x", file(0600), 4) == "none, expected none");
  REQUIRE(text("/y", nothing(), 0) == "absent, expected present or absent");
}

}  // namespace
}  // namespace permward
