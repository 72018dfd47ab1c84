// SPDX-License-Identifier: Apache-2.0
// What a demand says of an object, worked out slowly from the text of the policy language: modes by
// applying what is written, ACLs by building the one that is wanted.
#pragma once

#include "decide/demand.hpp"
#include "model/finding.hpp"
#include "model/observation.hpp"
#include "model/policy.hpp"

namespace permward::test {

// `mode` after what is written, once; `X` asks whether anybody executes `read`.
unsigned applied(const ModeWant& want, unsigned mode, unsigned read, Type type);
// Whether applying it changes nothing.
bool holds(const ModeWant& want, unsigned mode, Type type);

Status slow_verdict(const Policy& policy, const Demand& demand, const Decided& decided,
                    const Observed& observed);

}  // namespace permward::test
