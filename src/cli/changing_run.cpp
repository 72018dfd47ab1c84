// SPDX-License-Identifier: Apache-2.0
#include "cli/changing_run.hpp"

#include "base/text.hpp"
#include "cli/messages.hpp"
#include "cli/observing_process.hpp"
#include "cli/runs.hpp"
#include "engine/recover.hpp"
#include "model/codes.hpp"
#include "store/file_stamps.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t most_named = 3;  // of what was removed: more are summed up

}  // namespace

// What changes nothing is done by the process that could not.
ExitStatus ChangingRun::rehearse(const System& system, CheckOptions& asked) {
  const auto status =
      in_observing_process(outputs_, observer_of(system), [&](const Result<Shortfalls>& lowered) {
        return lowered.ok() ? observe(system, *lowered, asked) : give_up(lowered.error());
      });
  return status.ok() ? *status : give_up(status.error());
}

ExitStatus ChangingRun::start(const System& system, CheckOptions& asked) {
  // What an earlier run has left is put back with no more.
  if (!options_.dry_run) {
    if (const auto kept = keep_rights(rights()); !kept.ok()) return give_up(kept.error());
  }
  Journal* journal = nullptr;
  if (!options_.dry_run && !options_.no_journal) {
    if (const auto begun = begin(system); !begun.ok()) return give_up(begun.error());
    if (journalled_) journal = &journalled_->journal();
  }
  if (const auto recalled = recall(system); !recalled.ok()) return give_up(recalled.error());
  if (const ExitStatus status = prepare(system, journal); status != ExitStatus::in_policy) {
    return status;
  }
  if (options_.dry_run) return rehearse(system, asked);
  return observe(system, {}, asked);
}

Result<void> ChangingRun::begin(const System& system) {
  const StateDir::Missing missing = without_state();
  const auto is_nothing = [missing](const Error& error) {
    return error.kind == ErrorKind::not_found && missing == StateDir::Missing::is_error;
  };
  auto locked = lock_state(invocation_, system, missing);
  if (!locked.ok() && is_nothing(locked.error())) return {};
  const bool cannot_be_written =
      !locked.ok() && (locked.error().number == EROFS || locked.error().number == ENOSPC ||
                       locked.error().number == EDQUOT);
  if (cannot_be_written && goes_on_without_journal()) {
    complain(locked.error());
    complain("what is gone is put back all the same; nothing is replaced, for no copy can be kept");
    return {};
  }
  if (!locked.ok()) return locked.error();
  state_.emplace(std::move(*locked));
  auto begun = JournalledRun::begin(invocation_, system, state_->directory, missing);
  if (!begun.ok() && is_nothing(begun.error())) return {};
  if (!begun.ok() && goes_on_without_journal()) {
    complain(begun.error());
    go_on_without_journal();
    return {};
  }
  if (!begun.ok()) return begun.error();
  journalled_.emplace(std::move(*begun));
  Result<void> settled = settle_killed_runs(system);
  if (settled.ok() || !goes_on_without_journal()) return settled;
  complain(settled.error());
  journalled_.reset();
  go_on_without_journal();
  return {};
}

void ChangingRun::go_on_without_journal() {
  written_down_ = false;
  complain("what this run changes is not written down, and `undo` cannot take it back");
}

struct ChangingRun::KeptEvidence {
  Snapshots snapshots;
  std::optional<SnapshotDigests> digests;
  Evidence keeper;

  KeptEvidence(const System& system, Snapshots store, std::optional<SnapshotDigests> known,
               const Settings& settings)
      : snapshots(std::move(store)),
        digests(std::move(known)),
        keeper(system, snapshots, digests ? &*digests : nullptr,
               {settings.evidence_per_path, settings.evidence_bytes}) {}
};

ChangingRun::ChangingRun(const Invocation& invocation) : PolicyRun(invocation) {}
ChangingRun::~ChangingRun() = default;

Evidence* ChangingRun::evidence() { return evidence_ ? &evidence_->keeper : nullptr; }

Result<void> ChangingRun::open_evidence(const System& system) {
  if (!state_) return {};
  TRY_ASSIGN(Snapshots snapshots,
             Snapshots::open(state_->directory, StateDir::Missing::is_created));
  TRY(snapshots.remove_left_overs());
  std::optional<SnapshotDigests> digests;
  if (journalled_) {
    TRY_ASSIGN(SnapshotDigests opened, SnapshotDigests::open(state_->directory));
    digests.emplace(std::move(opened));
  }
  evidence_ =
      std::make_unique<KeptEvidence>(system, std::move(snapshots), std::move(digests), settings());
  return {};
}

// A run that writes nothing down knows what others wrote down, too; unless it may not read that.
Result<void> ChangingRun::recall(const System& system) {
  if (journalled_ || (!options_.dry_run && goes_on_without_journal())) return {};
  TRY_ASSIGN(const std::string directory, state_directory(options_, system));
  auto journal = journal_to_read(directory);
  const bool may_go_on =
      !journal.ok() && (journal.error().kind == ErrorKind::denied || goes_on_without_journal());
  if (may_go_on) return {};
  if (!journal.ok()) return journal.error();
  if (!*journal) return {};
  TRY_ASSIGN(const std::vector<RecordedRun> unfinished, (*journal)->unfinished());
  for (const RecordedRun& run : unfinished) {
    complain("the run " + run.id +
             " is at work or was killed; the next one first puts back what it has lifted");
  }
  TRY_ASSIGN(const std::vector<ArmRefusal> refusals, (*journal)->refusals());
  refused_ = RefusedInodes(refusals);
  return {};
}

// What they had lifted is back before anything else is done.
Result<void> ChangingRun::settle_killed_runs(const System& system) {
  KernelChanger changer(system.kernel);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  TRY_ASSIGN(const Recovery done, recover(system, journalled_->journal(), changer, now));
  for (const std::string& run : done.runs) complain("the run " + run + " was killed");
  for (const std::string& path : done.put_back) {
    complain("what a run had lifted of " + printable(path) + " has been put back");
  }
  for (const std::string& path : done.opened) {
    complain("the directory " + printable(path) + ", which it had made, has its rights now");
  }
  if (done.removed.size() > most_named) {
    complain("what it had left beside " + std::to_string(done.removed.size()) +
             " objects has been removed");
  } else {
    for (const std::string& path : done.removed) {
      complain("what it had left at " + printable(path) + " has been removed");
    }
  }
  for (const Recovery::Left& run : done.unreadable) {
    complain("what the run " + printable(run.path) +
             ", which was killed, has left as it is not known");
    complain(run.error);
  }
  for (const Recovery::Left& left : done.left) {
    complain("what a run had lifted of " + printable(left.path) +
             ", or had kept closed, could not be put back");
    complain(left.error);
  }
  for (const Recovery::Left& left : done.not_removed) {
    complain("what it had left at " + printable(left.path) + " could not be removed");
    complain(left.error);
  }
  return {};
}

Result<CheckOutcome> ChangingRun::look(const System& system, const CheckOptions& asked) {
  KernelChanger changer(system.kernel);
  Hands hands;
  if (!options_.dry_run) hands.changer = &changer;
  hands.evidence = evidence();
  hands.runner = invocation_.runner.get();
  if (journalled_) {
    hands.journal = &journalled_->journal();
    hands.run = &journalled_->run();
  } else {
    hands.refused = &refused_;
  }
  TRY_ASSIGN(ApplyOutcome done, work(system, asked, hands));
  if (!options_.quiet && !options_.by_name) {
    for (const std::string& other : done.other_ids) {
      complain(printable(other) + "; what it owned has the number" + std::string(other_ids_hint()));
    }
  }
  if (done.not_durable) report_.error = done.not_durable;
  if (done.error) report_.error = done.error;
  remember(done.stamped);
  changed_ = done.changed;
  report_.dry_run = options_.dry_run;
  report_.plan = std::move(done.plan);
  return std::move(done.found);
}

void ChangingRun::tell_of_unverified(const System& system, const CheckOutcome& found) {
  if (!system.root.given() || found.verifying.empty()) return;
  const std::string first = printable(policy().rules[found.verifying.front()].id);
  const std::size_t others = found.verifying.size() - 1;
  const std::string more = others == 0 ? "" : ", and of " + std::to_string(others) + " more,";
  Diagnostics told = {
      make_diagnostic(Code::not_verified,
                      "'verify' of the rule '" + first + "'" + more + " is not run under --root",
                      "what is put back there is put back unverified")};
  if (!options_.quiet) show(told, options_);
  append(report_.warnings, std::move(told));
}

// Where that cannot be written down, these files are read by every check, and nothing is lost.
void ChangingRun::remember(const std::vector<StampedFile>& stamped) {
  if (stamped.empty() || !journalled_ || !written_down_) return;
  Result<FileStamps> stamps = FileStamps::open(state_->directory);
  const Result<void> added = stamps.ok() ? stamps->add(stamped) : Result<void>(stamps.error());
  if (!added.ok()) complain(added.error());
}

// The run is named only where something of it is left in the journal.
void ChangingRun::end_run() {
  const Summary& summary = report_.summary;
  RunEnd end;
  end.finished = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  end.result = summary.in_policy ? RunResult::in_policy : RunResult::out_of_policy;
  end.counts = {summary.corrected, summary.refused, summary.failed, {}};
  const std::string id = journalled_->run().id();
  const auto finished = journalled_->finish(end, retention_of(settings()));
  if (!finished.ok() && !report_.error) report_.error = finished.error();
  if (changed_ > 0 && !id.empty()) report_.run = id;
}

ExitStatus ChangingRun::outcome() {
  Summary& summary = report_.summary;
  if (!options_.dry_run) summary.changed = changed_;
  if (journalled_ && written_down_) end_run();
  if (report_.error) {
    complain(*report_.error);
    summary.in_policy = false;
    return ExitStatus::incomplete;
  }
  return summary.in_policy ? ExitStatus::in_policy : ExitStatus::findings;
}

bool allowed_to_change(const Options& options, std::string_view command) {
  if (options.dry_run || may_correct()) return true;
  complain("only root may change what it finds; 'permward " + std::string(command) +
           " --dry-run' shows what it would");
  return false;
}

}  // namespace permward
