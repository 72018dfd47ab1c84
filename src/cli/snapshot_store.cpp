// SPDX-License-Identifier: Apache-2.0
#include "cli/messages.hpp"
#include "cli/outputs.hpp"
#include "cli/runs.hpp"
#include "cli/signals.hpp"
#include "cli/snapshot.hpp"
#include "cli/state.hpp"
#include "cli/version.hpp"
#include "engine/gather.hpp"
#include "model/snapshot_report.hpp"
#include "os/report_file.hpp"
#include "store/lock.hpp"
#include "store/manifest_text.hpp"
#include "store/retention.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

// What has a part in every command that changes the store alone.
class StoreRun {
 public:
  StoreRun(const Invocation& invocation, SnapshotReport::Answer answer)
      : invocation_(invocation), options_(invocation.options), outputs_(invocation.options) {
    report_.answer = answer;
    report_.version = version_text();
  }
  virtual ~StoreRun() = default;
  StoreRun(const StoreRun&) = delete;
  StoreRun& operator=(const StoreRun&) = delete;

  ExitStatus run() {
    return on_system(
        outputs_, options_, [this](const SystemInput& found) { return run_on(found); },
        [this](const Error& error) { return give_up(error); });
  }

 protected:
  // Returns what ended it.
  virtual Result<ExitStatus> work(const StateDir& state, Snapshots& snapshots) = 0;

  const Invocation& invocation_;
  const Options& options_;
  SnapshotReport report_;

 private:
  ExitStatus run_on(const SystemInput& found) {
    if (const auto refused = refuse_missing_settings(invocation_, outputs_)) return *refused;
    const Result<ExitStatus> done = on_store(found);
    return done.ok() ? outputs_.write(report_, *done) : give_up(done.error());
  }
  Result<ExitStatus> on_store(const SystemInput& found) {
    report_.warnings = found.warnings;
    if (!options_.quiet) show(report_.warnings, options_);
    TRY_ASSIGN(report_.place, state_directory(options_, found.system));
    TRY_ASSIGN(const StateDir state, StateDir::open(report_.place, StateDir::Missing::is_created));
    TRY_ASSIGN(const Lock lock, Lock::take(state, "snapshot " + invocation_.words.front()));
    TRY_ASSIGN(Snapshots snapshots, Snapshots::open(state, StateDir::Missing::is_created));
    TRY(snapshots.remove_left_overs());
    return work(state, snapshots);
  }
  ExitStatus give_up(const Error& error) {
    complain(error);
    report_.error = error;
    return outputs_.write(report_, ExitStatus::incomplete);
  }

  Outputs outputs_;
};

class Prune final : public StoreRun {
 public:
  explicit Prune(const Invocation& invocation)
      : StoreRun(invocation, SnapshotReport::Answer::pruned), stop_(stop_on_signals()) {}

 private:
  Result<ExitStatus> work(const StateDir& state, Snapshots& snapshots) override {
    TRY_ASSIGN(const std::vector<Generation> all, snapshots.list());
    std::vector<DatedGeneration> dated;
    for (const Generation& one : all) {
      const Result<Manifest> manifest = snapshots.manifest(one.id);
      if (manifest.ok()) {
        dated.push_back({one.id, manifest->kind, manifest->time});
      } else {
        leave(one.id, manifest.error());
      }
    }
    TRY_ASSIGN(SnapshotDigests digests, SnapshotDigests::open(state));
    leave_damaged({snapshots, digests}, dated);
    for (const std::string& id : to_prune(dated, options_.keep)) {
      report_.interrupted = stop_;
      if (report_.interrupted) break;
      TRY(snapshots.remove(id));
      TRY(digests.remove(id));
      report_.removed.push_back(id);
    }
    report_.kept = all.size() - report_.removed.size();
    const bool left = !report_.damaged.empty() || report_.interrupted;
    return left ? ExitStatus::findings : ExitStatus::in_policy;
  }

  // What cannot be read counts for none.
  void leave(const std::string& id, const Error& error) {
    complain(error);
    report_.damaged.push_back(id);
  }

  // So that one which is whole is kept as the newest. After a signal nothing is removed.
  void leave_damaged(const Copies& copies, std::vector<DatedGeneration>& dated) {
    for (auto it = dated.rbegin(); it != dated.rend(); ++it) {
      if (it->kind != SnapshotKind::accepted) continue;
      KeepManifest whole(&stop_);
      const Result<void> read = read_whole(copies, it->id, whole);
      if (read.ok() || stop_) return;
      leave(it->id, read.error());
      it->kind = SnapshotKind::evidence;  // neither counted nor pruned
    }
  }

  const std::atomic<bool>& stop_;
};

// The archive that is named is a generation of the store from then on.
class Import final : public StoreRun {
 public:
  explicit Import(const Invocation& invocation)
      : StoreRun(invocation, SnapshotReport::Answer::made) {}

 private:
  Result<ExitStatus> work(const StateDir& state, Snapshots& snapshots) override {
    const std::string& name = invocation_.words[1];
    if (name == "-") return take_in(STDIN_FILENO, state, snapshots);
    const Fd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return system_error(errno, "open", name);
    return take_in(file.get(), state, snapshots);
  }

  Result<ExitStatus> take_in(int from, const StateDir& state, Snapshots& snapshots) {
    TRY_ASSIGN(SnapshotDigests digests, SnapshotDigests::open(state));
    TRY_ASSIGN(const Snapshots::TakenIn taken,
               snapshots.take_in(from, invocation_.words[1], digests));
    report_.made.id = taken.manifest.id;
    report_.made.is_new = taken.is_new;
    report_.made.objects = taken.manifest.objects.size();
    report_.made.imported = true;
    if (taken.is_new) {
      const auto manifest = Sha256().add(manifest_text(taken.manifest)).digest();
      const Result<void> recorded = digests.add(taken.manifest.id, {taken.digest, manifest});
      if (!recorded.ok()) {
        if (!taken.heals) TRY(snapshots.remove(taken.manifest.id));
        return recorded.error();
      }
    }
    const auto newest = snapshots.newest_accepted();
    report_.made.compared_with = newest.ok() && *newest && (*newest)->id == taken.manifest.id;
    return ExitStatus::in_policy;
  }
};

ExitStatus refuse_rights(std::string_view command) {
  complain("only root may change what is kept: 'snapshot " + std::string(command) + "'");
  return ExitStatus::no_right;
}

}  // namespace

ExitStatus run_snapshot_prune(const Invocation& invocation) {
  const KeptGenerations& keep = invocation.options.keep;
  if (keep.last + keep.daily + keep.weekly + keep.monthly == 0) {
    return refuse_usage({"prune is not told what to keep",
                         "--keep-last N, --keep-daily N, --keep-weekly N or --keep-monthly N"});
  }
  if (!may_correct()) return refuse_rights("prune");
  return Prune(invocation).run();
}

ExitStatus run_snapshot_import(const Invocation& invocation) {
  if (!may_correct()) return refuse_rights("import");
  say_on_signals("permward: interrupted: `permward snapshot list` shows whether it was taken in\n");
  return Import(invocation).run();
}

}  // namespace permward
