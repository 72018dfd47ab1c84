// SPDX-License-Identifier: Apache-2.0
//
// Whether two demands on one aspect leave a state that satisfies both: aspect by aspect. Layer
// `decide`; pure. Who demands them, and of what, is in `decide/conflict.hpp`.
#pragma once

#include "model/policy.hpp"
#include "model/rule.hpp"
#include "model/type.hpp"

namespace permward {

// Of two clauses on one aspect: whether some object of `type` satisfies both. Accounts have been
// looked up; an unknown one is held to be itself. What depends on the object (the owning group's
// rights, `X`) is let be.
[[nodiscard]] bool agree(const Policy& policy, const Clause& a, const Clause& b, Type type);

}  // namespace permward
