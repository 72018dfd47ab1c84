// SPDX-License-Identifier: Apache-2.0
#include "cli/state.hpp"

#include "base/text.hpp"
#include "cli/paths.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "store/layout.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string line_of(const Invocation& invocation) {
  std::string out(invocation.command->name);
  for (const std::string& word : invocation.words) out.append(" ").append(word);
  return out;
}

// The names of a root are not those of who calls.
RunStart start_of(const Invocation& invocation, const System& system, const InodeKey& root) {
  RunStart out;
  out.started = now();
  out.root = root;
  out.root_path = system.root.path();
  out.command = std::string(invocation.command->name);
  out.command_line = line_of(invocation);
  out.uid = ::getuid();
  if (!system.root.given()) out.user = system.names->name_of(AccountKind::user, out.uid);
  if (out.user.empty()) out.user = std::to_string(out.uid);
  return out;
}

}  // namespace

Result<std::string> state_directory(const Options& options, const System& system) {
  if (options.state_dir) {
    TRY_ASSIGN(const std::vector<std::string> absolute, absolute_paths({*options.state_dir}));
    return absolute.front();
  }
  if (!system.root.given()) return std::string(layout::default_directory);
  Observer observer(system.kernel, Mounts{});
  SafeOpen safe_open(system.kernel, observer, system.root.get());
  TRY_ASSIGN(const WayPtr way, safe_open.directory(names_of(layout::default_directory)));
  return (system.root.path() == "/" ? "" : system.root.path()) + path_of(way->names);
}

Result<std::optional<Journal>> journal_to_read(const std::string& directory) {
  auto opened = StateDir::open(directory, StateDir::Missing::is_error);
  if (opened.ok()) return Journal::open_to_read(*opened);
  if (opened.error().kind == ErrorKind::not_found) return std::optional<Journal>();
  return opened.error();
}

BesidePaths read_beside_paths(const Options& options, const System& system) {
  const auto read = [&]() -> Result<BesidePaths> {
    TRY_ASSIGN(const std::string directory, state_directory(options, system));
    TRY_ASSIGN(std::optional<Journal> journal, journal_to_read(directory));
    if (!journal) return BesidePaths();
    TRY_ASSIGN(const InodeKey root, root_inode(system));
    return beside_paths(*journal, root);
  };
  Result<BesidePaths> out = read();
  if (out.ok()) return std::move(*out);
  spdlog::debug("what runs have left beside objects is not known: {}", message_of(out.error()));
  return {};
}

UsageError unknown_run(const std::string& id, const std::vector<RecordedRun>& runs,
                       const std::string& directory) {
  UsageError out{"there is no run '" + printable(id) + "'", "`permward log` lists the runs"};
  std::vector<std::string_view> ids;
  for (const RecordedRun& run : runs) ids.emplace_back(run.id);
  const std::string_view near = nearest(id, ids);
  if (!near.empty()) out.hint = "did you mean '" + printable(near) + "'?";
  if (runs.empty()) {
    out.hint = "no run has changed anything yet: none is remembered in " + printable(directory);
  }
  return out;
}

Retention retention_of(const Settings& settings) {
  return {settings.keep_runs, static_cast<std::uint32_t>(settings.keep_days)};
}

Result<LockedState> lock_state(const Invocation& invocation, const System& system,
                               StateDir::Missing missing) {
  TRY_ASSIGN(const std::string path, state_directory(invocation.options, system));
  TRY_ASSIGN(StateDir directory, StateDir::open(path, missing));
  TRY_ASSIGN(Lock lock, Lock::take(directory, line_of(invocation)));
  return LockedState{std::move(directory), std::move(lock)};
}

Result<JournalledRun> JournalledRun::begin(const Invocation& invocation, const System& system,
                                           const StateDir& directory, StateDir::Missing missing) {
  TRY_ASSIGN(Journal journal, Journal::open(directory, missing));
  TRY_ASSIGN(const InodeKey root, root_inode(system));
  OpenRun run = Journal::begin(start_of(invocation, system, root));
  return JournalledRun(std::move(journal), std::move(run));
}

Result<void> JournalledRun::finish(const RunEnd& end, const Retention& retention) {
  TRY(journal_.finish(run_, end));
  const Result<std::uint64_t> pruned = journal_.prune(retention, now());
  return pruned.ok() ? Result<void>() : Result<void>(pruned.error());
}

}  // namespace permward
