// SPDX-License-Identifier: Apache-2.0
//
// What an object is to become. Layer `decide`; pure.
#pragma once

#include "decide/compare.hpp"
#include "model/facet.hpp"
#include "model/object_state.hpp"
#include "model/observation.hpp"
#include "model/policy.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace permward {

// What must have been read of an object of that type, beyond what its demand asks for, before it is
// planned for: changing one thing may drop or move another, and of a link all is written down.
[[nodiscard]] FacetSet facets_to_plan(Type type);

// The nearest state in which all of `judged` hold. It lists what is to hold afterwards, of what
// `judge_all` said of `observed`: what passes, those violations that are to be corrected, and those
// errors that are not of an unknown account: an `X` where nobody executes yet is none once the mode
// is right, and where it is left out a second run finds more to do. What cannot be corrected, and
// what was not read, stays as it is; `judge_in_state` tells.
//
// So does what depends on it: an ACL that could not be read, or is not `complete`, would be moved
// by a chmod and written by a chown, and capabilities are dropped by one. And no ACL is made whose
// mask comes out empty, for the kernel would skip it; unless a bound on the mask, or a mode where
// no rule speaks of the ACL, leaves nothing else.
//
// Where the owner or the group of anything but a directory changes, set-id bits and capabilities
// that none of `judged` demands go.
[[nodiscard]] ObjectState wanted(const Policy& policy, const Observed& observed,
                                 std::span<const Judged> judged);

// What mode and ACL become where all that `demand` decides of these two holds.
[[nodiscard]] ObjectState wanted_rights(const Policy& policy, const Demand& demand,
                                        const Observed& observed);

// A state as if it had been read: `observed` with what a state has. It must outlive what it lends.
class AsRead {
 public:
  AsRead(const ObjectState& state, const Observed& observed);
  AsRead(const AsRead&) = delete;
  AsRead& operator=(const AsRead&) = delete;

  [[nodiscard]] const Observed& operator*() const { return seen_; }

 private:
  std::vector<std::byte> acl_;
  std::vector<std::byte> default_acl_;
  Observed seen_;
};

// How a clause comes out once the object is in that state: `observed` with what a state has.
[[nodiscard]] Status judge_in_state(const Policy& policy, const Judged& judged,
                                    const Observed& observed, const ObjectState& state);

}  // namespace permward
