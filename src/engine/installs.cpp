// SPDX-License-Identifier: Apache-2.0
#include "engine/installs.hpp"

#include "engine/as_seen.hpp"

#include <algorithm>
#include <sys/resource.h>
#include <utility>
#include <variant>

namespace permward {
namespace {

// What is replaced takes room until all have their places.
constexpr std::size_t most_ahead = 64;
constexpr std::uint64_t most_bytes_ahead = std::uint64_t{16} << 20;

// Each takes three descriptors; the tasks themselves may take half of those that there are.
std::size_t most_by_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<std::size_t>(limit.rlim_cur / 16, 1, most_ahead);
}

}  // namespace

Installs::Installs(const System& system, SafeOpen& safe_open, Observer& observer,
                   const Hands& hands, const std::atomic<bool>* stop)
    : safe_open_(safe_open),
      installer_(system, observer, hands, stop),
      most_(most_by_descriptors()) {}

bool Installs::may_be_ahead(const Task& task) {
  return task.verify.empty() &&
         std::any_of(task.actions.begin(), task.actions.end(),
                     [](const Action& action) { return std::holds_alternative<Install>(action); });
}

bool Installs::has_room(std::uint64_t bytes) const {
  return made_.empty() || (made_.size() < most_ && bytes_ + bytes <= most_bytes_ahead);
}

bool Installs::make(Task& task, const std::string& scratch) {
  const Result<WayPtr> way = directory_as_seen(safe_open_, task);
  if (!way.ok()) return false;
  bytes_ += task.kept.content.size;
  return make_in(task, **way, scratch).ok();
}

// What is begun is known from then on, so that it is cleared away whatever becomes of it.
Result<Installs::Made*> Installs::make_in(Task& task, const Way& way, const std::string& scratch) {
  TRY_ASSIGN(Candidate begun, installer_.begin(task, way, scratch));
  Made& made = made_.emplace_back(Made{&task, way.identity, std::move(begun)});
  TRY(installer_.dress(task, made.candidate));
  made.stage = Stage::dressed;
  return &made;
}

void Installs::sync() {
  for (Made& made : made_) {
    const bool file = made.task->reach.state.type == Type::file;
    const bool done = made.stage == Stage::dressed && (!file || made.candidate.sync().ok());
    if (done) made.stage = Stage::finished;
  }
}

Installs::Made* Installs::finished(const Task& task, const Way& way) {
  const auto at = std::find_if(made_.begin(), made_.end(), [&](const Made& made) {
    return made.task == &task && made.stage == Stage::finished && made.directory == way.identity;
  });
  return at == made_.end() ? nullptr : &*at;
}

Result<void> Installs::place(Task& task, const Way& way, const std::string& scratch) {
  Made* made = finished(task, way);
  if (made == nullptr) {
    drop(task);
    TRY_ASSIGN(made, make_in(task, way, scratch));
    TRY(installer_.finish(task, way, made->candidate));
    made->stage = Stage::finished;
  }
  return installer_.place(task, way, made->candidate);
}

void Installs::drop(const Task& task) {
  for (Made& made : made_) {
    if (made.task != &task || made.candidate.placed()) continue;
    made.stage = Stage::begun;
    Installer::settle(*made.task, made.candidate, false);
  }
}

void Installs::settle() {
  std::vector<Identity> synced;
  for (Made& made : made_) {
    const bool known = std::find(synced.begin(), synced.end(), made.directory) != synced.end();
    Installer::settle(*made.task, made.candidate, known);
    const bool durable = made.candidate.placed() && !made.task->not_durable;
    if (durable && !known) synced.push_back(made.directory);
  }
  made_.clear();
  bytes_ = 0;
}

}  // namespace permward
