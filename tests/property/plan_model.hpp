// SPDX-License-Identifier: Apache-2.0
// What the kernel makes of a change, and what an object lets whom do: written from acl(5),
// chown(2), chattr(1) and fs/namei.c, beside the planner and apart from it.
#pragma once

#include "model/action.hpp"
#include "model/object_state.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace permward::test {

// Who may act: one user, and all his groups.
struct Subject {
  std::uint32_t user = 0;
  std::vector<std::uint32_t> groups;
};

// Nothing where the kernel refuses: an immutable object, an ACL that is none.
std::optional<ObjectState> after(ObjectState state, const Action& action);

// All that the object lets somebody other than root do: "read", "execute", "act as user 0", "remove
// what others have in it". As if it were neither immutable nor append-only.
std::set<std::string> powers(const ObjectState& state, const Subject& subject);

}  // namespace permward::test
