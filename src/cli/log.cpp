// SPDX-License-Identifier: Apache-2.0
#include "cli/log.hpp"

#include "cli/messages.hpp"
#include "cli/outputs.hpp"
#include "cli/runs.hpp"
#include "cli/state.hpp"
#include "cli/version.hpp"
#include "engine/run_log.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

// The changes of a run, some at a time: those of a large one would be a hundred megabytes.
class LoggedChanges final : public ChangeSource {
 public:
  LoggedChanges(RunLog& log, const LoggedRun& run) : log_(log), run_(run) {}

  void begin() override {
    error_.reset();
    part_.clear();
    at_ = 0;
    told_ = 0;
  }
  const LoggedObject* next() override;
  const std::optional<Error>& error() const override { return error_; }

 private:
  static constexpr std::size_t at_once = 1000;

  RunLog& log_;
  const LoggedRun& run_;
  std::vector<LoggedObject> part_;
  std::size_t at_ = 0;
  std::uint64_t told_ = 0;  // the last sequence number
  std::optional<Error> error_;
};

// What a run that is at work records meanwhile is not told, and one that is forgotten meanwhile is
// not passed off as a small one.
const LoggedObject* LoggedChanges::next() {
  if (error_ || told_ >= run_.changes) return nullptr;
  if (at_ == part_.size()) {
    auto part = log_.objects(run_.id, told_, at_once);
    if (part.ok() && part->empty()) {
      part = Error{ErrorKind::changed, "read all changes of the run", run_.id, 0};
    }
    if (!part.ok()) {
      error_ = part.error();
      return nullptr;
    }
    part_ = std::move(*part);
    at_ = 0;
  }
  const LoggedObject& out = part_[at_++];
  told_ = out.sequence;
  return &out;
}

class Log {
 public:
  explicit Log(const Invocation& invocation)
      : invocation_(invocation), options_(invocation.options), outputs_(invocation.options) {
    report_.version = version_text();
    if (!invocation.words.empty()) asked_ = invocation.words.front();
  }

  ExitStatus run();

 private:
  ExitStatus run_on(const SystemInput& found);
  ExitStatus answer(RunLog& log);
  ExitStatus answer_one(RunLog& log, Journal& journal, const std::string& id);
  ExitStatus give_up(const Error& error);

  const Invocation& invocation_;
  const Options& options_;
  std::optional<std::string> asked_;
  Outputs outputs_;
  LogReport report_;
};

ExitStatus Log::run() {
  return on_system(
      outputs_, options_, [this](const SystemInput& found) { return run_on(found); },
      [this](const Error& error) { return give_up(error); });
}

ExitStatus Log::run_on(const SystemInput& found) {
  if (const auto refused = refuse_missing_settings(invocation_, outputs_)) return *refused;
  report_.warnings = found.warnings;
  if (!options_.quiet) show(report_.warnings, options_);
  auto place = state_directory(options_, found.system);
  if (!place.ok()) return give_up(place.error());
  report_.place = std::move(*place);
  auto journal = journal_to_read(report_.place);
  if (!journal.ok()) return give_up(journal.error());
  if (!*journal) {
    if (asked_) return refuse_usage(unknown_run(*asked_, {}, report_.place));
    return outputs_.write(report_, nullptr, ExitStatus::in_policy);
  }
  RunLog log(**journal, *found.system.names);
  return asked_ ? answer_one(log, **journal, *asked_) : answer(log);
}

ExitStatus Log::answer(RunLog& log) {
  auto runs = log.runs();
  if (!runs.ok()) return give_up(runs.error());
  report_.runs = std::move(*runs);
  return outputs_.write(report_, nullptr, ExitStatus::in_policy);
}

ExitStatus Log::answer_one(RunLog& log, Journal& journal, const std::string& id) {
  auto run = log.find(id);
  if (!run.ok()) return give_up(run.error());
  if (!*run) {
    const auto runs = journal.runs();
    if (!runs.ok()) return give_up(runs.error());
    return refuse_usage(unknown_run(id, *runs, report_.place));
  }
  report_.runs = {std::move(**run)};
  LoggedChanges changes(log, report_.runs.front());
  const ExitStatus status = outputs_.write(report_, &changes, ExitStatus::in_policy);
  if (!changes.error()) return status;
  complain(*changes.error());
  return ExitStatus::incomplete;
}

ExitStatus Log::give_up(const Error& error) {
  complain(error);
  if (error.kind == ErrorKind::denied && ::geteuid() != 0) {
    complain("hint: what runs have changed is for root to read");
  }
  report_.error = error;
  return outputs_.write(report_, nullptr, ExitStatus::incomplete);
}

}  // namespace

ExitStatus run_log(const Invocation& invocation) { return Log(invocation).run(); }

}  // namespace permward
