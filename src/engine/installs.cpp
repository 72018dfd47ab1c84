// SPDX-License-Identifier: Apache-2.0
#include "engine/installs.hpp"

#include "engine/as_seen.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/resource.h>
#include <utility>
#include <variant>

namespace permward {
namespace {

// What is replaced takes room until all have their places.
constexpr std::size_t most_ahead = 64;
// Each has its staging directory beside it: a directory that grew beyond a block for them would not
// shrink again.
constexpr std::size_t most_staged_ahead = 8;
constexpr std::uint64_t most_bytes_ahead = std::uint64_t{16} << 20;

// Each takes three descriptors; the tasks themselves may take half of those that there are.
std::size_t most_by_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<std::size_t>(limit.rlim_cur / 16, 1, most_ahead);
}

// Of what another candidate may hold.
bool is_shortage(const Error& error) {
  constexpr std::array numbers = {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM};
  return std::find(numbers.begin(), numbers.end(), error.number) != numbers.end();
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
  const auto staged = std::count_if(made_.begin(), made_.end(), [](const Made& made) {
    return !made.candidate.staged_path().empty();
  });
  return made_.empty() || (made_.size() < most_ && bytes_ + bytes <= most_bytes_ahead &&
                           static_cast<std::size_t>(staged) < most_staged_ahead);
}

bool Installs::make(Task& task, const std::string& scratch) {
  if (&task == not_made_) return false;
  const Result<WayPtr> way = directory_of_task(safe_open_, task);
  const bool made = way.ok() && make_in(task, **way, scratch).ok();
  if (made) bytes_ += task.kept.content.size;
  if (!made) not_made_ = &task;
  return made;
}

Result<Installs::Made*> Installs::make_in(Task& task, const Way& way, const std::string& scratch) {
  TRY_ASSIGN(Candidate begun, installer_.begin(task, way, scratch));
  Made& made = made_.emplace_back(Made{&task, way.identity, std::move(begun)});
  const Result<void> dressed = installer_.dress(task, made.candidate);
  if (dressed.ok()) {
    made.stage = Stage::dressed;
    return &made;
  }
  drop(made);
  made_.pop_back();
  return dressed.error();
}

void Installs::sync() {
  for (Made& made : made_) {
    if (made.stage != Stage::dressed) continue;
    const bool file = made.task->reach.state.type == Type::file;
    if (!file || made.candidate.sync().ok()) {
      made.stage = Stage::finished;
    } else {
      drop(made);
    }
  }
}

Installs::Made* Installs::finished(const Task& task, const Way& way) {
  const auto at = std::find_if(made_.begin(), made_.end(), [&](const Made& made) {
    return made.task == &task && made.stage == Stage::finished && made.directory == way.identity;
  });
  return at == made_.end() ? nullptr : &*at;
}

// What the others hold may be what is missing: what was replaced, and what waits for its place.
Result<void> Installs::place(Task& task, const Way& way, const std::string& scratch) {
  Result<void> done = try_to_place(task, way, scratch);
  if (done.ok() || !is_shortage(done.error()) || is_alone(task)) return done;
  settle();
  return try_to_place(task, way, scratch);
}

Result<void> Installs::try_to_place(Task& task, const Way& way, const std::string& scratch) {
  Made* made = finished(task, way);
  if (made == nullptr) {
    drop(task);
    TRY_ASSIGN(made, make_in(task, way, scratch));
    TRY(installer_.finish(task, way, made->candidate));
    made->stage = Stage::finished;
  }
  return installer_.place(task, way, made->candidate);
}

bool Installs::is_alone(const Task& task) const {
  return std::all_of(made_.begin(), made_.end(), [&task](const Made& made) {
    return made.task == &task || made.stage == Stage::dropped;
  });
}

void Installs::drop(Made& made) {
  made.stage = Stage::dropped;
  Installer::give_up(*made.task, made.candidate);
}

void Installs::drop(const Task& task) {
  for (Made& made : made_) {
    if (made.task == &task && !made.candidate.placed()) drop(made);
  }
}

// All names in a directory are synced at once: whether that went well is asked once, for the kernel
// may tell of a failure only once (fsync(2)).
void Installs::settle() {
  std::vector<std::pair<Identity, Result<void>>> synced;
  const auto at = [&synced](const Identity& directory) {
    return std::find_if(synced.begin(), synced.end(),
                        [&directory](const auto& one) { return one.first == directory; });
  };
  for (Made& made : made_) {
    if (!made.candidate.placed()) {
      drop(made);
    } else if (at(made.directory) == synced.end()) {
      synced.emplace_back(made.directory, made.candidate.sync_directory());
    }
  }
  for (Made& made : made_) {
    if (!made.candidate.placed()) continue;
    Installer::settle(*made.task, made.candidate, at(made.directory)->second);
  }
  made_.clear();
  bytes_ = 0;
}

}  // namespace permward
