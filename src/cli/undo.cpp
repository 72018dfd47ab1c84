// SPDX-License-Identifier: Apache-2.0
#include "cli/undo.hpp"

#include "base/text.hpp"
#include "cli/changing_run.hpp"
#include "cli/messages.hpp"
#include "cli/option_set.hpp"
#include "cli/selection.hpp"
#include "cli/store.hpp"
#include "engine/gather.hpp"
#include "engine/hold.hpp"
#include "engine/undo.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

class Undo final : public ChangingRun {
 public:
  using ChangingRun::ChangingRun;

 private:
  // At three in the morning, with a broken policy, it has to work.
  PolicyInput policy_of(const SystemInput& found) override {
    return read_policy_or_none(options_, found);
  }
  // Its word is a run.
  Result<std::vector<std::string>> paths() const override { return std::vector<std::string>(); }
  [[nodiscard]] Rights rights() const override { return Rights::restores; }
  [[nodiscard]] StateDir::Missing without_state() const override {
    return StateDir::Missing::is_error;
  }
  ExitStatus prepare(const System& system, Journal* journal) override;
  ExitStatus find(const System& system, Journal& journal, const std::string& directory);
  Result<ApplyOutcome> work(const System& system, const CheckOptions& asked,
                            const Hands& hands) override;

  Result<Gathered> taken_away(const System& system) const;

  std::vector<RecordedChange> changes_;
  Gathered taken_away_;
};

ExitStatus Undo::prepare(const System& system, Journal* journal) {
  const auto place = state_directory(options_, system);
  if (!place.ok()) return give_up(place.error());
  const std::string& directory = *place;
  if (journal != nullptr) return find(system, *journal, directory);
  // Without a journal there is nothing to take back; and nothing is changed that is not written
  // down.
  auto kept = options_.dry_run ? journal_to_read(directory) : std::optional<Journal>();
  if (!kept.ok()) return give_up(kept.error());
  if (*kept) return find(system, **kept, directory);
  if (invocation_.words.empty()) return ExitStatus::in_policy;
  return refuse_usage(unknown_run(invocation_.words.front(), {}, directory));
}

// What the run changed that was asked for, or the last one that changed something.
ExitStatus Undo::find(const System& system, Journal& journal, const std::string& directory) {
  const auto root = root_inode(system);
  if (!root.ok()) return give_up(root.error());
  const bool named = !invocation_.words.empty();
  auto run = named ? journal.find_run(invocation_.words.front()) : journal.newest_changing(*root);
  if (!run.ok()) return give_up(run.error());
  if (!*run && !named) return ExitStatus::in_policy;
  if (!*run) {
    const auto runs = journal.runs();
    if (!runs.ok()) return give_up(runs.error());
    return refuse_usage(unknown_run(invocation_.words.front(), *runs, directory));
  }
  if (!same_inode((*run)->start.root, *root)) {
    return refuse_usage(
        {"the run " + (*run)->id + " was about another root, " + printable((*run)->start.root_path),
         "`permward undo --root DIR` takes back what was changed in DIR"});
  }
  report_.undone = (*run)->id;
  auto changes = journal.changes((*run)->id);
  if (!changes.ok()) return give_up(changes.error());
  changes_ = std::move(*changes);
  auto taken = taken_away(system);
  if (!taken.ok()) return give_up(taken.error());
  taken_away_ = std::move(*taken);
  for (const Error& error : taken_away_.damaged) complain(error);
  const auto opened = open_evidence(system);
  return opened.ok() ? ExitStatus::in_policy : give_up(opened.error());
}

// Contents that the run replaced or removed.
Result<Gathered> Undo::taken_away(const System& system) const {
  TRY_ASSIGN(const std::optional<StoredCopies> copies, open_stored_copies(options_, system));
  if (!copies) return Gathered{};
  return gather_taken_away(copies->lent(), changes_);
}

Result<ApplyOutcome> Undo::work(const System& system, const CheckOptions& asked,
                                const Hands& hands) {
  if (!report_.undone) return ApplyOutcome{};
  UndoOptions options;
  options.offline = options_.offline;
  options.force = options_.force;
  options.stop = asked.stop;
  options.kept = taken_away_.objects.spooled;
  options.spool = taken_away_.objects.spool;
  TRY_ASSIGN(ApplyOutcome out, undo(policy(), system, changes_, options, hands));
  tell_of_unverified(system, out.found);
  return out;
}

}  // namespace

void add_undo_options(OptionSet& set, Options& options) {
  set.add_flag("-n,--dry-run", options.dry_run, "change nothing, and show what would be");
  set.add_flag("--force", options.force, "set back what has changed since, too");
}

ExitStatus run_undo(const Invocation& invocation) {
  if (filtered(invocation.options)) {
    return refuse_usage({"undo takes back a whole run: it has no use for --tag, --rule, --severity",
                         "`permward log RUN` shows what a run changed"});
  }
  if (!allowed_to_change(invocation.options, "undo")) return ExitStatus::no_right;
  return Undo(invocation).run();
}

}  // namespace permward
