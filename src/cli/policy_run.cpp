// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_run.hpp"

#include "base/text.hpp"
#include "cli/environment.hpp"
#include "cli/messages.hpp"
#include "cli/outputs.hpp"
#include "cli/paths.hpp"
#include "cli/policy_input.hpp"
#include "cli/progress_display.hpp"
#include "cli/runs.hpp"
#include "cli/selection.hpp"
#include "cli/signals.hpp"
#include "cli/state.hpp"
#include "cli/summary.hpp"
#include "engine/check.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace permward {
namespace {

using std::chrono::steady_clock;

std::chrono::milliseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
}

unsigned usable_cpus() {
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
    return std::max(1U, std::thread::hardware_concurrency());  // more CPUs than the set can hold
  }
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cpus)));
}

UsageError uncovered_error(const CheckOutcome::Uncovered& uncovered, bool filtered,
                           std::string_view speaks) {
  const std::string who = filtered ? "no rule that the filters leave " : "no rule ";
  const std::string what = std::string(speaks) + " '" + printable(uncovered.path) + "'";
  UsageError out{who + what + " or anything below it", ""};
  if (!uncovered.nearest.empty()) {
    out.hint = "the nearest path that a rule " + std::string(speaks) + " is '" +
               printable(uncovered.nearest) + "'";
  }
  return out;
}

}  // namespace

PolicyRun::PolicyRun(const Invocation& invocation)
    : invocation_(invocation),
      options_(invocation.options),
      outputs_(options_),
      stop_(stop_on_signals()),
      report_(begin_report(invocation, input_.policy)) {}

ExitStatus PolicyRun::run() {
  return on_system(
      outputs_, options_, [this](const SystemInput& found) { return run_on(found); },
      [this](const Error& error) { return give_up(error); }, &stop_);
}

ExitStatus PolicyRun::run_on(const SystemInput& found) {
  report_.root = found.system.root.path();
  input_ = policy_of(found);
  if (has_errors(input_.diagnostics)) {
    return refuse_policy(input_.diagnostics, input_, invocation_, outputs_);
  }
  take_policy(input_, options_, report_);
  if (const auto error = undecidable(found, input_.policy)) return give_up(*error);

  std::variant<std::vector<bool>, UsageError> selected;
  if (!input_.policy.rules.empty()) selected = selected_rules(options_, input_.policy);
  if (const auto* mistake = std::get_if<UsageError>(&selected)) return refuse_usage(*mistake);
  auto asked_for = paths();
  if (!asked_for) return give_up(asked_for.error());
  CheckOptions asked;
  asked.passes = options_.all;
  asked.jobs = options_.jobs.value_or(usable_cpus());
  asked.selected = std::move(std::get<std::vector<bool>>(selected));
  asked.paths = std::move(*asked_for);
  take_selection(asked);
  beside_ = read_beside_paths(options_, found.system);
  asked.beside = &beside_;
  return start(found.system, asked);
}

Result<std::vector<std::string>> PolicyRun::paths() const {
  return absolute_paths(invocation_.words);
}

// A report that does not speak of everything says so.
void PolicyRun::take_selection(const CheckOptions& asked) {
  if (!filtered(options_) && asked.paths.empty()) return;
  const std::vector<Rule>& rules = input_.policy.rules;
  const std::uint64_t selected = count_rules(input_.policy, [&](const Rule& rule) {
    return !rule.disabled && asked.selected[static_cast<std::size_t>(&rule - rules.data())];
  });
  report_.selection = Selection{selected, asked.paths};
}

ExitStatus PolicyRun::observe(const System& system, const Shortfalls& shortfalls,
                              CheckOptions& asked) {
  take_shortfalls(shortfalls, options_, report_);
  auto found = watched(system, asked);
  if (!found) return give_up(found.error());
  if (!found->uncovered.empty()) return refuse_paths(found->uncovered);
  if (!found->conflicts.empty()) {
    return refuse_policy(std::move(found->conflicts), input_, invocation_, outputs_);
  }

  take_outcome(report_, std::move(*found));
  return finish();
}

Result<CheckOutcome> PolicyRun::watched(const System& system, CheckOptions& asked) {
  const auto start = steady_clock::now();
  Progress progress;
  asked.progress = &progress;
  asked.stop = &stop_;
  std::optional<ProgressDisplay> display;
  const bool terminal = ::isatty(STDERR_FILENO) != 0 && !environment().dumb();
  if (terminal && !options_.quiet && !options_.verbose) display.emplace(progress);
  auto found = look(system, asked);
  if (found) {
    spdlog::debug("{} objects by {} threads, {} findings, {} ms", found->objects, asked.jobs,
                  found->findings.size(), since(start).count());
  }
  return found;
}

ExitStatus PolicyRun::finish() {
  report_.duration = since(began_);
  const ExitStatus status = write(outcome());
  spdlog::debug("done, {} ms", since(began_).count());
  return status;
}

// What ended the run is its report, where reports can be written to.
ExitStatus PolicyRun::give_up(const Error& error) {
  complain(error);
  report_.error = error;
  report_.duration = since(began_);
  return write(ExitStatus::incomplete);
}

ExitStatus PolicyRun::refuse_paths(const std::vector<CheckOutcome::Uncovered>& uncovered) {
  for (const auto& one : uncovered)
    refuse_usage(uncovered_error(one, filtered(options_), speaks()));
  return ExitStatus::usage;
}

}  // namespace permward
