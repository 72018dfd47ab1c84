// SPDX-License-Identifier: Apache-2.0
//
// One demand against one observation. `judge` answers without allocating, and is what acquits;
// `describe` puts an answer into the words of the report. Layer `decide`; pure.
#pragma once

#include "decide/demand.hpp"
#include "model/accounts.hpp"
#include "model/finding.hpp"
#include "model/observation.hpp"
#include "model/policy.hpp"

#include <string>

namespace permward {

// `pass`, `violation`, or `error` where it could not be verified. `decided` is one of `demand`'s,
// and what it needs was asked for when `observed` was read.
[[nodiscard]] Status judge(const Policy& policy, const Demand& demand, const Decided& decided,
                           const Observed& observed);

// True if every clause of the demand passes.
[[nodiscard]] bool complies(const Policy& policy, const Demand& demand, const Observed& observed);

struct Description {
  std::string expected;
  std::string actual;
  std::string message;
};

// `status` is what `judge` said.
[[nodiscard]] Description describe(const Policy& policy, const Demand& demand,
                                   const Decided& decided, const Observed& observed, Status status,
                                   const AccountNames& names);

}  // namespace permward
