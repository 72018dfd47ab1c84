// SPDX-License-Identifier: Apache-2.0
#include "engine/apply.hpp"

#include "decide/waive.hpp"
#include "engine/apart.hpp"
#include "engine/corrector.hpp"
#include "engine/executor.hpp"
#include "engine/survey.hpp"

#include <utility>

namespace permward {
namespace {

// Whether more would be changed than is allowed.
bool too_many(const Ground& ground, const ApplyOptions& options,
              const std::vector<Suspect>& suspects, RefusedInodes* refused) {
  CheckOutcome rehearsed;
  Hands none;
  none.refused = refused;
  Corrector rehearsal(ground, options, none, suspects, rehearsed);
  rehearsal.correct();
  return rehearsal.changed() > *options.most_changes;
}

void correct(const Ground& ground, const ApplyOptions& options, Hands hands, ApplyOutcome& out,
             CheckOutcome& found, std::vector<Finding>& gone) {
  waive(gone, ground.policy, options.today);
  std::vector<Suspect> suspects = take_suspects(ground, options.today, found);
  if (options.most_changes && too_many(ground, options, suspects, hands.refused)) {
    out.too_many = true;
    hands.changer = nullptr;
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
    Hands knowing = hands;
    RefusedInodes refused;
    TRY(recall_refusals(knowing, refused));
    const AfterSweep then = [&](const Ground& ground, CheckOutcome& found,
                                std::vector<Finding>& gone) {
      correct(ground, options, knowing, out, found, gone);
    };
    TRY_ASSIGN(out.found, survey(policy, system, options.check, then));
    return out;
  });
}

}  // namespace permward
