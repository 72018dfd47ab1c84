// SPDX-License-Identifier: Apache-2.0
//
// What a walk does not meet of what a policy pins: it goes by what is there, and cannot tell what
// is not. Layer `engine`.
#pragma once

#include "engine/check.hpp"
#include "engine/survey.hpp"

#include <vector>

namespace permward {

// After a walk that came to its end, which found `found`, whose counts are mended. Returns, each in
// the name of a rule that pins:
// - of an object of `options.baseline` that a recursion pins where it lay, and that is gone: a
//   violation of presence; so it is of one of whatever path that is of a type which cannot be
//   compared with it;
// - of one that is there and that the walk did not compare, that it was not there when its
// directory
//   was looked at: an error;
// - of a mount that lies over such objects, and is not entered: an error;
// - of what a literal path pins and can have no content: an error;
// - where nothing was accepted, or nobody knows what was: an error of each path that pins.
// Of a walk with `options.pinned`, which compares nothing, only the literal paths are looked at.
// `met`: one an object of the baseline, whether the walk compared something with it.
[[nodiscard]] std::vector<Finding> find_gone(const Ground& ground, const CheckOptions& options,
                                             const std::vector<bool>& met, CheckOutcome& found);

}  // namespace permward
