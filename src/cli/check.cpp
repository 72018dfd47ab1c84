// SPDX-License-Identifier: Apache-2.0
#include "cli/check.hpp"

#include "cli/accepted.hpp"
#include "cli/messages.hpp"
#include "cli/observing_process.hpp"
#include "cli/option_set.hpp"
#include "cli/policy_run.hpp"
#include "cli/runs.hpp"
#include "decide/waive.hpp"
#include "engine/check.hpp"

namespace permward {
namespace {

class Check final : public PolicyRun {
 public:
  using PolicyRun::PolicyRun;

 private:
  PolicyInput policy_of(const SystemInput& found) override { return read_policy(options_, found); }
  // In the process that could change nothing.
  ExitStatus start(const System& system, CheckOptions& asked) override {
    baseline_ = read_baseline(options_, system, policy());
    asked.baseline = &baseline_;
    const auto status =
        in_observing_process(outputs_, observer_of(system), [&](const Result<Shortfalls>& lowered) {
          return lowered.ok() ? observe(system, *lowered, asked) : give_up(lowered.error());
        });
    return status.ok() ? *status : give_up(status.error());
  }
  Result<CheckOutcome> look(const System& system, const CheckOptions& asked) override {
    auto out = check(policy(), system, asked);
    if (out) waive(out->findings, policy(), today());
    return out;
  }
  ExitStatus outcome() override {
    return report_.summary.in_policy ? ExitStatus::in_policy : ExitStatus::findings;
  }

  Baseline baseline_;
};

}  // namespace

void add_check_options(OptionSet& set, Options& options) {
  set.add_flag("--all", options.all, "report what passes too");
  set.add_flag("--trust-ctime", options.trust_ctime,
               "read no pinned file whose time of change is as when it was accepted");
}

ExitStatus run_check(const Invocation& invocation) {
  if (const auto mistake = path_mistake(invocation)) return refuse_usage(*mistake);
  return Check(invocation).run();
}

}  // namespace permward
