// SPDX-License-Identifier: Apache-2.0
//
// Accepted deviations. Layer `decide`; pure: today comes as a value.
#pragma once

#include "model/finding.hpp"
#include "model/policy.hpp"

#include <chrono>
#include <vector>

namespace permward {

// Whether the waiver is about what the finding reports, whatever the finding's status and the date.
// Its path is held against both the path and the resolved path of the finding.
[[nodiscard]] bool speaks_of(const Waiver& waiver, const Finding& finding, const Policy& policy);

[[nodiscard]] bool expired(const Waiver& waiver, std::chrono::year_month_day today);

// Turns a violation that a waiver of `policy` accepts on `today` (UTC) into `waived`, with the
// reason and who approved it in the message. A waiver that has expired changes only the message,
// which says so. Errors are never waived: what could not be verified is not a deviation that
// somebody accepted.
void waive(Finding& finding, const Policy& policy, std::chrono::year_month_day today);
void waive(std::vector<Finding>& findings, const Policy& policy, std::chrono::year_month_day today);

}  // namespace permward
