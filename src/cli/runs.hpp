// SPDX-License-Identifier: Apache-2.0
//
// What the commands that read a policy have in common. Layer `cli`.
#pragma once

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "cli/outputs.hpp"
#include "cli/policy_input.hpp"
#include "cli/usage.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "model/run.hpp"
#include "os/privilege.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// The report of a run that begins now. `policy` must outlive it, and may be filled later.
[[nodiscard]] RunReport begin_report(const Invocation& invocation, const Policy& policy);

// In UTC.
[[nodiscard]] std::chrono::year_month_day today();

// What is wrong with the PATH arguments: one is empty, or, under --root, relative. Nobody could
// tell whether the working directory was meant, or the root.
[[nodiscard]] std::optional<UsageError> path_mistake(const Invocation& invocation);

// Opens the system and goes on with it by `run_on`. A root that is not there is a mistake on the
// command line; whatever else is in the way of a run, a place of `outputs` too, is `give_up`'s.
// `stop` as in `open_system`.
[[nodiscard]] ExitStatus on_system(const Outputs& outputs, const Options& options,
                                   const std::function<ExitStatus(const SystemInput&)>& run_on,
                                   const std::function<ExitStatus(const Error&)>& give_up,
                                   const std::atomic<bool>* stop = nullptr);

// A policy without errors goes to the report, and its warnings to stderr too.
void take_policy(const PolicyInput& input, const Options& options, RunReport& report);

// What the process that looks could not give up or lacks goes there as well.
void take_shortfalls(const Shortfalls& shortfalls, const Options& options, RunReport& report);

// Of what uses no settings: where `--config` names what is not there that is shown likewise, and
// the run is refused.
[[nodiscard]] std::optional<ExitStatus> refuse_missing_settings(const Invocation& invocation,
                                                                Outputs& outputs);

// Shows the mistakes, on stderr and in all reports.
ExitStatus refuse_policy(Diagnostics diagnostics, const PolicyInput& input,
                         const Invocation& invocation, Outputs& outputs);

}  // namespace permward
