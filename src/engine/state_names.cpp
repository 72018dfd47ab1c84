// SPDX-License-Identifier: Apache-2.0
#include "engine/state_names.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr std::size_t most_entries_named = 128;  // of one ACL
constexpr std::size_t most_ids_named = 16384;    // of all

}  // namespace

void StateNames::learn(const ObjectState& state) {
  learn(AccountKind::user, state.owner);
  learn(AccountKind::group, state.group);
  learn(state.acl);
  learn(state.default_acl);
}

void StateNames::learn(const Principals& who) {
  for (const std::uint32_t id : who.users) learn(AccountKind::user, id);
  for (const std::uint32_t id : who.groups) learn(AccountKind::group, id);
}

void StateNames::learn(AccountKind kind, std::uint32_t id) {
  if (!names_.knows(kind, id)) names_.learn(kind, id, printable(service_.name_of(kind, id)));
}

void StateNames::learn(const std::vector<AclEntry>& acl) {
  for (std::size_t i = 0; i < std::min(acl.size(), most_entries_named); ++i) {
    const AclEntry& entry = acl[i];
    if (!entry.named()) continue;
    const AccountKind kind = entry.tag == AclTag::user ? AccountKind::user : AccountKind::group;
    if (names_.knows(kind, entry.id)) continue;
    if (ids_of_entries_ == most_ids_named) return;
    ++ids_of_entries_;
    learn(kind, entry.id);
  }
}

}  // namespace permward
