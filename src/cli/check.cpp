// SPDX-License-Identifier: Apache-2.0
#include "cli/check.hpp"

#include "base/text.hpp"
#include "cli/environment.hpp"
#include "cli/messages.hpp"
#include "cli/option_set.hpp"
#include "cli/outputs.hpp"
#include "cli/paths.hpp"
#include "cli/policy_input.hpp"
#include "cli/progress_display.hpp"
#include "cli/signals.hpp"
#include "cli/source_lines.hpp"
#include "cli/summary.hpp"
#include "cli/version.hpp"
#include "decide/select.hpp"
#include "decide/waive.hpp"
#include "engine/check.hpp"
#include "os/host.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sched.h>
#include <thread>
#include <unistd.h>

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

Result<std::vector<std::string>> absolute_paths(const std::vector<std::string>& words) {
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  const auto relative = [](const std::string& word) { return !word.starts_with('/'); };
  if (!here && std::any_of(words.begin(), words.end(), relative)) {
    return system_error(errno, "find", "the working directory");
  }
  std::vector<std::string> out;
  for (const std::string& word : words) out.push_back(absolute_path(word, here ? here.get() : "/"));
  return out;
}

bool none(const std::vector<bool>& selected) {
  return std::find(selected.begin(), selected.end(), true) == selected.end();
}

// The nearest tag or id to one that was asked for in vain, as a hint.
std::string selection_hint(const Options& options, const Policy& policy) {
  std::vector<std::string_view> ids;
  std::vector<std::string_view> tags;
  for (const Rule& rule : policy.rules) {
    ids.push_back(rule.id);
    tags.insert(tags.end(), rule.tags.begin(), rule.tags.end());
  }
  const auto hint = [](std::string_view option, std::string_view near) {
    return "did you mean `" + std::string(option) + " " + printable(near) + "`?";
  };
  for (const Component& glob : options.rules) {
    const std::string_view near = nearest(glob.text, ids);
    if (!near.empty()) return hint("--rule", near);
  }
  for (const std::string& tag : options.tags) {
    if (const std::string_view near = nearest(tag, tags); !near.empty()) return hint("--tag", near);
  }
  return "";
}

bool filtered(const Options& options) {
  return !options.tags.empty() || !options.rules.empty() || options.severity;
}

UsageError uncovered_error(const CheckOutcome::Uncovered& uncovered, bool filtered) {
  const std::string who =
      filtered ? "no rule that the filters leave speaks of '" : "no rule speaks of '";
  UsageError out{who + printable(uncovered.path) + "' or of anything below it", ""};
  if (!uncovered.nearest.empty()) {
    out.hint = "the nearest path that a rule speaks of is '" + printable(uncovered.nearest) + "'";
  }
  return out;
}

std::chrono::year_month_day today() {
  return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

// One run, from the policy to the report.
class Check {
 public:
  explicit Check(const Invocation& invocation)
      : options_(invocation.options), words_(invocation.words), outputs_(options_) {
    report_.command = invocation.command->name;
    report_.version = version_text();
    report_.hostname = host_name();
    report_.started = std::chrono::system_clock::now();
    report_.policy = &input_.policy;
  }

  ExitStatus run();

 private:
  void take_policy(PolicyInput input);
  std::optional<UsageError> select(CheckOptions& asked) const;
  Result<CheckOutcome> look(CheckOptions& asked);
  ExitStatus finish();
  ExitStatus give_up(const Error& error);
  ExitStatus refuse_policy(Diagnostics diagnostics);
  ExitStatus refuse_paths(const std::vector<CheckOutcome::Uncovered>& uncovered);

  const Options& options_;
  const std::vector<std::string>& words_;
  const std::atomic<bool>& stop_ = stop_on_signals();
  const steady_clock::time_point began_ = steady_clock::now();
  HostNames names_;
  Outputs outputs_;
  PolicyInput input_;
  RunReport report_;
};

ExitStatus Check::run() {
  if (outputs_.error()) return give_up(*outputs_.error());

  take_policy(read_policy(options_, names_));
  if (has_errors(input_.diagnostics)) return refuse_policy(std::move(input_.diagnostics));

  CheckOptions asked;
  if (const auto mistake = select(asked)) return refuse_usage(*mistake);
  auto paths = absolute_paths(words_);
  if (!paths) return give_up(paths.error());
  asked.paths = std::move(*paths);

  auto outcome = look(asked);
  if (!outcome) return give_up(outcome.error());
  if (!outcome->uncovered.empty()) return refuse_paths(outcome->uncovered);
  if (!outcome->conflicts.empty()) return refuse_policy(std::move(outcome->conflicts));

  waive(outcome->findings, input_.policy, today());
  take_outcome(report_, std::move(*outcome));
  return finish();
}

void Check::take_policy(PolicyInput input) {
  input_ = std::move(input);
  report_.rules = enabled_rules(input_.policy);
  if (has_errors(input_.diagnostics)) return;
  report_.warnings = input_.diagnostics;
  if (!options_.quiet) show(report_.warnings, options_);
  spdlog::debug("{} rules of {} policy files, {} ms", report_.rules, input_.policy.files.size(),
                since(began_).count());
}

// What is asked for but the paths. A filter that selects nothing is a mistake, not compliance.
std::optional<UsageError> Check::select(CheckOptions& asked) const {
  asked.passes = options_.all;
  asked.offline = options_.offline;
  asked.jobs = options_.jobs.value_or(usable_cpus());
  asked.selected = select_rules(input_.policy, {options_.tags, options_.rules, options_.severity});
  if (none(asked.selected)) {
    return UsageError{"--tag, --rule and --severity select no rule",
                      selection_hint(options_, input_.policy)};
  }
  return std::nullopt;
}

Result<CheckOutcome> Check::look(CheckOptions& asked) {
  const auto start = steady_clock::now();
  Progress progress;
  asked.progress = &progress;
  asked.stop = &stop_;
  std::optional<ProgressDisplay> display;
  const bool terminal = ::isatty(STDERR_FILENO) != 0 && !environment().dumb();
  if (terminal && !options_.quiet && !options_.verbose) display.emplace(progress);
  auto outcome = check(input_.policy, names_, asked);
  if (outcome) {
    spdlog::debug("{} objects by {} threads, {} findings, {} ms", outcome->objects, asked.jobs,
                  outcome->findings.size(), since(start).count());
  }
  return outcome;
}

ExitStatus Check::finish() {
  report_.duration = since(began_);
  const ExitStatus status = outputs_.write(
      report_, report_.summary.in_policy ? ExitStatus::in_policy : ExitStatus::findings);
  spdlog::debug("done, {} ms", since(began_).count());
  return status;
}

// What ended the run is its report, where reports can be written to.
ExitStatus Check::give_up(const Error& error) {
  complain(error);
  report_.error = error;
  report_.duration = since(began_);
  return outputs_.write(report_, ExitStatus::incomplete);
}

ExitStatus Check::refuse_policy(Diagnostics diagnostics) {
  add_source_lines(diagnostics, input_.files);
  show(diagnostics, options_);
  return outputs_.write_errors(report_.command, diagnostics, ExitStatus::bad_policy);
}

ExitStatus Check::refuse_paths(const std::vector<CheckOutcome::Uncovered>& uncovered) {
  for (const auto& one : uncovered) refuse_usage(uncovered_error(one, filtered(options_)));
  return ExitStatus::usage;
}

}  // namespace

void add_check_options(OptionSet& set, Options& options) {
  set.add_flag("--all", options.all, "report what passes too");
  set.add_missing_flag("--trust-ctime");
}

ExitStatus run_check(const Invocation& invocation) {
  const std::vector<std::string>& paths = invocation.words;
  if (std::find(paths.begin(), paths.end(), "") != paths.end()) {
    return refuse_usage({"a PATH is empty", ""});
  }
  return Check(invocation).run();
}

}  // namespace permward
