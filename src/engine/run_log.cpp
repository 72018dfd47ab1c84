// SPDX-License-Identifier: Apache-2.0
#include "engine/run_log.hpp"

#include "decide/describe_change.hpp"

#include <utility>

namespace permward {
namespace {

LoggedRun::State state_of(const RecordedRun& run) {
  if (!run.end) return LoggedRun::State::unfinished;
  switch (run.end->result) {
    case RunResult::in_policy:
      return LoggedRun::State::in_policy;
    case RunResult::out_of_policy:
      return LoggedRun::State::out_of_policy;
    case RunResult::killed:
      break;
  }
  return LoggedRun::State::killed;
}

LoggedRun logged(RecordedRun run) {
  LoggedRun out;
  out.state = state_of(run);
  out.id = std::move(run.id);
  out.started = run.start.started;
  out.command = std::move(run.start.command);
  out.command_line = std::move(run.start.command_line);
  out.user = std::move(run.start.user);
  out.uid = run.start.uid;
  out.changes = run.changes;
  out.objects = run.changes;
  if (run.end) {
    out.finished = run.end->finished;
    out.corrected = run.end->counts.corrected;
    out.refused = run.end->counts.refused;
    out.failed = run.end->counts.failed;
    out.objects = run.end->counts.objects.value_or(run.changes);
  }
  return out;
}

}  // namespace

Result<std::vector<LoggedRun>> RunLog::runs() {
  TRY_ASSIGN(std::vector<RecordedRun> recorded, journal_.runs());
  std::vector<LoggedRun> out;
  out.reserve(recorded.size());
  for (RecordedRun& run : recorded) out.push_back(permward::logged(std::move(run)));
  return out;
}

Result<std::optional<LoggedRun>> RunLog::find(const std::string& id) {
  TRY_ASSIGN(std::optional<RecordedRun> recorded, journal_.find_run(id));
  if (!recorded) return std::optional<LoggedRun>();
  return std::optional<LoggedRun>(permward::logged(std::move(*recorded)));
}

Result<std::vector<LoggedObject>> RunLog::objects(const std::string& run, std::uint64_t beyond,
                                                  std::size_t most) {
  ChangesAsked asked;
  asked.beyond = beyond;
  asked.most = most;
  TRY_ASSIGN(std::vector<RecordedChange> recorded, journal_.changes(run, asked));
  std::vector<LoggedObject> out;
  out.reserve(recorded.size());
  for (RecordedChange& change : recorded) out.push_back(logged(std::move(change)));
  return out;
}

LoggedObject RunLog::logged(RecordedChange recorded) {
  Change& change = recorded.change;
  const std::optional<Outcome>& outcome = recorded.outcome;
  const ObjectState* after = outcome && outcome->after ? &*outcome->after : nullptr;
  names_.learn(change.before);
  names_.learn(change.intended);
  if (after != nullptr) names_.learn(*after);
  LoggedObject out;
  out.sequence = recorded.sequence;
  out.outcome = outcome ? outcome->status : std::string(unknown_outcome);
  out.aspects = differences(change.before, change.intended, after, names_.names());
  out.path = std::move(change.path);
  return out;
}

}  // namespace permward
