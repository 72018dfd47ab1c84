// SPDX-License-Identifier: Apache-2.0
#include "cli/restore.hpp"

#include "base/text.hpp"
#include "cli/changing_run.hpp"
#include "cli/messages.hpp"
#include "cli/option_set.hpp"
#include "cli/option_values.hpp"
#include "cli/paths.hpp"
#include "cli/runs.hpp"
#include "cli/selection.hpp"
#include "cli/snapshot.hpp"
#include "cli/store.hpp"
#include "engine/executor.hpp"
#include "engine/gather.hpp"
#include "engine/judge.hpp"
#include "engine/restore.hpp"
#include "model/codes.hpp"
#include "report/error_text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

Finding unknown(const std::string& path) {
  Finding out;
  out.rule = of_no_rule;
  out.status = Status::failed;
  out.path = path;
  out.expected = "present";
  out.actual = "unknown";
  out.reason = "no snapshot has it, nor anything below it";
  return out;
}

class Restore final : public ChangingRun {
 public:
  using ChangingRun::ChangingRun;

 private:
  // At three in the morning, with a broken policy, it has to work; and with a broken journal.
  PolicyInput policy_of(const SystemInput& found) override {
    return read_policy_or_none(options_, found);
  }
  [[nodiscard]] bool goes_on_without_journal() const override { return true; }
  [[nodiscard]] Rights rights() const override { return Rights::restores; }
  [[nodiscard]] std::string_view other_ids_hint() const override {
    return ", --by-name gives it to the name";
  }
  // What its PATHs are about need be in no policy.
  Result<std::vector<std::string>> paths() const override { return std::vector<std::string>(); }
  [[nodiscard]] StateDir::Missing without_state() const override {
    return StateDir::Missing::is_created;
  }
  ExitStatus prepare(const System& system, Journal* journal) override;
  Result<ApplyOutcome> work(const System& system, const CheckOptions& asked,
                            const Hands& hands) override;
  ExitStatus outcome() override;

  Result<Gathered> find(const System& system) const;
  Result<Gathered> find_in_store(const System& system, const std::vector<std::string>& paths) const;
  void tell_of_damage();
  static ApplyOutcome after(ApplyOutcome first, ApplyOutcome rest);

  Gathered gathered_;
  std::string below_;
};

Result<Gathered> Restore::find_in_store(const System& system,
                                        const std::vector<std::string>& paths) const {
  TRY_ASSIGN(const std::optional<StoredCopies> copies, open_stored_copies(options_, system));
  if (copies && options_.from) {
    return gather_from(system, copies->lent(), *options_.from, paths);
  }
  if (copies) return gather(system, copies->lent(), paths);
  if (options_.from) return Error{ErrorKind::not_found, "find the snapshot", *options_.from, 0};
  Gathered nothing;
  nothing.unknown = paths;
  return nothing;
}

Result<Gathered> Restore::find(const System& system) const {
  TRY_ASSIGN(const std::vector<std::string> paths, absolute_paths(invocation_.words));
  if (!options_.from || is_snapshot_id(*options_.from)) return find_in_store(system, paths);
  if (*options_.from == "-") return gather_from(system, STDIN_FILENO, "standard input", paths);
  const Fd file(::open(options_.from->c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return system_error(errno, "open", *options_.from);
  return gather_from(system, file.get(), *options_.from, paths);
}

ExitStatus Restore::prepare(const System& system, Journal* /*journal*/) {
  if (options_.to) {
    auto to = absolute_paths({*options_.to});
    if (!to.ok()) return give_up(to.error());
    below_ = std::move(to->front());
  }
  auto found = find(system);
  const bool no_such = !found.ok() && found.error().kind == ErrorKind::not_found && options_.from &&
                       is_snapshot_id(*options_.from);
  if (no_such) {
    return refuse_usage({"there is no snapshot '" + printable(*options_.from) + "'",
                         "`permward snapshot list` lists them"});
  }
  if (!found.ok()) return give_up(found.error());
  gathered_ = std::move(*found);
  if (options_.to) add_private_way(gathered_.objects);
  tell_of_damage();
  if (const auto opened = open_evidence(system); !opened.ok()) return give_up(opened.error());
  return ExitStatus::in_policy;
}

void Restore::tell_of_damage() {
  Diagnostics told;
  for (const Error& error : gathered_.damaged) {
    told.push_back(make_diagnostic(Code::damaged_snapshot, error_text(error)));
    if (gathered_.ids.empty()) continue;
    told.back().help = "what is restored is of " + gathered_.ids.front() +
                       ", the newest whole snapshot that has it";
  }
  if (!options_.quiet) show(told, options_);
  append(report_.warnings, told);
}

Result<ApplyOutcome> Restore::work(const System& system, const CheckOptions& asked,
                                   const Hands& hands) {
  RestoreOptions options;
  options.offline = options_.offline;
  options.break_links = options_.break_links;
  options.by_name = options_.by_name;
  options.below = below_;
  options.stop = asked.stop;
  auto first = restore(policy(), system, gathered_.objects, options, hands);
  if (!first.ok() && hands.journal == nullptr) return first.error();
  ApplyOutcome out;
  if (first.ok()) out = std::move(*first);
  const std::optional<Error> error = first.ok() ? out.error : std::optional(first.error());
  if (error && hands.journal != nullptr) {
    // A full disk, as a rule, or a damaged database. What is gone needs nothing of it.
    complain(*error);
    go_on_without_journal();
    Hands bare = hands;
    RefusedInodes refused;
    if (const auto recalled = recall_refusals(bare, refused); !recalled.ok()) {
      complain(recalled.error());
    }
    bare.journal = nullptr;
    bare.run = nullptr;
    TRY_ASSIGN(ApplyOutcome rest, restore(policy(), system, gathered_.objects, options, bare));
    out = after(std::move(out), std::move(rest));
  }
  tell_of_unverified(system, out.found);
  for (const std::string& path : gathered_.unknown) out.found.findings.push_back(unknown(path));
  out.found.objects += gathered_.unknown.size();
  std::sort(out.found.findings.begin(), out.found.findings.end(), report_order);
  return out;
}

// What the first of two had done stays done.
ApplyOutcome Restore::after(ApplyOutcome first, ApplyOutcome rest) {
  for (Finding& finding : first.found.findings) {
    if (finding.status == Status::corrected) rest.found.findings.push_back(std::move(finding));
  }
  rest.changed += first.changed;
  std::move(first.stamped.begin(), first.stamped.end(), std::back_inserter(rest.stamped));
  if (!rest.not_durable) rest.not_durable = first.not_durable;
  return rest;
}

ExitStatus Restore::outcome() {
  const ExitStatus plain = ChangingRun::outcome();
  if (plain != ExitStatus::in_policy || gathered_.damaged.empty()) return plain;
  report_.summary.in_policy = false;
  return ExitStatus::findings;
}

}  // namespace

void add_restore_options(OptionSet& set, Options& options) {
  set.add_flag("-n,--dry-run", options.dry_run, "change nothing, and show what would be");
  set.add_option("--from", "ID|FILE|-", read_from,
                 "that snapshot, or an archive, and not the newest that has it");
  set.add_option("--to", "DIR", read_to, "put it below DIR, by its whole path");
  set.add_flag("--list", options.list, "show which snapshots have PATH, and restore nothing");
  set.add_flag("--break-links", options.break_links,
               "replace a file with other names, which keep what is in it now");
  set.add_flag("--by-name", options.by_name, "owners and groups by name, not by number");
}

ExitStatus run_restore(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (const auto mistake = path_mistake(invocation)) return refuse_usage(*mistake);
  if (invocation.words.empty()) {
    return refuse_usage({"a PATH is missing", "`permward restore /etc/nginx`"});
  }
  if (filtered(options)) {
    return refuse_usage({"restore has no use for --tag, --rule, --severity",
                         "`permward restore PATH` restores what lies there"});
  }
  if (options.list && invocation.words.size() > 1) {
    return refuse_usage({"--list is for one PATH", "`permward restore --list PATH`"});
  }
  const bool restores =
      options.from || options.to || options.dry_run || options.break_links || options.by_name;
  if (options.list && restores) {
    return refuse_usage({"--list restores nothing, and has no use for other options of restore",
                         "`permward restore --list PATH`"});
  }
  if (options.list) return list_snapshots_with(invocation, invocation.words.front());
  if (options.root && options.to && !options.to->starts_with('/')) {
    return refuse_usage({"the DIR of --to is relative", "under --root it begins at the root"});
  }
  if (!allowed_to_change(options, "restore")) return ExitStatus::no_right;
  return Restore(invocation).run();
}

}  // namespace permward
