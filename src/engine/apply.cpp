// SPDX-License-Identifier: Apache-2.0
#include "engine/apply.hpp"

#include "engine/apart.hpp"
#include "engine/corrector.hpp"
#include "engine/survey.hpp"

#include <utility>

namespace permward {
namespace {

// Whether more would be changed than is allowed.
bool too_many(const Ground& ground, const ApplyOptions& options,
              const std::vector<Suspect>& suspects) {
  CheckOutcome rehearsed;
  Corrector rehearsal(ground, options, {}, suspects, rehearsed);
  rehearsal.correct();
  return rehearsal.changed() > *options.most_changes;
}

void correct(const Ground& ground, const ApplyOptions& options, Hands hands, ApplyOutcome& out,
             CheckOutcome& found) {
  std::vector<Suspect> suspects = take_suspects(ground, options.today, found);
  if (options.most_changes && too_many(ground, options, suspects)) {
    out.too_many = true;
    hands = {};
  }
  Corrector corrector(ground, options, hands, std::move(suspects), found);
  corrector.correct();
  out.changed = corrector.changed();
  out.plan = corrector.take_plan();
  out.error = corrector.error();
}

}  // namespace

Result<ApplyOutcome> apply(const Policy& policy, const System& system, const ApplyOptions& options,
                           const Hands& hands) {
  return in_a_thread_apart<ApplyOutcome>([&]() -> Result<ApplyOutcome> {
    ApplyOutcome out;
    const AfterSweep then = [&](const Ground& ground, CheckOutcome& found) {
      correct(ground, options, hands, out, found);
    };
    TRY_ASSIGN(out.found, survey(policy, system, options.check, then));
    return out;
  });
}

}  // namespace permward
