// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.hpp"

#include "cli/accepted.hpp"
#include "cli/messages.hpp"
#include "cli/observing_process.hpp"
#include "cli/outputs.hpp"
#include "cli/paths.hpp"
#include "cli/policy_input.hpp"
#include "cli/runs.hpp"
#include "cli/selection.hpp"
#include "decide/waive.hpp"
#include "engine/explain.hpp"
#include "model/explanation.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

namespace permward {
namespace {

using std::chrono::steady_clock;

// Shows all waivers of what is decided, and waives by those that hold.
void take_waivers(Explanation& explanation, const Policy& policy, std::chrono::year_month_day day) {
  for (std::uint32_t i = 0; i < policy.waivers.size(); ++i) {
    const Waiver& waiver = policy.waivers[i];
    const bool applies =
        std::any_of(explanation.decided.begin(), explanation.decided.end(),
                    [&](const Decision& one) { return speaks_of(waiver, one.finding, policy); });
    if (applies) explanation.waivers.push_back({i, expired(waiver, day)});
  }
  for (Decision& one : explanation.decided) waive(one.finding, policy, day);
}

// One run, from the policy to the answers.
class Explain {
 public:
  explicit Explain(const Invocation& invocation)
      : invocation_(invocation), outputs_(invocation.options) {
    report_.run = begin_report(invocation, input_.policy);
  }

  ExitStatus run();

 private:
  ExitStatus run_on(const SystemInput& found);
  ExitStatus answer(const System& system, const ExplainOptions& asked);
  ExitStatus give_up(const Error& error);
  ExitStatus write(ExitStatus status);

  const Invocation& invocation_;
  const steady_clock::time_point began_ = steady_clock::now();
  Outputs outputs_;
  PolicyInput input_;
  ExplainReport report_;
};

ExitStatus Explain::run() {
  return on_system(
      outputs_, invocation_.options, [this](const SystemInput& found) { return run_on(found); },
      [this](const Error& error) { return give_up(error); });
}

ExitStatus Explain::run_on(const SystemInput& found) {
  report_.run.root = found.system.root.path();
  input_ = read_policy(invocation_.options, found);
  if (has_errors(input_.diagnostics)) {
    return refuse_policy(input_.diagnostics, input_, invocation_, outputs_);
  }
  take_policy(input_, invocation_.options, report_.run);
  if (const auto error = undecidable(found, input_.policy)) return give_up(*error);

  auto selected = selected_rules(invocation_.options, input_.policy);
  if (const auto* mistake = std::get_if<UsageError>(&selected)) return refuse_usage(*mistake);
  auto paths = absolute_paths(invocation_.words);
  if (!paths) return give_up(paths.error());
  const Baseline baseline = read_baseline(invocation_.options, found.system, input_.policy);
  const ExplainOptions asked{std::move(*paths), std::move(std::get<std::vector<bool>>(selected)),
                             &baseline};
  const auto status = in_observing_process(
      outputs_, observer_of(found.system), [&](const Result<Shortfalls>& lowered) {
        if (!lowered.ok()) return give_up(lowered.error());
        take_shortfalls(*lowered, invocation_.options, report_.run);
        return answer(found.system, asked);
      });
  return status.ok() ? *status : give_up(status.error());
}

ExitStatus Explain::answer(const System& system, const ExplainOptions& asked) {
  auto outcome = explain(input_.policy, system, asked);
  if (!outcome) return give_up(outcome.error());
  if (!outcome->conflicts.empty()) {
    return refuse_policy(std::move(outcome->conflicts), input_, invocation_, outputs_);
  }
  report_.run.rules_here = outcome->rules_here;
  report_.explanations = std::move(outcome->explanations);
  for (Explanation& one : report_.explanations) take_waivers(one, input_.policy, today());
  return write(ExitStatus::in_policy);
}

ExitStatus Explain::give_up(const Error& error) {
  complain(error);
  report_.run.error = error;
  return write(ExitStatus::incomplete);
}

ExitStatus Explain::write(ExitStatus status) {
  const auto elapsed = steady_clock::now() - began_;
  report_.run.duration = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed);
  return outputs_.write(report_, status);
}

}  // namespace

ExitStatus run_explain(const Invocation& invocation) {
  if (invocation.words.empty()) {
    return refuse_usage({"a PATH is missing", "`permward explain PATH` says what is to be of it"});
  }
  if (const auto mistake = path_mistake(invocation)) return refuse_usage(*mistake);
  return Explain(invocation).run();
}

}  // namespace permward
