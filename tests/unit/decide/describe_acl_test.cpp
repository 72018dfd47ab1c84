// SPDX-License-Identifier: Apache-2.0
#include "decide/describe.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
#include <string>

namespace permward {
namespace {

using test::acl;
using test::acl_at_least;
using test::acl_at_most;
using test::acl_between;
using test::AclSpec;
using test::exact;
using test::on;
using test::policy_of;
using test::Seen;
using test::seen;
using test::Texts;

// What is said of the ACL alone.
std::string said(const AclSpec& spec, const Observed& observed) {
  const Texts lines = test::complaints(policy_of({on("/x").acl(spec)}), "/x", observed);
  REQUIRE(lines.size() == 1);
  return lines.front().substr(std::string("r0 acl").size());
}

Seen with(const Texts& texts) {
  Texts all = {"user::rw-", "group::r--", "other::---"};
  all.insert(all.end(), texts.begin(), texts.end());
  return seen(Type::file).acl(all);
}

TEST_CASE("an extra entry is named") {
  REQUIRE(said(acl({}), with({"user:1001:rw-", "mask::rw-"})) ==
          ": user:bob:rw-, expected none (extra user:bob:rw-)");
  REQUIRE(said(acl({"user:carol:r"}), with({"user:1001:rw-", "user:1002:r--", "mask::rw-"})) ==
          ": user:bob:rw-,user:carol:r--, expected user:carol:r-- (extra user:bob:rw-)");
}

TEST_CASE("an extra entry without any right is named under an exact ACL") {
  REQUIRE(said(acl({}), with({"user:1001:---", "mask::r--"})) ==
          ": user:bob:---, expected none (extra user:bob:---)");
}

TEST_CASE("a mask where no ACL is wanted is what is extra") {
  REQUIRE(said(acl({}), with({"mask::r--"})) == ": mask::r--, expected none (extra mask::r--)");
}

TEST_CASE("a missing entry is named") {
  REQUIRE(said(acl({"user:bob:rw"}), with({})) ==
          ": none, expected user:bob:rw- (missing user:bob:rw-)");
  REQUIRE(said(acl({"user:bob:rw", "group:web:r"}), with({"user:1001:rw-", "mask::rw-"})) ==
          ": user:bob:rw-, expected user:bob:rw-,group:web:r-- (missing group:web:r--)");
}

TEST_CASE("an entry with other rights says what it has too much and what it lacks") {
  REQUIRE(said(acl({"user:bob:r"}), with({"user:1001:rw-", "mask::rw-"})) ==
          ": user:bob:rw-, expected user:bob:r-- (user:bob:rw- has more than r--)");
  REQUIRE(said(acl({"user:bob:rw"}), with({"user:1001:r--", "mask::r--"})) ==
          ": user:bob:r--, expected user:bob:rw- (user:bob has r--, not rw-)");
}

TEST_CASE("entries are shown in the order of acl(5), with names where there are any") {
  REQUIRE(said(acl({"group:web:r", "group:7001:r", "user:carol:r", "user:0:rwx"}), with({})) ==
          ": none, expected user:root:rwx,user:carol:r--,group:web:r--,group:7001:r-- (missing "
          "group:web:r--; missing group:7001:r--; missing user:carol:r--; missing user:root:rwx)");
  REQUIRE(said(acl({}), with({"group:7001:r--", "user:7001:r--", "group:33:r--", "user:0:r--",
                              "mask::r--"})) ==
          ": user:root:r--,user:7001:r--,group:web:r--,group:7001:r--, expected none (extra "
          "user:root:r--; extra user:7001:r--; extra group:web:r--; extra group:7001:r--)");
}

TEST_CASE("T82 ids without an account are numbers in an ACL") {
  REQUIRE(said(acl({}), with({"user:103221:rw-", "group:4294967294:r--", "mask::rw-"})) ==
          ": user:103221:rw-,group:4294967294:r--, expected none (extra user:103221:rw-; extra "
          "group:4294967294:r--)");
}

TEST_CASE("a mask that nobody states is shown only where it is all that is wrong") {
  REQUIRE(said(acl({"user:bob:r"}), with({"user:1001:r--", "mask::rw-"})) ==
          ": user:bob:r--,mask::rw-, expected user:bob:r--,mask::r-- (mask::rw- has more than "
          "r--)");
  REQUIRE(said(acl({"user:bob:rw"}), with({"user:1001:rw-", "mask::r--"})) ==
          ": user:bob:rw-,mask::r--, expected user:bob:rw-,mask::rw- (mask: has r--, not rw-)");
}

TEST_CASE("a mask that is stated is always shown") {
  REQUIRE(said(acl({"user:bob:rw", "mask::r"}), with({"user:1002:r--", "mask::rw-"})) ==
          ": user:carol:r--,mask::rw-, expected user:bob:rw-,mask::r-- (extra user:carol:r--; "
          "mask::rw- has more than r--; missing user:bob:rw-)");
  REQUIRE(said(acl({"mask::r"}), with({})) == ": none, expected mask::r-- (missing mask::r--)");
}

TEST_CASE("bounds say which of them they are") {
  REQUIRE(said(acl_at_most({"user:bob:r"}), with({"user:1001:rw-", "mask::rw-"})) ==
          ": user:bob:rw-, expected at most user:bob:r-- (user:bob:rw- has more than r--)");
  REQUIRE(said(acl_at_most({}), with({"user:1001:r--", "mask::r--"})) ==
          ": user:bob:r--, expected at most none (extra user:bob:r--)");
  REQUIRE(said(acl_at_least({"user:bob:r"}), with({})) ==
          ": none, expected at least user:bob:r-- (missing user:bob:r--)");
  REQUIRE(
      said(acl_between({"user:bob:r"}, {"user:bob:rw"}), with({"user:1001:--x", "mask::--x"})) ==
      ": user:bob:--x, expected at least user:bob:r--, at most user:bob:rw- (user:bob:--x has "
      "more than rw-; user:bob has in effect --x, not r--)");
}

TEST_CASE("rights that the mask takes are said not to be in effect") {
  REQUIRE(said(acl_at_least({"user:bob:rw"}), with({"user:1001:rwx", "mask::r--"})) ==
          ": user:bob:rwx, expected at least user:bob:rw- (user:bob has in effect r--, not rw-)");
}

TEST_CASE("a bound on the mask says what the mask has") {
  REQUIRE(said(acl_at_most({"mask::r"}), with({"mask::rw-"})) ==
          ": mask::rw-, expected at most mask::r-- (mask::rw- has more than r--)");
  REQUIRE(said(acl_at_least({"mask::rw"}), with({"mask::r--"})) ==
          ": mask::r--, expected at least mask::rw- (mask: has r--, not rw-)");
}

TEST_CASE("an at least does not miss an entry of which it asks nothing") {
  REQUIRE(said(acl_at_least({"user:bob:r", "user:carol:"}), with({})) ==
          ": none, expected at least user:bob:r--,user:carol:--- (missing user:bob:r--)");
}

TEST_CASE("an at least does not call a mask missing that is not there") {
  REQUIRE(said(acl_at_least({"user:bob:r", "mask::r"}), with({})) ==
          ": none, expected at least user:bob:r--,mask::r-- (missing user:bob:r--)");
}

TEST_CASE("an ACL that the kernel skips is said to be one") {
  REQUIRE(said(acl({"user:bob:r"}), with({"user:1001:r--", "mask::---"})) ==
          ": user:bob:r--,mask::---, expected user:bob:r--,mask::r-- (mask: has ---, not r--; the "
          "mask is ---: the kernel skips this ACL)");
  REQUIRE(said(acl({}), with({"mask::---"})) ==
          ": mask::---, expected none (extra mask::---; the mask is ---: the kernel skips this "
          "ACL)");
}

TEST_CASE("a demand whose mask comes out empty says what to write") {
  const Seen one = seen(Type::file).mode(0600);
  REQUIRE(said(acl({"user:bob:"}), one) ==
          " error: none, expected user:bob:--- (the mask of such an ACL comes out as ---, and the "
          "kernel would not look at it; write mask::r--)");
}

TEST_CASE("T89 a file system without ACLs is said to have none") {
  REQUIRE(said(acl({"user:bob:r"}), seen(Type::file).acl_unsupported()) ==
          " error: none, expected user:bob:r-- (this file system keeps no ACLs)");
  REQUIRE(said(acl_at_least({"user:bob:r"}), seen(Type::file).acl_unsupported()) ==
          " error: none, expected at least user:bob:r-- (this file system keeps no ACLs)");
}

TEST_CASE("T24 an ACL with an account that is not there names it") {
  REQUIRE(said(acl({"user:ghost:r"}), with({})) ==
          " error: none, expected user:ghost:r-- (there is no user 'ghost')");
  REQUIRE(said(acl_at_least({"group:ldap:r"}), with({})) ==
          " error: none, expected at least group:ldap:r-- (the name service did not answer about "
          "group 'ldap': Input/output error)");
}

TEST_CASE("an ACL that could not be read is unknown, and why") {
  REQUIRE(said(acl({"user:bob:r"}), seen(Type::file).acl_unreadable(ENODEV)) ==
          " error: unknown, expected user:bob:r-- (the ACL could not be read: No such device)");
}

TEST_CASE("a capital X is shown as what it comes to once the mode is as demanded") {
  const Policy policy = policy_of({on("/x").mode(exact(0750)).acl(acl({"user:bob:rX"}))});
  REQUIRE(test::complaints(policy, "/x", seen(Type::file).mode(0640)) ==
          Texts{"r0 mode: 0640, expected 0750 (owner may not execute; group may not execute)",
                "r0 acl: none, expected user:bob:r-x (missing user:bob:r-x)"});
  const Policy narrow = policy_of({on("/x").mode(exact(0640)).acl(acl({"user:bob:rX"}))});
  REQUIRE(test::complaints(narrow, "/x", seen(Type::file).mode(0750)) ==
          Texts{"r0 mode: 0750, expected 0640 (owner may execute; group may execute)",
                "r0 acl: none, expected user:bob:r-- (missing user:bob:r--)"});
}

TEST_CASE(
    "a capital X by which an ACL is wrong only until the mode is right is shown as it is now") {
  const Policy policy = policy_of({on("/x").mode(exact(0750)).acl(acl_at_most({"user:bob:rX"}))});
  const Texts entries = {"user::r--", "user:1001:--x", "group::r--", "mask::r--", "other::---"};
  const Texts told = test::complaints(policy, "/x", seen(Type::file).acl(entries));
  REQUIRE(told.size() == 2);
  REQUIRE(told.back() ==
          "r0 acl: user:bob:--x, expected at most user:bob:r-- (user:bob:--x has more than r--)");
}

TEST_CASE("a capital X is shown as what it comes to for the object") {
  REQUIRE(said(acl({"user:bob:rX"}), with({})) ==
          ": none, expected user:bob:r-- (missing user:bob:r--)");
  const Seen program = seen(Type::file).mode(0755);
  REQUIRE(said(acl({"user:bob:rX"}), program) ==
          ": none, expected user:bob:r-x (missing user:bob:r-x)");
}

TEST_CASE("an entry that stands there twice shows as it is") {
  const Seen twice = with({"user:1001:r--", "user:1001:r--", "mask::r--"});
  REQUIRE(said(acl({"user:bob:r"}), twice) ==
          ": user:bob:r--,user:bob:r--, expected user:bob:r-- (user:bob:r-- stands there twice)");
}

TEST_CASE("two names of one account show as one entry") {
  REQUIRE(said(acl({"user:bob:r", "user:robert:r"}), with({})) ==
          ": none, expected user:bob:r-- (missing user:bob:r--)");
}

}  // namespace
}  // namespace permward
