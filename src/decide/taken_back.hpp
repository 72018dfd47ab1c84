// SPDX-License-Identifier: Apache-2.0
//
// What an object is to become when a recorded change of it is taken back. Layer `decide`; pure.
//
// A change is `before` and `after` it. What a run did not look at is in neither: there a change
// says nothing of attributes but immutable and append-only, nor of default ACLs, unless it made a
// difference to them.
#pragma once

#include "model/facet.hpp"
#include "model/object_state.hpp"

namespace permward {

// All that a change of an object of that type may speak of.
[[nodiscard]] FacetSet facets_to_take_back(Type type);

// Whether the object is still as the change left it, in all that the change speaks of.
[[nodiscard]] bool as_left(const ObjectState& now, const ObjectState& before,
                           const ObjectState& after);

// `now`, and in all that the change speaks of as it was before. Accounts that an ACL named twice
// have one entry: no other can be written.
[[nodiscard]] ObjectState taken_back(const ObjectState& now, const ObjectState& before,
                                     const ObjectState& after);

}  // namespace permward
