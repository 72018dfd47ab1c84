// SPDX-License-Identifier: Apache-2.0
#include "model/control.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"

#include <vector>

namespace permward {
namespace {

using test::seen;
using test::Seen;

constexpr std::uint32_t bob = 1001;
constexpr std::uint32_t carol = 1002;
constexpr std::uint32_t web = 33;

struct Made {
  bool mount_root = false;
};

DirectoryFacts facts(const Observed& directory, Made made = {}) {
  DirectoryFacts out;
  out.owner = directory.owner;
  out.group = directory.group;
  out.mode = directory.mode;
  out.acl = directory.acl.value;
  out.mount_root = made.mount_root;
  return out;
}

Seen directory(std::uint32_t owner, std::uint32_t group, unsigned mode) {
  return seen(Type::directory).owner(owner).group(group).mode(mode);
}

Principals users(std::vector<std::uint32_t> ids) {
  Principals out;
  for (const std::uint32_t id : ids) out.add_user(id);
  return out;
}
Principals groups(std::vector<std::uint32_t> ids) {
  Principals out;
  for (const std::uint32_t id : ids) out.add_group(id);
  return out;
}
Principals anyone() {
  Principals out;
  out.anyone = true;
  return out;
}
Principals both(Principals a, const Principals& b) {
  a.add(b);
  return a;
}

ControlPtr of(const Observed& one) { return below(nullptr, facts(one)); }

TEST_CASE("a directory that only root may write is under root's control alone") {
  REQUIRE(of(directory(0, 0, 0755)) == nullptr);
  REQUIRE(of(directory(0, web, 0750)) == nullptr);
  REQUIRE(of(directory(0, web, 0754)) == nullptr);
  REQUIRE(of(directory(0, 0, 0)) == nullptr);
  REQUIRE(may_add(nullptr).empty());
  REQUIRE(may_remove(nullptr, bob).empty());
}

TEST_CASE("T09 an owner controls his directory whatever its mode says") {
  for (const unsigned mode : {0755U, 0700U, 0500U, 0U}) {
    const ControlPtr control = of(directory(bob, 0, mode));
    REQUIRE(may_add(control) == users({bob}));
    REQUIRE(may_remove(control, 0) == users({bob}));
  }
}

TEST_CASE("T09 a group that may write and search controls the directory, members or not") {
  REQUIRE(may_add(of(directory(0, web, 0775))) == groups({web}));
  REQUIRE(may_remove(of(directory(0, web, 0775)), 0) == groups({web}));
  REQUIRE(may_add(of(directory(0, 0, 0770))) == groups({0}));
}

TEST_CASE("T09 a directory that everyone may write is under everyone's control") {
  REQUIRE(may_add(of(directory(0, 0, 0757))) == anyone());
  REQUIRE(may_add(of(directory(0, web, 0777))) == both(anyone(), groups({web})));
}

TEST_CASE("write without search, or search without write, adds no names") {
  for (const unsigned mode : {0765U, 0756U, 0720U, 0710U, 0702U, 0701U, 0752U, 0761U}) {
    INFO(mode);
    REQUIRE(of(directory(0, web, mode & ~03U)) == nullptr);
  }
  REQUIRE(of(directory(0, web, 0762)) == nullptr);
  REQUIRE(of(directory(0, web, 0721)) == nullptr);
}

TEST_CASE("T09 in a sticky directory everyone adds and each removes his own") {
  const ControlPtr tmp = of(directory(0, 0, 01777));
  REQUIRE(may_add(tmp) == both(anyone(), groups({0})));
  REQUIRE(may_remove(tmp, bob) == users({bob}));
  REQUIRE(may_remove(tmp, 0).empty());
}

TEST_CASE("the owner of a sticky directory removes whatever lies in it") {
  const ControlPtr control = of(directory(carol, 0, 01777));
  REQUIRE(may_remove(control, 0) == users({carol}));
  REQUIRE(may_remove(control, bob) == users({bob, carol}));
}

TEST_CASE("in a sticky directory the owner of an entry needs to be among those who may add") {
  REQUIRE(may_remove(of(directory(carol, 0, 01755)), bob) == users({carol}));
  // He may be a member of the group: that cannot be known here.
  REQUIRE(may_remove(of(directory(0, web, 01775)), bob) == users({bob}));
  const Seen named =
      directory(0, 0, 01770)
          .acl({"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::---"});
  REQUIRE(may_remove(of(named), bob) == users({bob}));
  REQUIRE(may_remove(of(named), carol).empty());
}

TEST_CASE("T08 a named user of the ACL controls the directory though its group is root") {
  const Seen one =
      directory(0, 0, 0755)
          .acl({"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::r-x"});
  REQUIRE(one->mode == 0775);
  REQUIRE(may_add(of(one)) == users({bob}));
}

TEST_CASE("named groups, the owning group and others each count by their own entry") {
  const Seen one = directory(0, web, 0755)
                       .acl({"user::rwx", "user:1002:r-x", "group::rwx", "group:4:-wx",
                             "group:5:-w-", "mask::rwx", "other::-wx"});
  REQUIRE(may_add(of(one)) == both(anyone(), groups({4, web})));
}

TEST_CASE("the mask takes from every entry but those of owner and others") {
  const Seen one = directory(0, web, 0755)
                       .acl({"user::rwx", "user:1001:rwx", "group::rwx", "group:4:rwx", "mask::r-x",
                             "other::r-x"});
  REQUIRE(of(one) == nullptr);
  const Seen open =
      directory(0, web, 0755)
          .acl({"user::rwx", "user:1001:rwx", "group::rwx", "mask::r-x", "other::rwx"});
  REQUIRE(may_add(of(open)) == anyone());
}

TEST_CASE("rights asked for together come from one and the same group entry") {
  const Seen one = directory(0, web, 0755)
                       .acl({"user::rwx", "group::-w-", "group:4:--x", "mask::rwx", "other::---"});
  REQUIRE(of(one) == nullptr);
}

TEST_CASE("a directory needs its ACL only where its group bits have w and x") {
  REQUIRE_FALSE(needs_acl(facts(directory(0, 0, 0755))));
  REQUIRE_FALSE(needs_acl(facts(directory(0, 0, 0767))));
  REQUIRE_FALSE(needs_acl(facts(directory(0, 0, 0757))));
  REQUIRE(needs_acl(facts(directory(0, 0, 0775))));
  REQUIRE(needs_acl(facts(directory(0, 0, 0730))));
}

TEST_CASE("an ACL that could not be read counts as if it gave everyone what its mask lets") {
  DirectoryFacts unknown = facts(directory(0, web, 0770));
  unknown.acl_unknown = true;
  REQUIRE(may_add(below(nullptr, unknown)) == anyone());
  // Where the group bits bar everybody it does not matter.
  DirectoryFacts barred = facts(directory(0, web, 0755));
  barred.acl_unknown = true;
  REQUIRE(below(nullptr, barred) == nullptr);
}

TEST_CASE("an owner, or a group that may add, that nobody can name counts for anyone - T93") {
  constexpr std::uint32_t nobody = 65534;
  DirectoryFacts owned = facts(directory(nobody, 0, 0755));
  REQUIRE(may_add(below(nullptr, owned)) == users({nobody}));
  owned.owner_unknown = true;
  REQUIRE(may_add(below(nullptr, owned)) == anyone());

  DirectoryFacts shared = facts(directory(0, nobody, 0755));
  shared.group_unknown = true;
  REQUIRE(below(nullptr, shared) == nullptr);
  shared.mode = 0775;
  REQUIRE(may_add(below(nullptr, shared)) == anyone());

  DirectoryFacts sticky = facts(directory(nobody, 0, 01755));
  sticky.owner_unknown = true;
  REQUIRE(may_remove(below(nullptr, sticky), bob) == anyone());
}

TEST_CASE("root alone is said only where nobody else may write, without a look at an ACL") {
  REQUIRE(root_alone(facts(directory(0, web, 0755))));
  REQUIRE(root_alone(facts(directory(0, web, 01755))));
  REQUIRE_FALSE(root_alone(facts(directory(bob, 0, 0700))));
  REQUIRE_FALSE(root_alone(facts(directory(0, 0, 0775))));
  REQUIRE_FALSE(root_alone(facts(directory(0, 0, 0757))));
  REQUIRE_FALSE(root_alone(facts(directory(0, 0, 01777))));
}

TEST_CASE("whoever may remove a directory controls all that lies below it") {
  const ControlPtr home = of(directory(bob, 0, 0755));
  const ControlPtr config = below(home, facts(directory(0, 0, 0755)));
  const ControlPtr deeper = below(config, facts(directory(0, 0, 0700)));
  REQUIRE(may_add(config) == users({bob}));
  REQUIRE(may_remove(deeper, 0) == users({bob}));
}

TEST_CASE("below a sticky directory only those who may remove the entry count") {
  const ControlPtr tmp = of(directory(0, 0, 01777));
  REQUIRE(below(tmp, facts(directory(0, 0, 0755))) == nullptr);
  const ControlPtr of_bob = below(tmp, facts(directory(bob, 0, 0700)));
  REQUIRE(may_add(of_bob) == users({bob}));
  REQUIRE(may_remove(below(of_bob, facts(directory(0, 0, 0755))), 0) == users({bob}));
}

TEST_CASE("a sticky bit further up does not protect what lies below its entries") {
  // carol owns the entry of the sticky directory; what is in there is hers to move away.
  const ControlPtr tmp = of(directory(0, 0, 01777));
  const ControlPtr hers = below(tmp, facts(directory(carol, 0, 0755)));
  REQUIRE(may_remove(below(hers, facts(directory(0, 0, 01755))), 0) == users({carol}));
}

TEST_CASE("a mount point cannot itself be removed, but its parent can") {
  const ControlPtr open = of(directory(0, 0, 0757));
  REQUIRE(below(open, facts(directory(0, 0, 0755), Made{true})) == nullptr);

  const ControlPtr bobs = of(directory(bob, 0, 0755));
  const ControlPtr inside = below(bobs, facts(directory(0, 0, 0755)));
  REQUIRE(may_remove(below(inside, facts(directory(0, 0, 0755), Made{true})), 0) == users({bob}));
}

TEST_CASE("a directory adds its own to what is inherited") {
  const ControlPtr bobs = of(directory(bob, 0, 0755));
  const ControlPtr shared = below(bobs, facts(directory(carol, web, 0775)));
  REQUIRE(may_add(shared) == both(users({bob, carol}), groups({web})));
}

TEST_CASE("who may remove a parent may remove the entry though the sticky bit is set") {
  const ControlPtr bobs = of(directory(bob, 0, 0755));
  const ControlPtr sticky = below(bobs, facts(directory(0, 0, 01777)));
  REQUIRE(may_remove(sticky, 0) == users({bob}));
}

TEST_CASE("root is nobody else, neither as owner nor in an ACL") {
  Principals out;
  out.add_user(0);
  REQUIRE(out.empty());
  const Seen one = directory(0, 0, 0755)
                       .acl({"user::rwx", "user:0:rwx", "group::r-x", "mask::rwx", "other::r-x"});
  REQUIRE(of(one) == nullptr);
}

TEST_CASE("principals are sets") {
  Principals out;
  out.add_user(carol);
  out.add_user(bob);
  out.add_user(carol);
  out.add_group(web);
  out.add_group(0);
  out.add_group(web);
  REQUIRE(out.users == std::vector<std::uint32_t>{bob, carol});
  REQUIRE(out.groups == std::vector<std::uint32_t>{0, web});
  REQUIRE(out.has_user(bob));
  REQUIRE_FALSE(out.has_user(0));
  REQUIRE_FALSE(out.empty());
  REQUIRE_FALSE(anyone().empty());
}

TEST_CASE("T106 the greatest ids are principals like any other") {
  const ControlPtr control = of(directory(4294967294, 4294967294, 0770));
  REQUIRE(may_add(control) == both(users({4294967294}), groups({4294967294})));
}

}  // namespace
}  // namespace permward
