// SPDX-License-Identifier: Apache-2.0
#include "decide/rights.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>

namespace permward {
namespace {

using test::acl;
using test::exact;
using test::on;
using test::policy_of;
using test::seen;
using test::Seen;
using test::symbolic;
using test::Walk;

Seen masked() {
  return seen(Type::file)
      .mode(04000)
      .acl({"user::rw-", "user:1001:rwx", "group::rwx", "mask::r-x", "other::--x"});
}

TEST_CASE("without a demand for the ACL the base mode is that of stat") {
  const Policy policy = policy_of({on("/x").mode(exact(0640))});
  Walk walk(policy);
  const Demand& demand = walk.demand("/x", Type::file);
  REQUIRE(base_mode(demand, masked(), true).mode == 04651);
  REQUIRE(base_mode(demand, masked(), false).mode == 04651);
  REQUIRE(base_mode(demand, seen(Type::file).mode(0640).acl_not_asked(), false).known);
}

TEST_CASE("with a demand for the ACL the group bits are those of the owning group") {
  const Policy policy = policy_of({on("/x").mode(exact(0640)).acl(acl({}))});
  Walk walk(policy);
  const Demand& demand = walk.demand("/x", Type::file);
  REQUIRE(base_mode(demand, masked(), true).mode == 04671);
  REQUIRE(base_mode(demand, masked(), false).mode == 04651);
  REQUIRE(base_mode(demand, seen(Type::file).mode(0640), false).mode == 0640);
  REQUIRE(base_mode(demand, seen(Type::file).mode(0640).acl_unsupported(), false).mode == 0640);
  REQUIRE_FALSE(base_mode(demand, seen(Type::file).acl_unreadable(EIO), false).known);
}

TEST_CASE("an ACL without an entry for the owning group leaves the mode as it is") {
  const Policy policy = policy_of({on("/x").acl(acl({}))});
  Walk walk(policy);
  const Seen odd = seen(Type::file).mode(0640).acl({"user::rw-", "mask::r--", "other::---"});
  REQUIRE(base_mode(walk.demand("/x", Type::file), odd, false).mode == 0640);
}

TEST_CASE("the wanted mode is what all clauses together make of the base entries") {
  const Policy policy =
      policy_of({on("/x").mode(symbolic("o-x")).acl(acl({})), on("/x").mode(symbolic("ug+X"))});
  Walk walk(policy);
  REQUIRE(wanted_mode(walk.demand("/x", Type::file), masked()) == 04750);
}

TEST_CASE("somebody executes an object by its mode, or by an entry that the mask leaves") {
  REQUIRE(anybody_executes(seen(Type::directory).mode(0)));
  REQUIRE_FALSE(anybody_executes(seen(Type::file).mode(0666)));
  for (const unsigned mode : {0100U, 0010U, 0001U}) {
    REQUIRE(anybody_executes(seen(Type::file).mode(mode)));
    REQUIRE(anybody_executes(seen(Type::file).mode(mode).acl_unsupported()));
  }
  const auto with = [](const std::vector<std::string>& texts) {
    return anybody_executes(seen(Type::file).acl(texts));
  };
  REQUIRE(with({"user::rwx", "group::r--", "mask::r--", "other::r--"}));
  REQUIRE(with({"user::rw-", "group::r--", "mask::r--", "other::r-x"}));
  REQUIRE(with({"user::rw-", "group::r-x", "mask::r-x", "other::r--"}));
  REQUIRE(with({"user::rw-", "user:5:--x", "group::r--", "mask::r-x", "other::r--"}));
  REQUIRE(with({"user::rw-", "group:5:--x", "group::r--", "mask::--x", "other::r--"}));
  // A mask is nobody.
  REQUIRE_FALSE(with({"user::rw-", "group::r--", "mask::r-x", "other::r--"}));
  REQUIRE_FALSE(with({"user::rw-", "user:5:rwx", "group::r-x", "mask::rw-", "other::r--"}));
}

TEST_CASE("the mask of an exact ACL is stated, or the union with the owning group as demanded") {
  Policy policy = policy_of({on("/x").mode(exact(0640)).acl(acl({})), on("/y").acl(acl({}))});
  Walk walk(policy);
  const AclWant bob = test::acl_want(policy, acl({"user:bob:w"}));
  const AclWant stated = test::acl_want(policy, acl({"user:bob:w", "mask::x"}));
  const AclWant maybe = test::acl_want(policy, acl({"user:bob:X"}));
  const Seen one = seen(Type::file).acl({"user::rw-", "group::--x", "mask::--x", "other::---"});
  const Seen plain = seen(Type::file).mode(0600);
  {
    const Demand& with_mode = walk.demand("/x", Type::file);
    REQUIRE(wanted_mask(bob, with_mode, one) == 6);
    REQUIRE(wanted_mask(stated, with_mode, one) == 1);
  }
  const Demand& without = walk.demand("/y", Type::file);
  REQUIRE(wanted_mask(bob, without, one) == 3);
  REQUIRE(wanted_mask(bob, without, plain) == 2);
  REQUIRE(wanted_mask(maybe, without, plain) == 0);
  REQUIRE(wanted_mask(maybe, without, one) == 1);
}

}  // namespace
}  // namespace permward
