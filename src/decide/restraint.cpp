// SPDX-License-Identifier: Apache-2.0
#include "decide/restraint.hpp"

#include "decide/plan.hpp"
#include "model/mode.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

constexpr unsigned set_group_id = 02000;
constexpr unsigned sticky = 01000;
constexpr unsigned permissions = 0777;
constexpr unsigned writable_by_others = 022;
constexpr unsigned may_write = 2;

bool same_ids(const ObjectState& a, const ObjectState& b) {
  return a.owner == b.owner && a.group == b.group;
}

const AclEntry* find_named(const std::vector<AclEntry>& acl, const AclEntry& like) {
  const auto it = std::find_if(acl.begin(), acl.end(), [&like](const AclEntry& entry) {
    return entry.tag == like.tag && entry.id == like.id;
  });
  return it == acl.end() ? nullptr : &*it;
}

// Whether who is named by `wanted` alone can do without an entry in `common`: as one of a group, or
// of the others, he gets no more than he is to have. With one he would lose what he has by them.
bool needs_no_entry(const AclEntry& entry, const std::vector<AclEntry>& common,
                    const ObjectState& now, const ObjectState& wanted) {
  if (!entry.named() || find_named(now.acl, entry) != nullptr) return false;
  const AclEntry* to_be = find_named(wanted.acl, entry);
  const AclEntry* mask = find_entry(wanted.acl, AclTag::mask);
  if (to_be == nullptr || mask == nullptr) return false;
  const bool user = entry.tag == AclTag::user;
  unsigned without_it = 0;
  for (const AclEntry& other : common) {
    const bool of_group = other.tag == AclTag::group_obj || other.tag == AclTag::group;
    if (other.tag == AclTag::other || (user && of_group)) without_it |= other.permissions;
  }
  return (without_it & ~(unsigned{to_be->permissions} & mask->permissions)) == 0;
}

// An ACL that names nobody is none.
void settle_acl(ObjectState& state, unsigned& bits) {
  const bool names = std::any_of(state.acl.begin(), state.acl.end(),
                                 [](const AclEntry& entry) { return entry.named(); });
  bits = permission_bits(state.acl);
  if (names) return;
  const unsigned group = find_entry(state.acl, AclTag::group_obj)->permissions;
  bits = (bits & ~070U) | (bits & group << 3);
  state.acl.clear();
}

// The rights that both have; a denial more, and no set-id bit, capability or name less.
ObjectState narrowed(const ObjectState& now, const ObjectState& wanted) {
  ObjectState out = now;
  if (now.type == Type::symlink) return out;
  const unsigned special =
      (now.mode & wanted.mode & set_id_bits) | ((now.mode | wanted.mode) & sticky);
  unsigned bits = now.mode & wanted.mode & permissions;
  if (now.acl != wanted.acl) {
    const std::vector<AclEntry> common = common_acl(now, wanted);
    out.acl = common;
    std::erase_if(
        out.acl, [&](const AclEntry& entry) { return needs_no_entry(entry, common, now, wanted); });
    settle_acl(out, bits);
  } else if (!now.acl.empty()) {
    for (AclEntry& entry : out.acl) {  // the mode alone differs
      const unsigned shift = entry.tag == AclTag::user_obj ? 6 : entry.tag == AclTag::mask ? 3 : 0;
      const bool in_mode = shift != 0 || entry.tag == AclTag::other;
      if (in_mode) entry.permissions = static_cast<std::uint8_t>(bits >> shift & 7);
    }
  }
  out.mode = static_cast<std::uint16_t>(bits | special);
  if (now.capabilities != wanted.capabilities) out.capabilities.reset();
  out.attributes = now.attributes | (wanted.attributes & attributes_in_status);
  return out;
}

// What the owner could do himself: but give it away, and what takes a right that no user has. Of a
// file he may set the group's bit only if he is in the group, which is not known here: chmod(2).
ObjectState by_its_owner(const ObjectState& now, const ObjectState& wanted) {
  ObjectState out = wanted;
  out.owner = now.owner;
  out.group = now.group;
  if (now.type != Type::directory) {
    out.mode = static_cast<std::uint16_t>(out.mode & ~(set_group_id & ~unsigned{now.mode}));
  }
  if (now.capabilities != wanted.capabilities) out.capabilities.reset();
  out.attributes = wanted.attributes | (now.attributes & attributes_in_status);
  return out;
}

bool owner_alone(const Principals& who, std::uint32_t owner) {
  Principals without_owner;
  without_owner.add_user(owner);
  return without(who, without_owner).empty();
}

bool arms(const ObjectState& now, const ObjectState& wanted) {
  if (now.type == Type::directory || now.type == Type::symlink) return false;
  const bool kept = same_ids(now, wanted);
  const unsigned had = kept ? unsigned{now.mode} : 0U;
  if ((wanted.mode & set_id_bits & ~had) != 0) return true;
  return wanted.capabilities && !(kept && now.capabilities == wanted.capabilities);
}

bool written_by_others(const ObjectState& now, std::uint32_t owner) {
  if (now.owner != 0 && now.owner != owner) return true;
  if (now.acl.empty()) return (now.mode & writable_by_others) != 0;
  const AclEntry* mask = find_entry(now.acl, AclTag::mask);
  return std::any_of(now.acl.begin(), now.acl.end(), [&](const AclEntry& entry) {
    if (entry.tag == AclTag::user_obj || entry.tag == AclTag::mask) return false;
    const bool bounded = entry.tag != AclTag::other;
    const unsigned rights = entry.permissions & (bounded ? mask->permissions : 7U);
    const bool himself = entry.tag == AclTag::user && (entry.id == 0 || entry.id == owner);
    return (rights & may_write) != 0 && !himself;
  });
}

bool verified(const ObjectState& now, const ObjectState& wanted, const Surroundings& around) {
  const bool placed_by_others = !around.offline && !owner_alone(around.controllers, wanted.owner);
  return !around.refused && around.links <= 1 && !placed_by_others &&
         !written_by_others(now, wanted.owner);
}

// Without what it does not have yet.
void leave_unarmed(const ObjectState& now, ObjectState& state) {
  const bool kept = same_ids(now, state);
  const unsigned had = kept ? unsigned{now.mode} : 0U;
  state.mode = static_cast<std::uint16_t>(state.mode & ~(set_id_bits & ~had));
  if (!kept || now.capabilities != state.capabilities) state.capabilities.reset();
}

// What the owner of the directory, who is not the object's, may not have done in his name.
Restrained in_a_controlled_place(const ObjectState& now, const ObjectState& wanted,
                                 const Surroundings& around) {
  const bool linked = now.type != Type::directory && around.links > 1;
  if (linked) return {now, Restraint::second_link, false};
  if (around.offline) return {wanted, Restraint::none, false};
  // Lifting these for a while is nothing that he could do.
  const bool barred = !(now.attributes & attributes_in_status).empty();
  ObjectState state = now;
  if (!barred) {
    const bool his = now.owner != 0 && owner_alone(around.untrusted, now.owner);
    state = his ? by_its_owner(now, wanted) : narrowed(now, wanted);
  }
  const Restraint why = state == wanted ? Restraint::none : Restraint::controlled;
  return {std::move(state), why, false};
}

}  // namespace

Restrained restrained(const ObjectState& now, const ObjectState& wanted,
                      const Surroundings& surroundings) {
  Restrained out{wanted, Restraint::none, false};
  if (now == wanted) return out;
  const bool to_arm = arms(now, wanted);
  if (!surroundings.untrusted.empty()) out = in_a_controlled_place(now, wanted, surroundings);
  if (arms(now, out.state) && !verified(now, wanted, surroundings)) {
    leave_unarmed(now, out.state);
    if (out.why == Restraint::none) out.why = Restraint::unverified;
  }
  // Where only its place is controlled it may be looked at, once that is closed.
  const bool written = to_arm && written_by_others(now, wanted.owner);
  out.to_remember = written || out.why == Restraint::unverified;
  return out;
}

}  // namespace permward
