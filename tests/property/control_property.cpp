// SPDX-License-Identifier: Apache-2.0
// Who controls a directory, against the definition asked for one principal at a time.
#include "model/control.hpp"
#include "support/observations.hpp"
#include "support/property.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace permward::test {
namespace {

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
bool one_in(int count) { return *rc::gen::inRange(0, count) == 0; }

struct Directory {
  Seen seen;
  bool mount_root = false;
  bool acl_unknown = false;
};

// A user as himself, a group as whoever acts through it, or anyone.
struct Principal {
  enum class Kind { user, group, anyone };
  Kind kind = Kind::anyone;
  std::uint32_t id = 0;
};

std::vector<Principal> principals() {
  std::vector<Principal> out = {{}};
  for (const std::uint32_t uid : {1001U, 1002U}) out.push_back({Principal::Kind::user, uid});
  for (const std::uint32_t gid : {0U, 33U}) out.push_back({Principal::Kind::group, gid});
  return out;
}

// Write and search, by one entry, as the mask lets it.
bool entry_lets(const Observed& directory, AclTag tag, std::uint32_t id) {
  for (std::size_t i = 0; i < directory.acl.value.size(); ++i) {
    const AclEntry entry = directory.acl.value[i];
    if (entry.tag != tag || entry.id != id) continue;
    const unsigned mask = directory.acl.value.find(AclTag::mask)->permissions;
    if ((entry.permissions & mask & 3) == 3) return true;
  }
  return false;
}

bool adds_here(const Principal& who, const Directory& directory) {
  const Observed& one = directory.seen;
  const bool group_bits = (one.mode & 030) == 030;
  switch (who.kind) {
    case Principal::Kind::user:
      return one.owner == who.id ||
             (!directory.acl_unknown && group_bits && entry_lets(one, AclTag::user, who.id));
    case Principal::Kind::group: {
      if (directory.acl_unknown || !group_bits) return false;
      if (one.acl.value.empty()) return one.group == who.id;
      return (one.group == who.id && entry_lets(one, AclTag::group_obj, 0)) ||
             entry_lets(one, AclTag::group, who.id);
    }
    case Principal::Kind::anyone:
      return (one.mode & 3) == 3 || (directory.acl_unknown && group_bits);
  }
  return false;
}

class Definition {
 public:
  explicit Definition(const std::vector<Directory>& chain) : chain_(chain) {}

  bool may_add(const Principal& who, std::size_t at) const {
    return adds_here(who, chain_[at]) || may_remove_directory(who, at);
  }

  bool may_remove(const Principal& who, std::size_t at, std::uint32_t entry_owner) const {
    if (may_remove_directory(who, at)) return true;
    const Observed& one = chain_[at].seen;
    if ((one.mode & 01000) == 0) return adds_here(who, chain_[at]);
    if (who.kind != Principal::Kind::user) return false;
    return who.id == one.owner || (who.id == entry_owner && could_add(who, at));
  }

 private:
  bool may_remove_directory(const Principal& who, std::size_t at) const {
    if (at == 0) return false;
    // A mount point cannot be moved; what it lies in can.
    if (chain_[at].mount_root) return may_remove_directory(who, at - 1);
    return may_remove(who, at - 1, chain_[at].seen->owner);
  }

  // The user, or somebody that he may be one of.
  bool could_add(const Principal& who, std::size_t at) const {
    const std::vector<Principal> all = principals();
    return adds_here(who, chain_[at]) ||
           std::any_of(all.begin(), all.end(), [&](const Principal& other) {
             return other.kind != Principal::Kind::user && adds_here(other, chain_[at]);
           });
  }

  const std::vector<Directory>& chain_;
};

bool has(const Principals& set, const Principal& who) {
  switch (who.kind) {
    case Principal::Kind::user:
      return std::count(set.users.begin(), set.users.end(), who.id) == 1;
    case Principal::Kind::group:
      return std::count(set.groups.begin(), set.groups.end(), who.id) == 1;
    case Principal::Kind::anyone:
      return set.anyone;
  }
  return false;
}

Directory drawn() {
  Directory out{seen(Type::directory), one_in(5), one_in(8)};
  out.seen.owner(one_of({0U, 0U, 1001U, 1002U})).group(one_of({0U, 33U}));
  out.seen.mode(one_of({0755U, 0700U, 0775U, 01777U, 0777U, 01775U, 0757U, 0733U, 01755U, 0U}));
  if (!one_in(2)) return out;
  std::vector<AclEntry> all = entries({"user::rwx"});
  const auto rights = [] { return one_of<std::uint8_t>({0, 2, 3, 5, 7}); };
  all.push_back({AclTag::group_obj, rights(), 0});
  for (const std::uint32_t uid : {0U, 1001U, 1002U}) {
    if (one_in(3)) all.push_back({AclTag::user, rights(), uid});
  }
  for (const std::uint32_t gid : {0U, 33U}) {
    if (one_in(3)) all.push_back({AclTag::group, rights(), gid});
  }
  all.push_back({AclTag::mask, rights(), 0});
  all.push_back({AclTag::other, rights(), 0});
  out.seen.acl(std::move(all));
  return out;
}

DirectoryFacts facts(const Directory& directory) {
  const Observed& one = directory.seen;
  DirectoryFacts out;
  out.owner = one.owner;
  out.group = one.group;
  out.mode = one.mode;
  out.mount_root = directory.mount_root;
  out.acl_unknown = directory.acl_unknown && needs_acl(out);
  // Where it need not be read it may be left out.
  if (needs_acl(out) && !out.acl_unknown) out.acl = one.acl.value;
  return out;
}

TEST_CASE("control of a directory is what its definition says of each principal") {
  check_property("chains of directories", 4000, 100000, [] {
    std::vector<Directory> chain;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) chain.push_back(drawn());
    const Definition definition(chain);
    ControlPtr control;
    for (std::size_t at = 0; at < chain.size(); ++at) {
      control = below(control, facts(chain[at]));
      bool anybody = false;
      for (const Principal& who : principals()) {
        RC_ASSERT(has(may_add(control), who) == definition.may_add(who, at));
        anybody = anybody || definition.may_add(who, at);
        for (const std::uint32_t owner : {0U, 1001U, 1002U}) {
          RC_ASSERT(has(may_remove(control, owner), who) == definition.may_remove(who, at, owner));
        }
      }
      RC_ASSERT((control != nullptr) == anybody);
      RC_ASSERT(!may_add(control).has_user(0));
      // What is said without a look at the ACL is never too much.
      if (root_alone(facts(chain[at]))) {
        for (const Principal& who : principals()) RC_ASSERT(!adds_here(who, chain[at]));
      }
    }
  });
}

}  // namespace
}  // namespace permward::test
