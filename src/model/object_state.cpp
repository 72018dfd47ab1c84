// SPDX-License-Identifier: Apache-2.0
#include "model/object_state.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

std::vector<AclEntry> entries_of(const AclView& acl) {
  std::vector<AclEntry> out;
  out.reserve(acl.size());
  for (std::size_t i = 0; i < acl.size(); ++i) out.push_back(acl[i]);
  std::stable_sort(out.begin(), out.end(), acl_order);
  return out;
}

bool covers(unsigned permissions, unsigned others) { return (others & ~permissions) == 0; }

}  // namespace

ObjectState state_of(const Observed& observed) {
  ObjectState out;
  out.type = observed.type;
  out.owner = observed.owner;
  out.group = observed.group;
  out.mode = observed.mode;
  if (observed.acl.value.extended()) out.acl = entries_of(observed.acl.value);
  out.default_acl = entries_of(observed.default_acl.value);
  out.capabilities = observed.capabilities.value;
  if (observed.type != Type::symlink) {
    out.attributes = observed.attributes.set & observed.attributes.known;
  }
  out.target = observed.target.value;
  return out;
}

std::vector<AclEntry> without_duplicates(const std::vector<AclEntry>& acl) {
  std::vector<AclEntry> out;
  for (const AclEntry& entry : acl) {
    const bool again = !out.empty() && out.back().tag == entry.tag && out.back().id == entry.id;
    if (!again) {
      out.push_back(entry);
    } else if (entry.tag == AclTag::group && covers(entry.permissions, out.back().permissions)) {
      out.back().permissions = entry.permissions;
    }
  }
  return out;
}

bool complete(const std::vector<AclEntry>& acl) {
  if (acl.empty()) return true;
  const auto has = [&acl](AclTag tag) { return find_entry(acl, tag) != nullptr; };
  const bool named =
      std::any_of(acl.begin(), acl.end(), [](const AclEntry& entry) { return entry.named(); });
  return has(AclTag::user_obj) && has(AclTag::group_obj) && has(AclTag::other) &&
         (!named || has(AclTag::mask));
}

std::vector<AclEntry> base_entries(unsigned mode) {
  const auto entry = [mode](AclTag tag, unsigned shift) {
    return AclEntry{tag, static_cast<std::uint8_t>(mode >> shift & 7), 0};
  };
  return {entry(AclTag::user_obj, 6), entry(AclTag::group_obj, 3), entry(AclTag::other, 0)};
}

std::vector<AclEntry> whole_acl(const ObjectState& state) {
  return state.acl.empty() ? base_entries(state.mode) : state.acl;
}

unsigned mask_of(const std::vector<AclEntry>& acl) {
  const AclEntry* mask = find_entry(acl, AclTag::mask);
  return mask == nullptr ? 7U : mask->permissions;
}

std::uint16_t permission_bits(const std::vector<AclEntry>& acl) {
  const auto rights = [&acl](AclTag tag) -> unsigned {
    const AclEntry* entry = find_entry(acl, tag);
    return entry == nullptr ? 0U : entry->permissions;
  };
  const bool masked = find_entry(acl, AclTag::mask) != nullptr;
  const unsigned group = rights(masked ? AclTag::mask : AclTag::group_obj);
  return static_cast<std::uint16_t>(rights(AclTag::user_obj) << 6 | group << 3 |
                                    rights(AclTag::other));
}

const AclEntry* find_entry(const std::vector<AclEntry>& acl, AclTag tag) {
  const auto it = std::find_if(acl.begin(), acl.end(),
                               [tag](const AclEntry& entry) { return entry.tag == tag; });
  return it == acl.end() ? nullptr : &*it;
}

AclEntry* find_entry(std::vector<AclEntry>& acl, AclTag tag) {
  return const_cast<AclEntry*>(find_entry(std::as_const(acl), tag));
}

}  // namespace permward
