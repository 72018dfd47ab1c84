// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/floor.hpp"
#include "os/changer.hpp"
#include "store/journal.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <type_traits>
#include <utility>

namespace permward::bench {
namespace {

// As `engine/executor.cpp` has it.
std::size_t most_held() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<std::size_t>(limit.rlim_cur / 2, 1, 1000);
}

template <typename T>
T require(Result<T> result) {
  if (!result.ok()) {
    const Error& error = result.error();
    throw std::system_error(error.number, std::generic_category(),
                            "cannot " + error.doing + ' ' + error.subject);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

ObjectState state_of(const Wanted& wanted) {
  ObjectState out;
  out.type = Type::file;
  out.owner = wanted.owner;
  out.group = wanted.group;
  out.mode = wanted.mode;
  return out;
}

// What apply would write down of each file.
std::vector<Change> changes_of(const Tree& tree) {
  std::vector<Change> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tree.root())) {
    if (!entry.is_regular_file()) continue;
    struct statx status {};
    if (statx(AT_FDCWD, entry.path().c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME,
              &status) != 0) {
      throw std::system_error(errno, std::generic_category(), "statx");
    }
    Change change;
    change.path = entry.path();
    change.inode.device = makedev(status.stx_dev_major, status.stx_dev_minor);
    change.inode.inode = status.stx_ino;
    if ((status.stx_mask & STATX_BTIME) != 0) {
      change.inode.birth = BirthTime{status.stx_btime.tv_sec, status.stx_btime.tv_nsec};
    }
    change.before = state_of(damaged);
    change.intended = state_of(as_made);
    out.push_back(std::move(change));
  }
  return out;
}

template <typename Act>
void in_batches(std::span<const Change> changes, std::size_t most, const Act& act) {
  while (!changes.empty()) {
    const std::size_t size = std::min(most, changes.size());
    act(changes.first(size));
    changes = changes.subspan(size);
  }
}

RunStart start_of_run(std::chrono::sys_seconds now) {
  RunStart out;
  out.started = now;
  out.command = "apply";
  out.command_line = "permward apply";
  out.user = "root";
  return out;
}

// All made as they were meant to be, now.
std::vector<Outcome> outcomes_of(std::span<const Change> batch) {
  std::vector<Outcome> out;
  for (const Change& change : batch) {
    timespec now{};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    out.push_back({0, "corrected", Effect::some, change.intended, change.inode,
                   FileTime{now.tv_sec, static_cast<std::uint32_t>(now.tv_nsec)}});
  }
  return out;
}

// From the beginning of a run to its end, in a new journal, closed again. What is written down was
// made just before, as apply does it; making it is not counted.
Ran write_down(const std::string& directory, const std::vector<Change>& changes) {
  std::filesystem::remove_all(directory);
  const StateDir state = require(StateDir::open(directory, StateDir::Missing::is_created));
  std::optional<Journal> journal(require(Journal::open(state, StateDir::Missing::is_created)));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  OpenRun run = Journal::begin(start_of_run(now));
  Stopwatch watch;
  in_batches(changes, most_held(), [&](std::span<const Change> part) {
    const std::vector<Change> batch(part.begin(), part.end());
    std::vector<Outcome> outcomes = outcomes_of(batch);
    watch.start();
    std::uint64_t sequence = require(journal->record(run, batch));
    for (Outcome& outcome : outcomes) outcome.sequence = sequence++;
    require(journal->outcome(run, outcomes));
    watch.stop();
  });
  watch.start();
  require(journal->finish(run, {now, RunResult::in_policy, {changes.size(), 0, 0}}));
  journal.reset();
  watch.stop();
  Journal again = require(Journal::open(state, StateDir::Missing::is_error));
  if (require(again.runs()).at(0).changes != changes.size()) {
    throw std::runtime_error("not every change is in the journal");
  }
  return watch.ran();
}

// Opening what is changed is not counted.
Ran change(KernelChanger& changer, const std::vector<Change>& changes, const Wanted& wanted) {
  Stopwatch watch;
  in_batches(changes, most_held(), [&](std::span<const Change> batch) {
    std::vector<Fd> held;
    for (const Change& one : batch) {
      held.emplace_back(open(one.path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      if (!held.back()) throw std::system_error(errno, std::generic_category(), "open " + one.path);
    }
    watch.start();
    for (const Fd& one : held) {
      require(changer.change(one.get(), Type::file, SetOwner{wanted.owner, wanted.group}));
      require(changer.change(one.get(), Type::file, SetMode{wanted.mode}));
    }
    watch.stop();
  });
  return watch.ran();
}

}  // namespace

void compare_journal(const Options& options, const Tree& tree, const Show& show) {
  const Kernel kernel;
  KernelChanger changer(kernel);
  const std::vector<Change> changes = changes_of(tree);
  const std::string state = tree.base() + "/journal";
  bool spoil = false;
  // What one side has left to be written must not be what the other waits for.
  Comparison out{"journal: " + std::to_string(changes.size()) + " changes",
                 {{"chown and chmod of what is held",
                   [&] {
                     tree.sync();
                     spoil = !spoil;
                     const Wanted& wanted = spoil ? damaged : as_made;
                     const Ran ran = change(changer, changes, wanted);
                     if (correct(tree.root(), wanted) != 0) {
                       throw std::runtime_error("not every change was made");
                     }
                     return ran;
                   }},
                  {"record and outcome in the journal", [&] {
                     tree.sync();
                     return write_down(state, changes);
                   }}}};
  take_turns(out, options.rounds);
  show(out);
  correct(tree.root(), as_made);
}

}  // namespace permward::bench
