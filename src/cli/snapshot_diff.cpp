// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot_diff.hpp"

#include "base/text.hpp"
#include "cli/messages.hpp"
#include "cli/paths.hpp"
#include "cli/policy_run.hpp"
#include "cli/snapshot.hpp"
#include "cli/store.hpp"
#include "cli/version.hpp"
#include "model/snapshot_report.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {
namespace {

class SnapshotDiffRun final : public PolicyRun {
 public:
  explicit SnapshotDiffRun(const Invocation& invocation) : PolicyRun(invocation) {
    std::vector<std::string> words(invocation.words.begin() + 1, invocation.words.end());
    if (!words.empty() && is_snapshot_id(words.front())) {
      id_ = words.front();
      words.erase(words.begin());
    }
    path_ = std::move(words);
  }

  // An ID and a PATH; what stands behind the ID is a PATH.
  [[nodiscard]] std::optional<UsageError> mistake() const {
    if (path_.size() < 2) return std::nullopt;
    return UsageError{"'" + printable(path_.back()) + "' is one word too many",
                      "`permward snapshot diff [ID] [PATH]`"};
  }

 private:
  // What was accepted can be compared whatever has become of the policy.
  PolicyInput policy_of(const SystemInput& found) override {
    return read_policy_or_none(options_, found);
  }
  [[nodiscard]] Result<std::vector<std::string>> paths() const override {
    return absolute_paths(path_);
  }
  ExitStatus start(const System& system, CheckOptions& asked) override;
  Result<CheckOutcome> look(const System& system, const CheckOptions& asked) override;
  ExitStatus outcome() override;
  ExitStatus write(ExitStatus status) override;
  [[nodiscard]] std::string_view speaks() const override { return "pins"; }

  ExitStatus no_snapshot(const std::string& what);
  Result<bool> find_generation(const System& system);

  std::string id_;                 // of the generation; empty: the newest accepted one
  std::vector<std::string> path_;  // at most one
  std::optional<StoredCopies> copies_;
  Manifest then_;
  MadeSnapshot seen_;
  std::vector<SnapshotChange> changes_;
};

Result<bool> SnapshotDiffRun::find_generation(const System& system) {
  TRY_ASSIGN(copies_, open_stored_copies(options_, system));
  if (!copies_) return false;
  if (id_.empty()) {
    TRY_ASSIGN(const std::optional<Manifest> newest, copies_->snapshots.newest_accepted());
    if (!newest) return false;
    id_ = newest->id;
  }
  KeepManifest whole;
  if (const auto read = read_whole(copies_->lent(), id_, whole); !read.ok()) {
    if (read.error().kind == ErrorKind::not_found) return false;
    return read.error();
  }
  then_ = std::move(whole.manifest);
  return true;
}

ExitStatus SnapshotDiffRun::no_snapshot(const std::string& what) {
  return refuse_usage(
      {what, "`permward snapshot list` lists them, `permward snapshot create` makes one"});
}

ExitStatus SnapshotDiffRun::start(const System& system, CheckOptions& asked) {
  const Result<bool> found = find_generation(system);
  if (!found.ok()) return give_up(found.error());
  if (!*found) {
    return no_snapshot(id_.empty() ? "there is no snapshot to compare with"
                                   : "there is no snapshot '" + id_ + "'");
  }
  return observe(system, {}, asked);
}

Result<CheckOutcome> SnapshotDiffRun::look(const System& system, const CheckOptions& asked) {
  const ComparedGeneration generation{
      then_, [this](ArchiveVisitor& visitor) { return read_whole(copies_->lent(), id_, visitor); }};
  TRY_ASSIGN(SnapshotDiff found,
             diff_snapshot(policy(), system, generation, asked, settings().max_file_size));
  changes_ = std::move(found.changes);
  seen_.not_taken = std::move(found.not_seen);
  seen_.interrupted = found.looked.interrupted;
  return std::move(found.looked);
}

ExitStatus SnapshotDiffRun::outcome() {
  // What would have been added nobody knows then.
  const bool half = policy().unknown && then_.kind == SnapshotKind::accepted;
  const bool all = seen_.not_taken.empty() && !seen_.interrupted && !half;
  return all ? ExitStatus::in_policy : ExitStatus::findings;
}

ExitStatus SnapshotDiffRun::write(ExitStatus status) {
  SnapshotReport out;
  out.answer = SnapshotReport::Answer::differences;
  out.version = version_text();
  out.warnings = report_.warnings;
  out.made = seen_;
  out.made.id = then_.id;
  out.changes = std::move(changes_);
  out.error = report_.error;
  return outputs_.write(out, status);
}

}  // namespace

ExitStatus run_snapshot_diff(const Invocation& invocation) {
  SnapshotDiffRun run(invocation);
  if (const auto mistake = run.mistake()) return refuse_usage(*mistake);
  return run.run();
}

}  // namespace permward
