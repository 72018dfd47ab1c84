// SPDX-License-Identifier: Apache-2.0
#include "decide/restraint.hpp"

#include "model/mode.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr unsigned writable_by_others = 022;
constexpr unsigned may_write = 2;

using Entries = std::vector<AclEntry>;

bool same_ids(const ObjectState& a, const ObjectState& b) {
  return a.owner == b.owner && a.group == b.group;
}

// Then its capabilities are all that it runs with, and without them it has every one:
// capabilities(7).
bool runs_as_root(const ObjectState& state) {
  return state.owner == 0 && (state.mode & set_user_id_bit) != 0;
}

// The set-id bits that work in `wanted`, and do not in `now`. Without x of the group the
// set-group-ID bit of a file does nothing, and outlives writes and chowns: chown(2), inode(7).
unsigned new_set_id(const ObjectState& now, const ObjectState& wanted) {
  const unsigned had = same_ids(now, wanted) ? unsigned{now.mode} : 0U;
  const unsigned out = wanted.mode & set_id_bits & ~had;
  if (now.type == Type::directory) return out;
  const bool works = (wanted.mode & (set_group_id_bit | group_execute_bit)) ==
                     (set_group_id_bit | group_execute_bit);
  const bool worked = (had & group_execute_bit) != 0;
  return works && !worked ? out | set_group_id_bit : out;
}

bool bounded(const AclEntry& entry) { return entry.named() || entry.tag == AclTag::group_obj; }

// Null where there is none for him.
const AclEntry* find_like(const Entries& acl, const AclEntry& like) {
  const auto it = std::find_if(acl.begin(), acl.end(), [&like](const AclEntry& entry) {
    return entry.tag == like.tag && entry.id == like.id;
  });
  return it == acl.end() ? nullptr : &*it;
}

// The entries of `now`, cut to what `wanted` gives to whom they are for: nothing where it does not
// name him.
Entries cut_entries(const Entries& now, const Entries& wanted) {
  Entries out;
  for (AclEntry entry : now) {
    if (entry.tag == AclTag::mask) continue;
    const AclEntry* left = find_like(wanted, entry);
    entry.permissions &= left == nullptr ? std::uint8_t{0} : left->permissions;
    out.push_back(entry);
  }
  return out;
}

// Adds those of `wanted` who are to have less than they may have now: as one of a group, or of the
// others, since nothing names them. Whoever is to have all that, and more, goes without an entry:
// with less than he is to have it would take what is not to be taken, and with more it would grant.
void deny(const Entries& now, const Entries& wanted, Entries& out) {
  unsigned least = 7;
  unsigned most = 0;
  for (const AclEntry& entry : now) {
    const bool of_all = entry.tag == AclTag::other;
    if (!of_all && entry.tag != AclTag::group_obj && entry.tag != AclTag::group) continue;
    const unsigned rights = entry.permissions & (of_all ? 7U : mask_of(now));
    least &= rights;
    most |= rights;
  }
  for (AclEntry entry : wanted) {
    if (!entry.named() || find_like(now, entry) != nullptr) continue;
    const unsigned rights = entry.permissions & mask_of(wanted);
    if ((most & ~rights) == 0) continue;
    entry.permissions = static_cast<std::uint8_t>(rights & least);
    out.push_back(entry);
  }
}

// Without group bits the kernel skips an ACL, and whoever it names is one of the others.
void bound_others(const Entries& now, Entries& acl) {
  AclEntry* others = find_entry(acl, AclTag::other);
  for (const AclEntry& entry : acl) {
    const AclEntry* had = find_like(now, entry);
    if (!entry.named() || (had != nullptr && mask_of(now) == 0)) continue;
    others->permissions &= had == nullptr ? entry.permissions : had->permissions;
    if (had != nullptr) others->permissions &= static_cast<std::uint8_t>(mask_of(now));
  }
}

// What `now` grants, and `wanted` too; without a mask where none is needed.
Entries narrowed_acl(const Entries& now, const Entries& wanted) {
  Entries out = cut_entries(now, wanted);
  deny(now, wanted, out);
  const bool masked = find_entry(now, AclTag::mask) != nullptr;
  const bool named =
      std::any_of(out.begin(), out.end(), [](const AclEntry& entry) { return entry.named(); });
  unsigned mask = mask_of(now) & mask_of(wanted);
  if (!named && !(masked && find_entry(wanted, AclTag::mask) != nullptr)) {
    find_entry(out, AclTag::group_obj)->permissions &= static_cast<std::uint8_t>(mask);
    return out;
  }
  unsigned used = 0;
  for (const AclEntry& entry : out) used |= bounded(entry) ? entry.permissions : 0U;
  if (!masked) mask &= used;
  if (mask == 0) bound_others(now, out);
  out.push_back({AclTag::mask, static_cast<std::uint8_t>(mask), 0});
  std::sort(out.begin(), out.end(), acl_order);
  return out;
}

// The rights that both have; a denial more, and no set-id bit, capability or name less.
ObjectState narrowed(const ObjectState& now, const ObjectState& wanted) {
  ObjectState out = now;
  if (now.type == Type::symlink) return out;
  const unsigned special =
      (now.mode & wanted.mode & set_id_bits) | ((now.mode | wanted.mode) & sticky_bit);
  unsigned bits = now.mode & all_permissions;
  const bool same = now.acl == wanted.acl && bits == (wanted.mode & all_permissions);
  if (!same && complete(now.acl)) {
    out.acl =
        narrowed_acl(without_duplicates(whole_acl(now)), without_duplicates(whole_acl(wanted)));
    bits = permission_bits(out.acl);
    if (find_entry(out.acl, AclTag::mask) == nullptr) out.acl.clear();
  }
  out.mode = static_cast<std::uint16_t>(bits | special);
  if (now.capabilities != wanted.capabilities && !runs_as_root(out)) out.capabilities.reset();
  out.attributes = now.attributes | (wanted.attributes & attributes_in_status);
  return out;
}

// What the owner could do himself: but what takes a right that no user has. Whether he is of the
// group, and may have programs act in its name, is not known.
ObjectState by_its_owner(const ObjectState& now, const ObjectState& wanted) {
  ObjectState out = wanted;
  out.mode = static_cast<std::uint16_t>(out.mode & ~(new_set_id(now, wanted) & set_group_id_bit));
  if (now.capabilities != wanted.capabilities) out.capabilities.reset();
  return out;
}

bool owner_alone(const Principals& who, std::uint32_t owner) {
  Principals without_owner;
  without_owner.add_user(owner);
  return without(who, without_owner).empty();
}

// Nothing but a file is executed.
bool arms(const ObjectState& now, const ObjectState& wanted) {
  if (now.type != Type::file) return false;
  if (new_set_id(now, wanted) != 0) return true;
  const bool kept = same_ids(now, wanted) && now.capabilities == wanted.capabilities;
  const bool bounded = now.capabilities && runs_as_root(wanted);
  return !kept && (wanted.capabilities || bounded);
}

bool verified(const ObjectState& now, const ObjectState& wanted, const Surroundings& around) {
  const std::uint32_t owner = around.owner_demanded ? wanted.owner : 0;
  const bool placed_by_others = !around.offline && !owner_alone(around.controllers, owner);
  if (around.refused_before || around.links > 1) return false;
  return around.verified_before || (!placed_by_others && !written_by_others(now, owner));
}

// Without what it does not have yet.
void leave_unarmed(const ObjectState& now, ObjectState& state) {
  state.mode = static_cast<std::uint16_t>(state.mode & ~new_set_id(now, state));
  const bool kept = same_ids(now, state) && now.capabilities == state.capabilities;
  if (kept) return;
  state.capabilities.reset();
  if (runs_as_root(state)) state.capabilities = now.capabilities;
}

// Whoever may make names there may have made one of what lies elsewhere; that he is trusted with
// what lies there, or does nothing now, is no word on that.
bool linked_there(const ObjectState& now, const Surroundings& around) {
  return now.type != Type::directory && around.links > 1 && !around.controllers.empty();
}

// What the owner of the directory, who is not the object's, may not have done in his name.
Restrained in_a_controlled_place(const ObjectState& now, const ObjectState& wanted,
                                 const Surroundings& around) {
  if (around.offline) return {wanted, Restraint::none, false};
  // Lifting these for a while is nothing that he could do.
  const bool barred = !(now.attributes & attributes_in_status).empty();
  ObjectState state = now;
  if (!barred && now.type == wanted.type) {
    const bool his = now.owner != 0 && same_ids(now, wanted) && now.target == wanted.target &&
                     owner_alone(around.untrusted, now.owner);
    state = his ? by_its_owner(now, wanted) : narrowed(now, wanted);
  }
  const Restraint why = state == wanted ? Restraint::none : Restraint::controlled;
  return {std::move(state), why, false};
}

// Whether it gets its name by a rename out of another directory.
bool is_renamed(const ObjectState& wanted, const Surroundings& around) {
  return wanted.type == Type::symlink || (wanted.content && around.renames);
}

// chattr(1): in an append-only directory what is not there may be made.
bool is_barred(const ObjectState& now, const ObjectState& wanted, const Surroundings& around) {
  const bool made = now.type == Type::absent && !is_renamed(wanted, around);
  return around.bars.has(Attribute::immutable) ||
         (around.bars.has(Attribute::append_only) && !made);
}

// As a new inode, or for none.
bool takes_its_name(const ObjectState& now, const ObjectState& wanted) {
  const bool renewed = wanted.type == Type::file && wanted.content && now.content != wanted.content;
  return now.type != wanted.type || now.target != wanted.target || renewed;
}

}  // namespace

bool written_by_others(const ObjectState& state, std::uint32_t owner) {
  if (state.owner != 0 && state.owner != owner) return true;
  if (state.acl.empty()) return (state.mode & writable_by_others) != 0;
  const AclEntry* mask = find_entry(state.acl, AclTag::mask);
  const unsigned bound = mask == nullptr ? 7U : mask->permissions;
  return std::any_of(state.acl.begin(), state.acl.end(), [&](const AclEntry& entry) {
    if (entry.tag == AclTag::user_obj || entry.tag == AclTag::mask) return false;
    const unsigned rights = entry.permissions & (entry.tag == AclTag::other ? 7U : bound);
    const bool himself = entry.tag == AclTag::user && (entry.id == 0 || entry.id == owner);
    return (rights & may_write) != 0 && !himself;
  });
}

Restrained restrained_install(const ObjectState& now, const ObjectState& wanted,
                              const Surroundings& surroundings) {
  if (is_barred(now, wanted, surroundings)) return {now, Restraint::barred, false};
  // Lifting what bars a change is nothing that he could do.
  const bool barred = !(now.attributes & attributes_in_status).empty();
  const bool his = owner_alone(surroundings.untrusted, wanted.owner) &&
                   (!barred || surroundings.untrusted.empty());
  if (his || surroundings.offline) return {wanted, Restraint::none, false};
  return {now, Restraint::controlled, false};
}

Restrained restrained(const ObjectState& now, const ObjectState& wanted,
                      const Surroundings& surroundings) {
  Restrained out{wanted, Restraint::none, false};
  if (now == wanted) return out;
  if (takes_its_name(now, wanted) && is_barred(now, wanted, surroundings)) {
    return {now, Restraint::barred, false};
  }
  if (linked_there(now, surroundings)) {
    out = {now, Restraint::second_link, false};
  } else if (!surroundings.untrusted.empty()) {
    out = in_a_controlled_place(now, wanted, surroundings);
  }
  if (arms(now, out.state) && !verified(now, wanted, surroundings)) {
    leave_unarmed(now, out.state);
    if (out.why == Restraint::none) out.why = Restraint::unverified;
  }
  out.left_unarmed = arms(now, wanted) && !arms(now, out.state);
  return out;
}

}  // namespace permward
