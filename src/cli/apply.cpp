// SPDX-License-Identifier: Apache-2.0
#include "cli/apply.hpp"

#include "base/words.hpp"
#include "cli/accepted.hpp"
#include "cli/changing_run.hpp"
#include "cli/messages.hpp"
#include "cli/option_set.hpp"
#include "cli/option_values.hpp"
#include "cli/runs.hpp"
#include "cli/store.hpp"
#include "engine/apply.hpp"
#include "engine/collect.hpp"
#include "engine/gather.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace permward {
namespace {

class Apply final : public ChangingRun {
 public:
  using ChangingRun::ChangingRun;

 private:
  PolicyInput policy_of(const SystemInput& found) override {
    return read_trusted_policy(options_, found);
  }
  [[nodiscard]] StateDir::Missing without_state() const override {
    return StateDir::Missing::is_created;
  }
  [[nodiscard]] Rights rights() const override {
    return pins_anything(policy()) ? Rights::restores : Rights::corrects;
  }
  ExitStatus prepare(const System& system, Journal* journal) override;
  Result<ApplyOutcome> work(const System& system, const CheckOptions& asked,
                            const Hands& hands) override;
  ExitStatus outcome() override;

  Result<void> open_copies(const System& system);

  Baseline baseline_;
  std::optional<StoredCopies> copies_;
};

ExitStatus Apply::prepare(const System& system, Journal* /*journal*/) {
  baseline_ = read_baseline(options_, system, policy());
  const Result<void> opened = open_copies(system);
  return opened.ok() ? ExitStatus::in_policy : give_up(opened.error());
}

// Where the policy lets nothing be restored or removed the store is left alone.
Result<void> Apply::open_copies(const System& system) {
  const auto& rules = policy().rules;
  const bool needed = std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
    return !rule.disabled &&
           (rule.restore_missing || rule.restore_changed || rule.remove_forbidden);
  });
  if (!needed) return {};
  if (!options_.dry_run) TRY(open_evidence(system));
  TRY_ASSIGN(copies_, open_stored_copies(options_, system));
  return {};
}

Result<ApplyOutcome> Apply::work(const System& system, const CheckOptions& asked,
                                 const Hands& hands) {
  ApplyOptions options;
  options.check = asked;
  options.check.baseline = &baseline_;
  options.offline = options_.offline;
  options.today = today();
  options.most_changes = options_.max_changes;
  std::optional<Copies> copies;
  if (copies_) copies.emplace(copies_->lent());
  options.copies = copies ? &*copies : nullptr;
  TRY_ASSIGN(ApplyOutcome done, apply(policy(), system, options, hands));
  for (const Error& error : done.damaged) complain(error);
  tell_of_unverified(system, done.found);
  if (done.too_many) {
    return Error{ErrorKind::io, "change",
                 counted(done.changed, "object") + " where --max-changes allows " +
                     std::to_string(*options_.max_changes) + ", and so changed none",
                 0};
  }
  return done;
}

ExitStatus Apply::outcome() {
  const ExitStatus plain = ChangingRun::outcome();
  const Summary& summary = report_.summary;
  if (plain == ExitStatus::incomplete || !options_.detailed_exitcodes) return plain;
  const bool remains = summary.violations + summary.errors + summary.refused + summary.failed > 0 ||
                       report_.interrupted;
  if (changed() == 0) return remains ? ExitStatus::remains : ExitStatus::in_policy;
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
  if (!allowed_to_change(options, "apply")) return ExitStatus::no_right;
  return Apply(invocation).run();
}

}  // namespace permward
