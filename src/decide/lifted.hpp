// SPDX-License-Identifier: Apache-2.0
//
// Immutable and append-only keep names in a directory from being changed. Where they are to go they
// are lifted before what lies in it is worked on, and where they are to come they are set after
// that. Layer `decide`; pure.
#pragma once

#include "model/attributes.hpp"
#include "model/object_state.hpp"

namespace permward {

// What of a directory keeps its names from being changed; of all else nothing.
[[nodiscard]] AttributeSet bars_of(const ObjectState& state);

// A directory, `now`, that is to become `end` and bars changes of its names, which `end` does not,
// or that is to be gone: what it is to be while what lies in it is taken back. Nobody gets a right
// by that which he has neither now nor in the end; where that cannot be had it is `now`.
[[nodiscard]] ObjectState while_lifted(const ObjectState& now, const ObjectState& end);

// The same of a directory that is made as `end`, which bars such changes.
[[nodiscard]] ObjectState until_barred(const ObjectState& end);

}  // namespace permward
