// SPDX-License-Identifier: Apache-2.0
#include "engine/executor.hpp"

#include "decide/taken_back.hpp"
#include "decide/wanted.hpp"
#include "engine/as_seen.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "os/changer.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <sys/resource.h>
#include <utility>
#include <variant>

namespace permward {
namespace {

constexpr int most_attempts = 3;            // at an object that changes under our hands
constexpr std::size_t most_at_once = 1000;  // objects; one wait for the disk

// Half of the descriptors that the process may have.
std::size_t most_held() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<std::size_t>(limit.rlim_cur / 2, 1, most_at_once);
}

bool is_of_name(const Action& action) {
  return std::holds_alternative<SetTarget>(action) || std::holds_alternative<Remove>(action) ||
         std::holds_alternative<Install>(action);
}

// Whether it is a directory that keeps its names from being changed, and will not.
bool unbars(const Task& task) {
  const ObjectState& wanted = task.reach.state;
  const AttributeSet bars = task.now.attributes & attributes_in_status;
  return task.now.type == Type::directory && wanted.type == Type::directory &&
         !bars.without(wanted.attributes).empty();
}

}  // namespace

AttributeSet not_put_back(const Task& task) {
  if (!task.changed || !task.held) return {};
  return lifted_by(task).without(task.observed.attributes.set);
}

std::string not_put_back_text(AttributeSet missing, const Result<void>& acted) {
  const std::string why = acted.ok() ? "" : ": " + message_of(acted.error());
  return attributes_text(missing) + " was lifted for the work and could not be put back" + why;
}

std::string why_failed(const Result<void>& acted, const Result<void>& observed) {
  if (!acted.ok()) return message_of(acted.error());
  if (!observed.ok()) return message_of(observed.error());
  return "it is not so after it was corrected";
}

Executor::Executor(const System& system, SafeOpen& safe_open, Observer& observer,
                   const Hands& hands, const std::atomic<bool>* stop)
    : system_(system),
      safe_open_(safe_open),
      observer_(observer),
      hands_(hands),
      stop_(stop),
      most_held_(most_held()),
      record_(hands_, observer),
      installs_(system, safe_open, observer, hands_, stop),
      touched_(system.kernel) {}

bool Executor::asked_to_stop() {
  interrupted_ = interrupted_ || (stop_ != nullptr && stop_->load(std::memory_order_relaxed));
  return interrupted_;
}

bool Executor::may_work_on(const Task& task) {
  return !record_.error() && (!asked_to_stop() || tasks_->is_owed(task.index));
}

void Executor::carry_out(Tasks& tasks) {
  tasks_ = &tasks;
  safe_open_.rest();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (asked_to_stop() && !tasks.is_owed(i)) continue;
    if (TaskPtr task = tasks.look(i)) take(std::move(task));
    if (pending_.size() == most_held_) carry_out_pending();
  }
  carry_out_pending();
}

void Executor::take(TaskPtr task) {
  // Without a journal the rest is only reported.
  if (hands_.changer != nullptr && !task->actions.empty() && !record_.error()) {
    // What is to be done next may lie in it.
    const bool at_once = std::holds_alternative<Create>(task->actions.front()) || unbars(*task);
    pending_.push_back(std::move(task));
    if (at_once) carry_out_pending();
    return;
  }
  if (hands_.changer == nullptr) {
    changed_ += task->actions.empty() ? 0U : 1U;
    tasks_->rehearse(*task);
  }
  tasks_->leave(*task);
}

// All that is pending is on the disk before the first of it is changed. Where their paths lead is
// asked when all have been worked on, so that what they have in common is resolved once.
void Executor::carry_out_pending() {
  Pending pending;
  for (TaskPtr& task : std::exchange(pending_, {})) {
    if (may_work_on(*task)) {
      pending.push_back(std::move(task));
    } else {
      tasks_->leave(*task);
    }
  }
  std::uint64_t sequence = 0;
  if (pending.empty()) return (void)record_.remember();
  const bool written = record_.begin(pending, sequence);
  RunRecord::Unkept unkept(pending.size());
  if (written) unkept = record_.keep_evidence(pending);
  std::vector<Attempt> attempts;
  std::size_t made = 0;  // of what is to be installed: what is tried ahead
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (i == made) {
      installs_.settle();
      made += written ? make_ahead(pending, i, sequence, unkept) : pending.size();
    }
    TaskPtr& task = pending[i];
    if (written && may_work_on(*task)) {
      Attempt& one = attempts.emplace_back(
          Attempt{std::move(task), sequence++, 1, false, false, std::move(unkept[i]), {}});
      attempt(one);
      continue;
    }
    installs_.drop(*task);
    if (written) record_.leave(*task, sequence++);
    tasks_->leave(*task);
  }
  installs_.settle();
  safe_open_.rest();
  for (Attempt& one : attempts) {
    while (!conclude(one) && begin_again(one)) {
      attempt(one);
      installs_.settle();
    }
  }
  (void)record_.remember();
  record_.write_ends();
}

// How many, from `begin` on, are tried before more is made: at least one. Only what follows each
// other, for what is done to a directory itself is done when nothing of the run's own is in it.
std::size_t Executor::make_ahead(const Pending& pending, std::size_t begin, std::uint64_t sequence,
                                 const RunRecord::Unkept& unkept) {
  safe_open_.rest();
  std::size_t end = begin;
  while (end < pending.size() && !unkept[end] && may_work_on(*pending[end])) {
    Task& task = *pending[end];
    if (!Installs::may_be_ahead(task) || !installs_.has_room(task.kept.content.size)) break;
    if (!installs_.make(task, record_.scratch_name_of(task, sequence + (end - begin)))) break;
    ++end;
  }
  if (!asked_to_stop()) installs_.sync();
  return std::max<std::size_t>(end - begin, 1);
}

// It was looked at some hundred objects ago.
void Executor::attempt(Attempt& one) {
  one.as_seen = is_as_seen(observer_, *one.task);
  if (one.unkept) {
    one.acted = *one.unkept;
  } else {
    one.acted = one.as_seen ? act(*one.task, one.sequence) : not_as_seen(*one.task);
  }
}

// What was changed is observed again, and its path resolved once more. False: it is not as it was
// seen any more, or not where it was, and is to be looked at again.
bool Executor::conclude(Attempt& one) {
  Task& task = *one.task;
  const Result<WayPtr> way = directory_of_name(task);
  const Result<void> observed = observe(task, way);
  if (!observed.ok()) task.observed = Observed{};  // what it was is not known any more
  const bool there = one.as_seen && observed.ok() && still_there(task, way);
  if (task.not_durable && one.acted.ok()) one.acted = *task.not_durable;
  if (!there && observed.ok()) one.acted = not_as_seen(task);
  const bool done = tasks_->settle(task, one.acted, observed);
  if (task.reach.left_unarmed) record_.refuse_from_now_on(task.observed);  // another, by a copy-up
  std::string_view status = name(done ? Status::corrected : Status::failed);
  if (task.left_beside) status = left_beside;
  if (!not_put_back(task).empty()) status = left_lifted;
  record_.end(task, one.sequence, status, observed.ok());
  if (task.changed) note_touched(task, way);
  if (task.changed && !one.counted) ++changed_;
  one.counted = one.counted || task.changed;
  const bool last = one.number == most_attempts || task.left_beside ||
                    ((there || !observed.ok()) && !one.acted.ok());
  if (!last && !(there && done)) return false;
  tasks_->leave(task);
  return true;
}

// False: there is nothing more to do, and all is said.
bool Executor::begin_again(Attempt& one) {
  const TaskPtr first = std::move(one.task);
  safe_open_.rest();
  one.task = tasks_->look(first->index);
  ++one.number;
  Pending alone;
  if (one.task && !one.task->actions.empty()) {
    alone.push_back(std::move(one.task));
    const bool written = record_.begin(alone, one.sequence);
    if (written) one.unkept = std::move(record_.keep_evidence(alone).front());
    one.task = std::move(alone.front());
    if (written) return true;
  }
  end_with(*first, std::move(one.task), one);
  return false;
}

// Nothing is left to be done. What the attempt before had changed is told all the same: as done, if
// its object is in its place after all, and else as what it was left as.
void Executor::end_with(Task& first, TaskPtr again, const Attempt& one) {
  if (!first.changed) {
    if (again) tasks_->leave(*again);
    return;
  }
  const bool nothing_left = again && again->actions.empty();
  const Result<WayPtr> way = directory_of_name(first);
  const bool back = nothing_left && observe(first, way).ok() && still_there(first, way);
  if (!back) {
    tasks_->leave(first);
    if (again) tasks_->leave(*again);
    return;
  }
  const bool done = tasks_->settle(first, {}, {});
  record_.end(first, one.sequence, name(done ? Status::corrected : Status::failed), true);
  tasks_->leave(first);
}

// What is lifted is put back, also where a step between fails, or memory runs out.
Result<void> Executor::act(Task& task, std::uint64_t sequence) {
  if (const auto* create = std::get_if<Create>(&task.actions.front())) {
    TRY(make(task, create->type));
  }
  const AttributeSet lifted = lifted_by(task);
  Result<void> out;
  try {
    out = take_steps(task, sequence);
  } catch (...) {
    if (task.changed && !lifted.empty()) put_back(task, lifted);
    throw;
  }
  if (!out.ok() && task.changed && !lifted.empty()) put_back(task, lifted);
  return out;
}

// Capabilities take a right that nothing else takes: where it is missing, attributes are still set.
// Not so what follows of the mode, which may wait for them.
Result<void> Executor::take_steps(Task& task, std::uint64_t sequence) {
  Result<void> out;
  Type type = task.now.type;
  for (const Action& action : task.actions) {
    if (!out.ok() && !std::holds_alternative<SetAttributes>(action)) continue;
    Result<void> done = is_of_name(action) ? act_on_name(task, action, sequence)
                                           : hands_.changer->change(task.held.get(), type, action);
    if (!done.ok()) {
      if (out.ok()) out = std::move(done);
      if (!std::holds_alternative<SetCapabilities>(action)) break;
      continue;
    }
    task.changed = true;
    if (const auto* install = std::get_if<Install>(&action)) type = install->type;
  }
  return out;
}

// What is there then has inherited what its directory hands down, and is planned for anew.
Result<void> Executor::make(Task& task, Type type) {
  TRY_ASSIGN(const WayPtr way, directory_as_seen(safe_open_, task));
  TRY_ASSIGN(task.held, hands_.changer->create(way->fd.get(), task.names.back().c_str(), type));
  task.changed = true;
  TRY(tasks_->observe(task, nullptr));
  tasks_->plan_made(task);
  return {};
}

Result<void> Executor::act_on_name(Task& task, const Action& action, std::uint64_t sequence) {
  TRY_ASSIGN(const WayPtr way, directory_as_seen(safe_open_, task));
  const char* const name = task.names.back().c_str();
  if (const auto* link = std::get_if<SetTarget>(&action)) {
    return replace_link(task, *way, link->target, sequence);
  }
  if (std::holds_alternative<Install>(action)) {
    return installs_.place(task, *way, record_.scratch_name_of(task, sequence));
  }
  TRY(hands_.changer->remove(way->fd.get(), name, task.held.get(), std::get<Remove>(action)));
  task.held.reset();
  return {};
}

// Where its name cannot be removed again, the next run does.
Result<void> Executor::replace_link(Task& task, const Way& way, const std::string& target,
                                    std::uint64_t sequence) {
  const std::string scratch = record_.scratch_name_of(task, sequence);
  Result<Fd> made = hands_.changer->replace_link(way.fd.get(), task.names.back().c_str(),
                                                 task.held.get(), target, scratch.c_str());
  if (made.ok()) {
    task.held = std::move(*made);
    return {};
  }
  Observed left;
  const Result<void> found = observer_.by_name(way.fd.get(), scratch.c_str(), {}, left);
  task.left_beside = found.ok() || found.error().kind != ErrorKind::not_found;
  return made.error();
}

void Executor::put_back(const Task& task, AttributeSet lifted) {
  // That it fails is seen by the observation that follows.
  (void)hands_.changer->change(task.held.get(), task.now.type, SetAttributes{lifted, {}});
}

// Null of `/`.
Result<WayPtr> Executor::directory_of_name(const Task& task) {
  return task.names.empty() ? WayPtr() : directory_of(safe_open_, task.names);
}

// Whether its path leads to what is held, and was just observed; or, where nothing is held, to
// nothing.
bool Executor::still_there(const Task& task, const Result<WayPtr>& way) {
  if (task.names.empty()) return true;
  Observed named;
  const Result<void> found =
      way.ok() ? observer_.by_name((*way)->fd.get(), task.names.back().c_str(), FacetSet{}, named)
               : way.error();
  if (!task.held) return !found.ok() && found.error().kind == ErrorKind::not_found;
  return found.ok() && named.identity == task.observed.identity;
}

// What has not been made, or is removed, is absent.
Result<void> Executor::observe(Task& task, const Result<WayPtr>& way) {
  if (task.held) return tasks_->observe(task, way.ok() ? *way : nullptr);
  task.observed = Observed{};
  return {};
}

// Its name is where the directory is; what is mounted on the name is elsewhere.
void Executor::note_touched(const Task& task, const Result<WayPtr>& way) {
  const bool known = way.ok() && *way && (*way)->present;
  if (known) touched_.add((*way)->fd.get(), (*way)->identity.device, task.path);
  const Type type = task.observed.type;
  const bool opens = task.held && (type == Type::file || type == Type::directory);
  const bool beside = known && task.observed.identity.device == (*way)->identity.device;
  if (opens && !beside) touched_.add(task.held.get(), task.observed.identity.device, task.path);
}

}  // namespace permward
