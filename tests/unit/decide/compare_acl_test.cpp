// SPDX-License-Identifier: Apache-2.0
// Which ACLs are in policy: exact ones, bounds, and where none can be kept or read.
#include "compare_support.hpp"
#include "decide/compare.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"

#include <cerrno>
#include <cstdint>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::acl_at_least;
using test::acl_at_most;
using test::acl_between;
using test::AclSpec;
using test::exact;
using test::on;
using test::Seen;
using test::seen;
using test::Texts;
using test::comparing::file;
using test::comparing::judged;
using test::comparing::with_acl;

Status of_acl(const AclSpec& spec, const Observed& observed) {
  return judged(on("/x").acl(spec), Aspect::acl, observed);
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

}  // namespace
}  // namespace permward
