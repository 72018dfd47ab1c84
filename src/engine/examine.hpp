// SPDX-License-Identifier: Apache-2.0
//
// Reading one object that is held by a descriptor, as far as a demand asks. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "decide/demand.hpp"
#include "model/observation.hpp"
#include "os/observe.hpp"

namespace permward {

// After the object behind `held` was read for its status, which told its type: whatever else
// `demand`, the one for that type, asks of it. Errors as of `Observer`.
[[nodiscard]] Result<void> read_demanded(Observer& observer, int held, const Demand& demand,
                                         Observed& observed);

}  // namespace permward
