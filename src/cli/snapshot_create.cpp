// SPDX-License-Identifier: Apache-2.0
#include "base/fd.hpp"
#include "base/sha256.hpp"
#include "cli/messages.hpp"
#include "cli/paths.hpp"
#include "cli/policy_run.hpp"
#include "cli/runs.hpp"
#include "cli/snapshot.hpp"
#include "cli/state.hpp"
#include "cli/version.hpp"
#include "engine/collect.hpp"
#include "engine/hold.hpp"
#include "model/snapshot_report.hpp"
#include "store/carried.hpp"
#include "store/file_stamps.hpp"
#include "store/lock.hpp"
#include "store/manifest_text.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr const char* another_run_settles =
    "the next `permward apply`, `restore` or `undo` puts back what it had lifted";

// The time of a directory, which every name in it moves, makes no difference: what lies on the way
// to what is pinned is everybody's.
bool accepted_alike(const std::vector<SnapshotObject>& before,
                    const std::vector<SnapshotObject>& now) {
  return std::equal(before.begin(), before.end(), now.begin(), now.end(),
                    [](const SnapshotObject& a, SnapshotObject b) {
                      if (b.state.type == Type::directory) b.modified = a.modified;
                      return a == b;
                    });
}

class SnapshotCreate final : public PolicyRun {
 public:
  using PolicyRun::PolicyRun;

 private:
  PolicyInput policy_of(const SystemInput& found) override {
    return read_trusted_policy(options_, found);
  }
  [[nodiscard]] Result<std::vector<std::string>> paths() const override {
    return absolute_paths({invocation_.words.begin() + 1, invocation_.words.end()});
  }
  ExitStatus start(const System& system, CheckOptions& asked) override;
  Result<CheckOutcome> look(const System& system, const CheckOptions& asked) override;
  ExitStatus outcome() override;
  ExitStatus write(ExitStatus status) override;
  [[nodiscard]] std::string_view speaks() const override { return "pins"; }

  Result<void> open_store(const System& system);
  Result<void> require_settled(const System& system, const std::string& directory);
  Result<std::optional<Manifest>> find_newest(bool needed);
  Result<SpooledObjects> gather(const System& system, const CheckOptions& asked, Spool& spool,
                                CheckOutcome& looked);
  [[nodiscard]] std::optional<std::string> own_place(const System& system) const;
  [[nodiscard]] bool is_own(const std::string& path) const;
  void leave_out_own(Collected& found) const;
  [[nodiscard]] bool is_whole(const std::string& id);
  Result<void> remember_stamps(const std::vector<SnapshotObject>& objects);
  Result<void> keep(const System& system, const SpooledObjects& objects, const Spool& spool);

  std::optional<StateDir> state_;
  std::optional<Lock> lock_;
  std::optional<Snapshots> snapshots_;
  std::optional<SnapshotDigests> digests_;
  std::optional<Manifest> before_;
  std::vector<StampedFile> stamped_;
  std::optional<std::string> own_;  // where the state directory is, as policies name it
  MadeSnapshot made_;
  std::string hint_;  // after what ended it; may be empty
};

Result<void> SnapshotCreate::open_store(const System& system) {
  TRY_ASSIGN(const std::string path, state_directory(options_, system));
  TRY_ASSIGN(StateDir state, StateDir::open(path, StateDir::Missing::is_created));
  state_.emplace(std::move(state));
  TRY_ASSIGN(Lock lock, Lock::take(*state_, "snapshot create"));
  lock_.emplace(std::move(lock));
  TRY(require_settled(system, path));
  TRY_ASSIGN(Snapshots snapshots, Snapshots::open(*state_, StateDir::Missing::is_created));
  snapshots_.emplace(std::move(snapshots));
  TRY_ASSIGN(SnapshotDigests digests, SnapshotDigests::open(*state_));
  digests_.emplace(std::move(digests));
  return snapshots_->remove_left_overs();
}

// What a killed run had lifted for its work, or made and kept closed, is not accepted as good; nor
// what an ended one could not put back.
Result<void> SnapshotCreate::require_settled(const System& system, const std::string& directory) {
  TRY_ASSIGN(const InodeKey root, root_inode(system));
  TRY_ASSIGN(std::optional<Journal> journal, journal_to_read(directory));
  if (!journal) return {};
  TRY_ASSIGN(const std::vector<RecordedRun> unfinished, journal->unfinished());
  for (const RecordedRun& run : unfinished) {
    if (!same_inode(run.start.root, root)) continue;
    const auto changes = journal->changes(run.id);
    if (changes.ok()) {
      hint_ = another_run_settles;
      return Error{ErrorKind::io, "accept anything after a run that was killed:", run.id, 0};
    }
    complain(changes.error());  // no run ever settles that one
  }
  TRY_ASSIGN(const std::vector<LiftedChange> left, journal->lifted(root));
  for (const LiftedChange& one : left) {
    const Change& change = one.recorded.change;
    const auto& outcome = one.recorded.outcome;
    const bool closed = outcome && outcome->status == left_beside && makes_directory(change);
    if (closed || (outcome && outcome->status == left_lifted)) {
      hint_ = another_run_settles;
      return Error{ErrorKind::io, "accept anything before a run has put back what was lifted of",
                   change.path, 0};
    }
  }
  return {};
}

ExitStatus SnapshotCreate::start(const System& system, CheckOptions& asked) {
  if (const auto opened = open_store(system); !opened.ok()) return give_up(opened.error());
  return observe(system, {}, asked);
}

// What is accepted as a whole needs nothing of what was accepted before.
Result<std::optional<Manifest>> SnapshotCreate::find_newest(bool needed) {
  Result<std::optional<Manifest>> newest = snapshots_->newest_accepted();
  if (newest.ok() && *newest && needed && !is_whole((*newest)->id)) {
    newest =
        Error{ErrorKind::invalid, "take anything over from the damaged snapshot", (*newest)->id, 0};
  }
  if (newest.ok()) return newest;
  if (needed) {
    hint_ = "`permward snapshot create` without a PATH takes nothing over from it";
    return newest;
  }
  complain(newest.error());
  return std::optional<Manifest>();
}

// Every byte of it is what was written.
bool SnapshotCreate::is_whole(const std::string& id) {
  KeepManifest read;
  const Result<Sha256::Digest> archive = snapshots_->read(id, read);
  const auto recorded = digests_->of(id);
  if (!archive.ok()) complain(archive.error());
  if (!recorded.ok()) complain(recorded.error());
  if (!archive.ok() || !recorded.ok()) return false;
  if (*recorded && (*recorded)->archive != *archive) {
    complain("the bytes of the snapshot " + id + " are not those that were written");
    return false;
  }
  if (*recorded) return true;
  return digests_->add(id, {*archive, Sha256().add(manifest_text(read.manifest)).digest()}).ok();
}

// What was not asked for, or could not be taken, is as it was accepted before.
Result<SpooledObjects> SnapshotCreate::gather(const System& system, const CheckOptions& asked,
                                              Spool& spool, CheckOutcome& looked) {
  TRY_ASSIGN(before_, find_newest(!asked.paths.empty()));
  TRY_ASSIGN(Collected found, collect(policy(), system, asked, settings().max_file_size, spool));
  looked = std::move(found.looked);
  own_ = own_place(system);
  leave_out_own(found);
  made_.not_taken = std::move(found.not_taken);
  stamped_ = std::move(found.stamped);
  if (before_) {
    const auto hidden = hidden_by_mounts(looked.not_entered, before_->objects, found.taken.objects);
    made_.not_taken.insert(made_.not_taken.end(), hidden.begin(), hidden.end());
  }
  const auto asked_for = [&](const std::string& path) {
    return found.scope.empty() ||
           std::any_of(found.scope.begin(), found.scope.end(),
                       [&path](const std::string& top) { return lies_at_or_below(path, top); });
  };
  // With the way to it, and all that lies in it.
  const auto could_not_be_taken = [&](const std::string& path) {
    return std::any_of(made_.not_taken.begin(), made_.not_taken.end(), [&](const NotTaken& one) {
      return lies_at_or_below(path, one.path) || lies_at_or_below(one.path, path);
    });
  };
  const auto wanted = [&](const std::string& path) {
    return !is_own(path) && (!asked_for(path) || could_not_be_taken(path));
  };
  const bool carries = !found.scope.empty() || !made_.not_taken.empty();
  if (!carries || !before_ || !looked.uncovered.empty()) return std::move(found.taken);
  if (found.scope.empty() && !is_whole(before_->id)) {
    complain("nothing is taken over from it of what could not be taken");
    return std::move(found.taken);
  }
  CarryOver carried(wanted, spool);
  TRY(snapshots_->read(before_->id, carried));
  return laid_over(std::move(found.taken), std::move(carried.taken));
}

// Nothing where it lies outside the root, or cannot be found.
std::optional<std::string> SnapshotCreate::own_place(const System& system) const {
  std::error_code unknown;
  const std::string own = std::filesystem::canonical(state_->path(), unknown).string();
  if (unknown) return std::nullopt;
  if (!system.root.given()) return own;
  const std::string root = std::filesystem::canonical(system.root.path(), unknown).string();
  if (unknown || !lies_at_or_below(own, root)) return std::nullopt;
  return root == "/" ? own : own.substr(root.size());
}

bool SnapshotCreate::is_own(const std::string& path) const {
  return own_ && lies_at_or_below(path, *own_);
}

// Each snapshot would be of all that were before it, and nothing ever as it was accepted.
void SnapshotCreate::leave_out_own(Collected& found) const {
  SpooledObjects others;
  for (std::size_t i = 0; i < found.taken.objects.size(); ++i) {
    if (is_own(found.taken.objects[i].path)) continue;
    others.objects.push_back(std::move(found.taken.objects[i]));
    others.contents.push_back(found.taken.contents[i]);
  }
  const bool some = others.objects.size() != found.taken.objects.size();
  found.taken = std::move(others);
  if (!some) return;
  std::erase_if(found.not_taken, [this](const NotTaken& one) { return is_own(one.path); });
  std::erase_if(found.stamped, [this](const StampedFile& one) { return is_own(one.path); });
  found.not_taken.push_back({*own_, "it is where snapshots are kept: let the rule exclude it"});
}

Result<CheckOutcome> SnapshotCreate::look(const System& system, const CheckOptions& asked) {
  TRY_ASSIGN(const Fd scratch, snapshots_->scratch_file());
  Spool spool{scratch.get(), 0};
  CheckOutcome looked;
  TRY_ASSIGN(SpooledObjects objects, gather(system, asked, spool, looked));
  if (!looked.uncovered.empty() || !looked.conflicts.empty()) return looked;
  // A signal may have kept the last of the contents from being read.
  looked.interrupted = looked.interrupted || asked.stop->load();
  made_.interrupted = looked.interrupted;
  if (looked.interrupted) return looked;
  made_.objects = objects.objects.size();
  const bool same = before_
                        ? accepted_alike(before_->objects, objects.objects) && is_whole(before_->id)
                        : objects.objects.empty();
  if (before_) made_.id = before_->id;
  if (!same) TRY(keep(system, objects, spool));
  if (const auto done = remember_stamps(objects.objects); !done.ok()) complain(done.error());
  return looked;
}

Result<void> SnapshotCreate::keep(const System& system, const SpooledObjects& objects,
                                  const Spool& spool) {
  SpooledContents contents(spool.file, objects);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Manifest manifest;
  TRY_ASSIGN(manifest.id, snapshots_->new_id(now));
  manifest.time = now.time_since_epoch().count();
  manifest.host = system.hostname.value_or("");
  manifest.policy_digest = policy().digest;
  manifest.objects = objects.objects;
  TRY_ASSIGN(const Sha256::Digest archive, snapshots_->keep(manifest, contents));
  Result<void> recorded =
      digests_->add(manifest.id, {archive, Sha256().add(manifest_text(manifest)).digest()});
  if (!recorded.ok()) {
    // Whoever is told that it failed is not to find it there.
    TRY(snapshots_->remove(manifest.id));
    return recorded;
  }
  made_.id = manifest.id;
  made_.is_new = true;
  return {};
}

// For `check --trust-ctime`, which reads what nothing is known of.
Result<void> SnapshotCreate::remember_stamps(const std::vector<SnapshotObject>& objects) {
  TRY_ASSIGN(FileStamps stamps, FileStamps::open(*state_));
  TRY(stamps.keep_only(objects));
  return stamps.add(stamped_);
}

ExitStatus SnapshotCreate::outcome() {
  if (report_.interrupted) return ExitStatus::findings;
  return made_.not_taken.empty() ? ExitStatus::in_policy : ExitStatus::findings;
}

ExitStatus SnapshotCreate::write(ExitStatus status) {
  SnapshotReport out;
  out.answer = SnapshotReport::Answer::made;
  out.version = version_text();
  out.warnings = report_.warnings;
  if (state_) out.place = state_->path();
  out.made = made_;
  out.error = report_.error;
  if (!hint_.empty()) complain("hint: " + hint_);
  return outputs_.write(out, status);
}

}  // namespace

ExitStatus run_snapshot_create(const Invocation& invocation) {
  Invocation paths = invocation;
  paths.words.erase(paths.words.begin());
  if (const auto mistake = path_mistake(paths)) return refuse_usage(*mistake);
  if (!may_correct()) {
    complain("only root may accept what a policy pins: it is kept where root restores it from");
    return ExitStatus::no_right;
  }
  return SnapshotCreate(invocation).run();
}

}  // namespace permward
