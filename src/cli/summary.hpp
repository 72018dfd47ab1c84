// SPDX-License-Identifier: Apache-2.0
//
// The numbers of a report. Layer `cli`; pure.
#pragma once

#include "engine/check.hpp"
#include "model/run.hpp"

namespace permward {

// Takes the findings, after what is waived was waived, and all else that a check came to.
void take_outcome(RunReport& report, CheckOutcome outcome);

}  // namespace permward
