// SPDX-License-Identifier: Apache-2.0
#include "engine/run_record.hpp"

#include "engine/evidence.hpp"
#include "engine/installer.hpp"
#include "engine/scratch_name.hpp"
#include "model/mode.hpp"
#include "store/journal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace permward {
namespace {

constexpr const char* could_be_written =
    "somebody else could have written what is in it, or put it there";

// Whether something of what is there is in no state that the journal keeps.
bool loses(const Task& task) {
  if (!task.held || task.own) return false;
  return std::any_of(task.actions.begin(), task.actions.end(), [](const Action& one) {
    const auto* remove = std::get_if<Remove>(&one);
    return std::holds_alternative<Install>(one) || std::holds_alternative<SetExtended>(one) ||
           (remove != nullptr && remove->kept);
  });
}

}  // namespace

// What is taken away for the time of the work, and is to be there again; of what is to be removed,
// too, for it may turn out that it cannot be.
AttributeSet lifted_by(const Task& task) {
  if (task.actions.empty()) return {};
  const auto* first = std::get_if<SetAttributes>(&task.actions.front());
  if (first == nullptr) return {};
  const bool to_go = task.reach.state.type == Type::absent;
  return to_go ? first->clear : first->clear & task.reach.state.attributes;
}

Result<void> recall_refusals(Hands& hands, RefusedInodes& room) {
  if (hands.journal == nullptr || hands.refused != nullptr) return {};
  TRY_ASSIGN(const std::vector<ArmRefusal> refusals, hands.journal->refusals());
  room = RefusedInodes(refusals);
  hands.refused = &room;
  return {};
}

bool RunRecord::refused_before(const Observed& observed, const ObjectState& wanted) const {
  const bool armed = (wanted.mode & set_id_bits) != 0 || wanted.capabilities;
  if (hands_.refused == nullptr || wanted.type != Type::file || !armed) return false;
  return hands_.refused->holds(inode_key(observed));
}

void RunRecord::refuse_from_now_on(const Observed& observed) {
  if (hands_.journal == nullptr || hands_.changer == nullptr) return;
  if (hands_.refused != nullptr) hands_.refused->add(inode_key(observed));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  refusals_.push_back({inode_key(observed), could_be_written, now});
}

bool RunRecord::begin(const std::vector<TaskPtr>& tasks, std::uint64_t& first) {
  if (hands_.journal == nullptr) return true;
  if (!remember()) return false;
  std::vector<Change> changes;
  changes.reserve(tasks.size());
  for (const TaskPtr& task : tasks) {
    changes.push_back({task->path, inode_key(task->observed), task->now,
                       task->eventually.value_or(task->reach.state), lifted_by(*task)});
  }
  const Result<std::uint64_t> recorded = hands_.journal->record(*hands_.run, changes);
  if (recorded.ok()) {
    first = *recorded;
  } else {
    error_ = recorded.error();
  }
  return recorded.ok();
}

// On the disk before owner and mode are such that nothing else tells.
bool RunRecord::remember() {
  if (refusals_.empty()) return true;
  const Result<void> remembered = hands_.journal->add_refusals(refusals_);
  refusals_.clear();
  if (!remembered.ok()) error_ = remembered.error();
  return remembered.ok();
}

// Before anything is lost of it.
RunRecord::Unkept RunRecord::keep_evidence(const std::vector<TaskPtr>& tasks) {
  Unkept out(tasks.size());
  std::vector<bool> alone(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!loses(*tasks[i])) continue;
    const Result<void> taken =
        hands_.evidence == nullptr
            ? Error{ErrorKind::unsupported, "keep a copy of", tasks[i]->path, 0}
            : hands_.evidence->take(observer_, tasks[i]->held.get(), tasks[i]->path);
    alone[i] = !taken.ok() && taken.error().number == EFBIG;  // beside the others, perhaps
    if (!taken.ok() && !alone[i]) out[i] = taken.error();
  }
  if (hands_.evidence == nullptr) return out;
  const bool kept_together = hands_.evidence->keep().ok();
  // One that is too much is not to keep the others from being restored.
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!loses(*tasks[i]) || out[i] || (kept_together && !alone[i])) continue;
    Result<void> kept = hands_.evidence->take(observer_, tasks[i]->held.get(), tasks[i]->path);
    if (kept.ok()) kept = hands_.evidence->keep();
    if (!kept.ok()) out[i] = kept.error();
  }
  return out;
}

std::string RunRecord::scratch_name_of(const Task& task, std::uint64_t sequence) const {
  return hands_.run == nullptr ? scratch_name(task.index)
                               : scratch_name(hands_.run->id(), sequence);
}

void RunRecord::end(const Task& task, std::uint64_t sequence, std::string_view status,
                    bool observed) {
  if (hands_.journal == nullptr) return;
  Outcome outcome;
  outcome.sequence = sequence;
  outcome.status = std::string(status);
  outcome.effect = task.changed || task.left_beside ? Effect::some : Effect::none;
  if (observed) {
    outcome.after = seen_state(task.observed, task.content);
    outcome.inode = inode_key(task.observed);
    outcome.changed = task.observed.changed;
  }
  ends_.push_back(std::move(outcome));
}

// It was not come to, and is what it was when it was looked at.
void RunRecord::leave(const Task& task, std::uint64_t sequence) {
  if (hands_.journal == nullptr) return;
  Outcome outcome;
  outcome.sequence = sequence;
  outcome.status = task.left_beside ? std::string(left_beside) : "left";
  outcome.effect = task.left_beside ? Effect::some : Effect::none;
  outcome.after = task.now;
  outcome.inode = inode_key(task.observed);
  outcome.changed = task.observed.changed;
  ends_.push_back(std::move(outcome));
}

void RunRecord::write_ends() {
  if (hands_.journal == nullptr || ends_.empty()) return;
  const Result<void> written = hands_.journal->outcome(*hands_.run, ends_);
  if (!written.ok() && !error_) error_ = written.error();
  ends_.clear();
}

}  // namespace permward
