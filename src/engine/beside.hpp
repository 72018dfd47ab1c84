// SPDX-License-Identifier: Apache-2.0
//
// What a generation has of an object beside its state: times, and the extended attributes that
// nothing else tells of. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "model/action.hpp"
#include "model/object_state.hpp"
#include "model/observation.hpp"
#include "model/snapshot.hpp"
#include "os/kernel.hpp"

#include <span>
#include <string>
#include <vector>

namespace permward {

struct Beside {
  std::vector<Action> actions;  // that bring it there
  std::string actual;           // what it has, in words; empty: all is as in the generation
};

// The extended attributes that are to be set or removed, so that `now` is as `then`. What `then`
// has not is left, but for those of `user`: a security module may have given it since. Those of
// `trusted` are left where this process does not see them.
[[nodiscard]] std::vector<SetExtended> extended_changes(const std::vector<ExtendedAttribute>& now,
                                                        const std::vector<ExtendedAttribute>& then);

// How what `held` holds, and is `observed` to be of the object's type, differs in that. The time of
// a directory is none of it: it moves with the entries. Nor are attributes that the generation does
// not have, but those of `user`: a security module may have given them since. Errors: those of
// `extended_attributes`.
[[nodiscard]] Result<Beside> find_beside(const Kernel& kernel, int held, const Observed& observed,
                                         const SnapshotObject& object);

// `plan`, with these actions too: while attributes bar every change nothing of them can be done.
[[nodiscard]] std::vector<Action> plan_with(const ObjectState& now, const ObjectState& wanted,
                                            std::span<const Action> beside);

}  // namespace permward
