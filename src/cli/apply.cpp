// SPDX-License-Identifier: Apache-2.0
#include "cli/apply.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "cli/messages.hpp"
#include "cli/observing_process.hpp"
#include "cli/option_set.hpp"
#include "cli/option_values.hpp"
#include "cli/policy_run.hpp"
#include "cli/runs.hpp"
#include "cli/state.hpp"
#include "engine/apply.hpp"
#include "engine/recover.hpp"
#include "os/changer.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace permward {
namespace {

class Apply final : public PolicyRun {
 public:
  using PolicyRun::PolicyRun;

 private:
  PolicyInput policy_of(const SystemInput& found) override {
    return read_trusted_policy(options_, found);
  }
  ExitStatus start(const System& system, CheckOptions& asked) override;
  ExitStatus rehearse(const System& system, CheckOptions& asked);
  Result<CheckOutcome> look(const System& system, const CheckOptions& asked) override;
  ExitStatus outcome() override;
  Result<void> settle_killed_runs(const System& system);
  void end_run();

  std::optional<JournalledRun> journalled_;
  std::uint64_t changed_ = 0;
};

// What changes nothing is done by the process that could not.
ExitStatus Apply::rehearse(const System& system, CheckOptions& asked) {
  const auto status =
      in_observing_process(outputs_, observer_of(system), [&](const Result<Shortfalls>& lowered) {
        return lowered.ok() ? observe(system, *lowered, asked) : give_up(lowered.error());
      });
  return status.ok() ? *status : give_up(status.error());
}

ExitStatus Apply::start(const System& system, CheckOptions& asked) {
  if (options_.dry_run) return rehearse(system, asked);
  if (!options_.no_journal) {
    auto begun = JournalledRun::begin(invocation_, system);
    if (!begun.ok()) return give_up(begun.error());
    journalled_.emplace(std::move(*begun));
    if (const auto settled = settle_killed_runs(system); !settled.ok()) {
      return give_up(settled.error());
    }
  }
  if (const auto kept = keep_what_corrects(); !kept.ok()) return give_up(kept.error());
  return observe(system, {}, asked);
}

Result<CheckOutcome> Apply::look(const System& system, const CheckOptions& asked) {
  ApplyOptions options;
  options.check = asked;
  options.offline = options_.offline;
  options.today = today();
  options.most_changes = options_.max_changes;
  KernelChanger changer(system.kernel);
  Hands hands;
  if (!options_.dry_run) hands.changer = &changer;
  if (journalled_) {
    hands.journal = &journalled_->journal();
    hands.run = &journalled_->run();
  }
  TRY_ASSIGN(ApplyOutcome done, apply(policy(), system, options, hands));
  if (done.too_many) {
    return Error{ErrorKind::io, "change",
                 counted(done.changed, "object") + " where --max-changes allows " +
                     std::to_string(*options_.max_changes) + ", and so changed none",
                 0};
  }
  if (done.error) report_.error = done.error;
  changed_ = done.changed;
  report_.dry_run = options_.dry_run;
  report_.plan = std::move(done.plan);
  return std::move(done.found);
}

// What they had lifted is back before anything else is done.
Result<void> Apply::settle_killed_runs(const System& system) {
  KernelChanger changer(system.kernel);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  TRY_ASSIGN(const Recovery done, recover(system, journalled_->journal(), changer, now));
  for (const std::string& run : done.runs) complain("the run " + run + " was killed");
  for (const std::string& path : done.put_back) {
    complain("what it had lifted of " + printable(path) + " has been put back");
  }
  for (const std::string& path : done.removed) {
    complain("what it had left at " + printable(path) + " has been removed");
  }
  for (const Recovery::Left& left : done.left) {
    complain("what it had lifted of " + printable(left.path) + " could not be put back");
    complain(left.error);
  }
  for (const Recovery::Left& left : done.not_removed) {
    complain("what it had left at " + printable(left.path) + " could not be removed");
    complain(left.error);
  }
  return {};
}

// The run is named only where something of it is left in the journal.
void Apply::end_run() {
  const Summary& summary = report_.summary;
  RunEnd end;
  end.finished = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  end.result = summary.in_policy ? RunResult::in_policy : RunResult::out_of_policy;
  end.counts = {summary.corrected, summary.refused, summary.failed};
  const std::string id = journalled_->run().id();
  const auto finished = journalled_->finish(end);
  if (!finished.ok() && !report_.error) report_.error = finished.error();
  if (changed_ > 0) report_.run = id;
}

ExitStatus Apply::outcome() {
  Summary& summary = report_.summary;
  if (!options_.dry_run) summary.changed = changed_;
  if (journalled_) end_run();
  if (report_.error) {
    complain(*report_.error);
    summary.in_policy = false;
    return ExitStatus::incomplete;
  }
  if (!options_.detailed_exitcodes) {
    return summary.in_policy ? ExitStatus::in_policy : ExitStatus::findings;
  }
  const bool remains = summary.violations + summary.errors + summary.refused + summary.failed > 0 ||
                       report_.interrupted;
  if (changed_ == 0) return remains ? ExitStatus::remains : ExitStatus::in_policy;
  return remains ? ExitStatus::changed_and_remains : detailed_changed;
}

}  // namespace

void add_apply_options(OptionSet& set, Options& options) {
  set.add_flag("-n,--dry-run", options.dry_run, "change nothing, and show what would be");
  set.add_flag("--all", options.all, "report what passes too");
  set.add_option("--max-changes", "N", read_max_changes,
                 "change nothing if more than N objects would be");
  set.add_flag("--detailed-exitcodes", options.detailed_exitcodes,
               "0 nothing to do, 2 changed, 4 something remains, 6 both");
  set.add_flag("--no-journal", options.no_journal,
               "with --offline: write nothing down, and take nothing back");
}

ExitStatus run_apply(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (const auto mistake = path_mistake(invocation)) return refuse_usage(*mistake);
  if (options.no_journal && !options.offline) {
    return refuse_usage({"--no-journal is for --offline runs alone",
                         "what is changed on a running system is written down first"});
  }
  if (!options.dry_run && !may_correct()) {
    complain("only root may change what it finds; 'permward apply --dry-run' shows what it would");
    return ExitStatus::no_right;
  }
  return Apply(invocation).run();
}

}  // namespace permward
