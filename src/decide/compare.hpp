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

#include <cstddef>
#include <string>
#include <vector>

namespace permward {

// `pass`, `violation`, or `error` where it could not be verified. `decided` is one of `demand`'s,
// and what it needs was asked for when `observed` was read.
[[nodiscard]] Status judge(const Policy& policy, const Demand& demand, const Decided& decided,
                           const Observed& observed);

// `pass` where some alternative holds whole; else `error` where one of them could, if all of it had
// been verified.
[[nodiscard]] Status judge(const Policy& policy, const Choice& choice, const Observed& observed);

// What a report says of one clause.
struct Judged {
  const Demand* demand = nullptr;  // that it is described by
  const Decided* decided = nullptr;
  Status status = Status::pass;
  // Of the first alternative, of so many none of which holds, that is of the object's type; 0: it
  // is demanded outright, or holds.
  std::size_t of_alternatives = 0;
};
// Of every clause that decides; of a choice, those of the first alternative that holds, or else of
// the first of the object's type. The demand must outlive it.
[[nodiscard]] std::vector<Judged> judge_all(const Policy& policy, const Demand& demand,
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
[[nodiscard]] Description describe(const Policy& policy, const Judged& judged,
                                   const Observed& observed, const AccountNames& names);

}  // namespace permward
