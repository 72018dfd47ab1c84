// SPDX-License-Identifier: Apache-2.0
//
// The order in which an object is brought from one state to another. Layer `decide`; pure.
#pragma once

#include "model/action.hpp"
#include "model/object_state.hpp"

#include <vector>

namespace permward {

// Of one type. What both have alike is not touched; nothing is left to do where they are equal.
//
// While the actions are carried out nobody has a right that he has neither before nor after; but
// that immutable and append-only, which bar every change, are lifted first and put back last. So
// where the owner or the group changes, mode and ACL are cut to what both states grant before, and
// granted after. Set-id bits go before anything is granted, and come after; the sticky bit the
// other way round.
[[nodiscard]] std::vector<Action> plan(const ObjectState& now, const ObjectState& wanted);

}  // namespace permward
