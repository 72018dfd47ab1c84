// SPDX-License-Identifier: Apache-2.0
#include "property/plan_model.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace permward::test {
namespace {

bool among(const std::vector<std::uint32_t>& groups, std::uint32_t group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// posix_acl_valid() of fs/posix_acl.c, but for the order, which is written sorted.
bool valid(const std::vector<AclEntry>& acl) {
  int base = 0;
  int masks = 0;
  bool named = false;
  for (const AclEntry& entry : acl) {
    if (entry.permissions > 7) return false;
    named = named || entry.named();
    masks += entry.tag == AclTag::mask ? 1 : 0;
    base += entry.named() || entry.tag == AclTag::mask ? 0 : 1;
  }
  std::set<std::pair<AclTag, std::uint32_t>> different;
  for (const AclEntry& entry : acl) different.emplace(entry.tag, entry.id);
  return base == 3 && masks <= 1 && (masks == 1 || !named) && different.size() == acl.size() &&
         std::is_sorted(acl.begin(), acl.end(), acl_order);
}

struct Kernel {
  ObjectState& at;

  bool operator()(const SetAttributes& action) {
    at.attributes = (at.attributes | action.set).without(action.clear);
    return (action.set & action.clear).empty();
  }
  bool operator()(const SetMode& action) {
    if (at.type == Type::symlink) return false;
    at.mode = action.mode;
    for (AclEntry& entry : at.acl) {
      if (entry.tag == AclTag::user_obj) entry.permissions = action.mode >> 6 & 7;
      if (entry.tag == AclTag::mask) entry.permissions = action.mode >> 3 & 7;
      if (entry.tag == AclTag::other) entry.permissions = action.mode & 7;
    }
    return true;
  }
  bool operator()(const SetOwner& action) {
    if (!action.owner && !action.group) return false;  // a call that changes nothing, and drops
    at.owner = action.owner.value_or(at.owner);
    at.group = action.group.value_or(at.group);
    if (at.type == Type::directory || at.type == Type::symlink) return true;
    at.mode = static_cast<std::uint16_t>(at.mode & ~04000);
    if ((at.mode & 010) != 0) at.mode = static_cast<std::uint16_t>(at.mode & ~02000);
    at.capabilities.reset();
    return true;
  }
  bool operator()(const SetAcl& action) {
    if (at.type == Type::symlink || !valid(action.entries)) return false;
    at.acl = action.entries.size() == 3 ? std::vector<AclEntry>{} : action.entries;
    unsigned bits = 0;
    bool masked = false;
    for (const AclEntry& entry : action.entries) {
      const unsigned rights = entry.permissions;
      if (entry.tag == AclTag::user_obj) bits |= rights << 6;
      if (entry.tag == AclTag::group_obj && !masked) bits |= rights << 3;
      if (entry.tag == AclTag::mask) {
        bits = (bits & ~070U) | rights << 3;
        masked = true;
      }
      if (entry.tag == AclTag::other) bits |= rights;
    }
    at.mode = static_cast<std::uint16_t>((at.mode & 07000) | bits);
    return true;
  }
  bool operator()(const SetDefaultAcl& action) {
    at.default_acl = action.entries;
    return at.type == Type::directory && (action.entries.empty() || valid(action.entries));
  }
  bool operator()(const SetCapabilities& action) {
    at.capabilities = action.value;
    return at.type == Type::file;
  }
  bool operator()(const Create& action) {
    const bool free = at.type == Type::absent;
    at = ObjectState{};
    at.type = action.type;
    return free && (action.type == Type::file || action.type == Type::directory);
  }
  bool operator()(const SetTarget& action) {
    at.target = action.target;
    return at.type == Type::symlink && !action.target.empty();
  }
  bool operator()(const Remove& /*action*/) {
    const bool there = at.type == Type::file || at.type == Type::directory;
    at = ObjectState{};
    return there;
  }
  // Not of states without contents, nor of what no state tells.
  bool operator()(const Install& /*action*/) { return false; }
  bool operator()(const SetExtended& /*action*/) { return false; }
  bool operator()(const SetModified& /*action*/) { return false; }
};

// posix_acl_permission() of fs/posix_acl.c: whether all of `asked` is granted.
bool acl_grants(const std::vector<AclEntry>& acl, const Subject& subject, std::uint32_t owner,
                std::uint32_t group, unsigned asked) {
  unsigned mask = 7;
  for (const AclEntry& entry : acl) {
    if (entry.tag == AclTag::mask) mask = entry.permissions;
  }
  bool of_a_group = false;
  for (const AclEntry& entry : acl) {
    const unsigned missing = asked & ~unsigned{entry.permissions};
    switch (entry.tag) {
      case AclTag::user_obj:
        if (subject.user == owner) return missing == 0;
        break;
      case AclTag::user:
        if (subject.user == entry.id) return missing == 0 && (asked & ~mask) == 0;
        break;
      case AclTag::group_obj:
      case AclTag::group:
        if (!among(subject.groups, entry.tag == AclTag::group ? entry.id : group)) break;
        of_a_group = true;
        if (missing == 0) return (asked & ~mask) == 0;
        break;
      case AclTag::mask:
        break;
      case AclTag::other:
        return !of_a_group && missing == 0;
    }
  }
  return false;
}

// acl_permission_check() of fs/namei.c.
bool grants(const ObjectState& state, const Subject& subject, unsigned asked) {
  if (subject.user == state.owner) return (asked & ~(unsigned{state.mode} >> 6)) == 0;
  if (!state.acl.empty() && (state.mode & 070) != 0) {
    return acl_grants(state.acl, subject, state.owner, state.group, asked);
  }
  const unsigned shift = among(subject.groups, state.group) ? 3 : 0;
  return (asked & ~(unsigned{state.mode} >> shift)) == 0;
}

}  // namespace

std::optional<ObjectState> after(ObjectState state, const Action& action) {
  const AttributeSet barred = state.attributes & attributes_in_status;
  if (!barred.empty() && !std::holds_alternative<SetAttributes>(action)) return std::nullopt;
  const ObjectState before = state;
  if (!std::visit(Kernel{state}, action) || state == before) return std::nullopt;
  return state;
}

std::set<std::string> powers(const ObjectState& state, const Subject& subject) {
  std::set<std::string> out;
  const bool reads = grants(state, subject, 4);
  const bool writes = grants(state, subject, 2);
  const bool executes = grants(state, subject, 1);
  if (reads) out.insert("read");
  if (writes) out.insert("write");
  if (executes) out.insert("execute");
  if (state.type == Type::directory) {
    const bool sticky = (state.mode & 01000) != 0 && subject.user != state.owner;
    if (writes && executes && !sticky) out.insert("remove what others have in it");
    return out;
  }
  if (!executes) return out;
  if ((state.mode & 04000) != 0) out.insert("act as user " + std::to_string(state.owner));
  // capabilities(7): where root's program has some, it runs with no others.
  const bool as_root = (state.mode & 04000) != 0 && state.owner == 0;
  if (as_root && !state.capabilities) out.insert("use all capabilities");
  if ((state.mode & 02010) == 02010) out.insert("act as group " + std::to_string(state.group));
  if (state.capabilities) out.insert("use " + capabilities_text(state.capabilities));
  return out;
}

}  // namespace permward::test
