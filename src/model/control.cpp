// SPDX-License-Identifier: Apache-2.0
#include "model/control.hpp"

#include "model/mode.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr unsigned write_and_search = 3;

void insert_sorted(std::vector<std::uint32_t>& ids, std::uint32_t id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

bool both(unsigned permissions) { return (permissions & write_and_search) == write_and_search; }

void add_owner(Principals& to, const DirectoryFacts& facts) {
  if (facts.owner_unknown) {
    to.anyone = true;
  } else {
    to.add_user(facts.owner);
  }
}

void add_owning_group(Principals& to, const DirectoryFacts& facts) {
  if (facts.group_unknown) {
    to.anyone = true;
  } else {
    to.add_group(facts.group);
  }
}

// By the directory's own owner, mode and ACL.
Principals adders_of(const DirectoryFacts& facts) {
  Principals out;
  add_owner(out, facts);
  if (both(facts.mode & 7U)) out.anyone = true;
  if (!needs_acl(facts)) return out;
  if (facts.acl_unknown) {
    out.anyone = true;
    return out;
  }
  if (facts.acl.empty()) {
    add_owning_group(out, facts);
    return out;
  }
  for (std::size_t i = 0; i < facts.acl.size(); ++i) {
    const AclEntry entry = facts.acl[i];
    if (!both(facts.acl.masked(entry.permissions))) continue;
    if (entry.tag == AclTag::user) out.add_user(entry.id);
    if (entry.tag == AclTag::group) out.add_group(entry.id);
    if (entry.tag == AclTag::group_obj) add_owning_group(out, facts);
  }
  return out;
}

}  // namespace

Principals without(const Principals& who, const Principals& known) {
  Principals out;
  if (known.anyone) return out;
  out.anyone = who.anyone;
  for (const std::uint32_t uid : who.users) {
    if (!known.has_user(uid)) out.add_user(uid);
  }
  for (const std::uint32_t gid : who.groups) {
    if (!std::binary_search(known.groups.begin(), known.groups.end(), gid)) out.add_group(gid);
  }
  return out;
}

void Principals::add_user(std::uint32_t uid) {
  if (uid != 0) insert_sorted(users, uid);
}

void Principals::add_group(std::uint32_t gid) { insert_sorted(groups, gid); }

void Principals::add(const Principals& others) {
  anyone = anyone || others.anyone;
  for (const std::uint32_t uid : others.users) add_user(uid);
  for (const std::uint32_t gid : others.groups) add_group(gid);
}

bool Principals::has_user(std::uint32_t uid) const {
  return std::binary_search(users.begin(), users.end(), uid);
}

Principals Control::may_add() const {
  Principals out = inherited_;
  out.add(adders_);
  return out;
}

Principals Control::may_remove(std::uint32_t entry_owner) const {
  Principals out = inherited_;
  if (!sticky_) {
    out.add(adders_);
    return out;
  }
  out.add_user(owner_);
  // Whether the entry's owner is a member of a group that may add cannot be known here: he is
  // counted.
  const bool entry_owner_may_add =
      adders_.anyone || !adders_.groups.empty() || adders_.has_user(entry_owner);
  if (entry_owner_may_add) out.add_user(entry_owner);
  return out;
}

ControlPtr below(const ControlPtr& above, const DirectoryFacts& facts) {
  Control control;
  if (above) {
    control.inherited_ = facts.mount_root ? above->inherited_ : above->may_remove(facts.owner);
  }
  control.adders_ = adders_of(facts);
  control.owner_ = facts.owner;
  // The owner of a directory is not bound by it.
  control.sticky_ = (facts.mode & sticky_bit) != 0 && !facts.owner_unknown;
  if (control.inherited_.empty() && control.adders_.empty()) return nullptr;
  return std::make_shared<const Control>(std::move(control));
}

}  // namespace permward
