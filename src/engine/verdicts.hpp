// SPDX-License-Identifier: Apache-2.0
//
// Clause by clause, what is to become of an object. Layer `engine`.
#pragma once

#include "decide/compare.hpp"
#include "decide/demand.hpp"
#include "engine/judge.hpp"
#include "model/finding.hpp"
#include "model/observation.hpp"
#include "model/policy.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace permward {

// One clause, and what becomes of it.
struct Verdict {
  Judged judged;
  Finding finding;
  bool correct = false;
  bool within_reach = false;  // in policy once the object is there; whoever plans knows it
};

struct Verdicts {
  std::vector<Verdict> all;
  std::vector<Judged> to_hold;   // afterwards: what passes, and what is to be corrected
  bool unknown_account = false;  // a name in the rules has none: nothing is to be corrected
  bool owner_demanded = false;
};

// What `demand` says of the object, waived as it may be. `judge` makes the findings.
[[nodiscard]] Verdicts find_verdicts(const Policy& policy, const Demand& demand,
                                     const Observed& observed, const std::string& path,
                                     Judge& judge, std::chrono::year_month_day today);

}  // namespace permward
