// SPDX-License-Identifier: Apache-2.0
// The journal on real file systems: one that is full, one that is mounted read-only.
#include "store/journal.hpp"

#include "store/lock.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/journals.hpp"
#include "support/other_user.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <random>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace permward;
using namespace permward::test;

namespace {

void take_room(const std::string& path, off_t bytes) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(file);
  REQUIRE(::posix_fallocate(file.get(), 0, bytes) == 0);
}

// Changes that need a disk: of paths with nothing in common.
std::vector<Change> large_changes(unsigned count) {
  std::minstd_rand random(count);
  std::vector<Change> out = changes_of(count);
  for (Change& change : out) {
    change.path = "/";
    for (int i = 0; i < 1000; ++i) change.path += static_cast<char>('a' + random() % 26);
  }
  return out;
}

}  // namespace

TEST_CASE("on every file system the journal is made, and outlives who was killed") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const pid_t child = ::fork();
    if (child == 0) {
      Journal journal = journal_in(mount.path("state"));
      OpenRun run = Journal::begin(start_of("apply"));
      if (!journal.record(run, changes_of(500)).ok()) ::_exit(1);
      ::raise(SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    Journal journal = journal_in(mount.path("state"));
    const auto killed = journal.unfinished();
    REQUIRE(killed.ok());
    REQUIRE(killed->size() == 1);
    const auto changes = journal.changes(killed->front().id);
    REQUIRE(changes.ok());
    REQUIRE(changes->size() == 500);
    REQUIRE((*changes)[499].change == change_of(499));
  }
}

TEST_CASE("a full disk fails what is to be recorded as a whole, and nothing that is there") {
  TempTree place;
  const std::string point = place.directory("mount");
  const Mounted mounted("tmpfs", point, "tmpfs", 0, "size=2m,mode=0700");
  take_room(point + "/taken", 512 * 1024);
  Journal journal = journal_in(point + "/state");
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(journal.record(run, changes_of(10)).ok());
  const auto full = journal.record(run, large_changes(4000));
  REQUIRE_FALSE(full.ok());
  REQUIRE(full.error().kind == ErrorKind::io);
  REQUIRE(full.error().number == ENOSPC);
  REQUIRE(full.error().doing == "record changes in");
  REQUIRE(full.error().subject == point + "/state/state.db");
  REQUIRE(journal.changes(run.id())->size() == 10);

  while (journal.record(run, large_changes(100)).ok()) continue;
  OpenRun late = Journal::begin(start_of("apply"));
  REQUIRE_FALSE(journal.record(late, large_changes(1000)).ok());
  REQUIRE(late.id().empty());
  REQUIRE(journal.runs()->size() == 1);
  // Whoever finds the disk full learns it also where there is no journal yet, and keeps the lock.
  const StateDir other = state_dir(point + "/other");
  REQUIRE(Lock::take(other, "apply").ok());
  REQUIRE(Journal::open(other, StateDir::Missing::is_created).error().number == ENOSPC);

  REQUIRE(::unlink((point + "/taken").c_str()) == 0);
  REQUIRE(journal.record(late, changes_of(1)).ok());
  REQUIRE(Journal::open(other, StateDir::Missing::is_created).ok());
}

TEST_CASE("on a read-only file system neither journal nor lock is to be had") {
  TempTree place;
  const std::string point = place.directory("mount");
  const Mounted mounted("tmpfs", point, "tmpfs", 0, "size=8m,mode=0700");
  const StateDir directory = state_dir(point + "/state");
  REQUIRE(::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  const auto journal = Journal::open(directory, StateDir::Missing::is_created);
  REQUIRE(journal.error().kind == ErrorKind::io);
  REQUIRE(journal.error().number == EROFS);
  REQUIRE(Lock::take(directory, "apply").error().number == EROFS);
  REQUIRE(StateDir::open(point + "/other", StateDir::Missing::is_created).error().number == EROFS);
}

TEST_CASE("a journal on what has become read-only can not be written") {
  TempTree place;
  const std::string point = place.directory("mount");
  const Mounted mounted("tmpfs", point, "tmpfs", 0, "size=8m,mode=0700");
  {
    Journal journal = journal_in(point + "/state");
    OpenRun run = Journal::begin(start_of("apply"));
    REQUIRE(journal.record(run, changes_of(10)).ok());
  }
  const StateDir directory = state_dir(point + "/state");
  REQUIRE(::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  const auto journal = Journal::open(directory, StateDir::Missing::is_created);
  REQUIRE_FALSE(journal.ok());
  REQUIRE(journal.error().subject == point + "/state/state.db");
}

TEST_CASE("a journal on what has become read-only can be read, a killed run's last changes too") {
  TempTree place;
  const std::string point = place.directory("mount#?%");
  const Mounted mounted("tmpfs", point, "tmpfs", 0, "size=8m,mode=0700");
  std::string id;
  {
    Journal journal = journal_in(point + "/state");
    OpenRun run = Journal::begin(start_of("apply"));
    REQUIRE(journal.record(run, changes_of(10)).ok());
    id = run.id();
  }
  const auto read_changes = [&]() -> std::size_t {
    const StateDir directory = state_dir(point + "/state");
    REQUIRE(::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    auto journal = Journal::open_to_read(directory);
    REQUIRE(journal.ok());
    REQUIRE(*journal);
    const auto changes = (*journal)->changes(id);
    REQUIRE(changes.ok());
    return changes->size();
  };
  REQUIRE(read_changes() == 10);
  REQUIRE(::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT, nullptr) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Journal journal = journal_in(point + "/state");
    auto run = journal.reopen(id);
    if (!run.ok() || !journal.record(*run, changes_of(5)).ok()) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(read_changes() == 15);
  REQUIRE(::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT, nullptr) == 0);
  REQUIRE(::unlink((point + "/state/state.db-shm").c_str()) == 0);
  REQUIRE(::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  const auto indexless = Journal::open_to_read(state_dir(point + "/state"));
  REQUIRE(indexless.error().number == EROFS);
}

TEST_CASE("a directory without write permission takes neither journal nor lock") {
  TempTree tree;
  tree.chmod("", 0755);
  tree.directory("his", 0500);
  tree.chown("his", mallory, mallory);
  REQUIRE(run_as(mallory, mallory, [&] {
            const StateDir directory = state_dir(tree.path("his"));
            const auto journal = Journal::open(directory, StateDir::Missing::is_created);
            const auto lock = Lock::take(directory, "apply");
            if (journal.ok() || lock.ok()) return 1;
            return journal.error().number == EACCES && lock.error().number == EACCES ? 0 : 2;
          }) == 0);
}

TEST_CASE("a user may keep state of his own, but root takes none that is a user's") {
  TempTree tree;
  tree.chmod("", 0755);
  tree.directory("his", 0700);
  tree.chown("his", mallory, mallory);
  REQUIRE(run_as(mallory, mallory, [&] {
            const bool made = open_journal(tree.path("his/state")).ok();
            const auto in_roots = StateDir::open(tree.path("state"), StateDir::Missing::is_created);
            return made && !in_roots.ok() ? 0 : 1;
          }) == 0);
  REQUIRE(StateDir::open(tree.path("his/state"), StateDir::Missing::is_error).error().kind ==
          ErrorKind::insecure_path);
}
