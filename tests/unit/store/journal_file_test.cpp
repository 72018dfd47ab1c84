// SPDX-License-Identifier: Apache-2.0
// The database of the journal where it is missing, damaged, or not to be trusted.
#include "support/catch.hpp"
#include "support/journals.hpp"
#include "support/temp_tree.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace permward;
using namespace permward::test;

namespace fs = std::filesystem;

namespace {

constexpr const char* file = "state.db";

void run_sql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  REQUIRE(code == SQLITE_OK);
}

// A journal with a run of many changes, closed. Returns the run's id.
std::string fill(const TempTree& tree) {
  Journal journal = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(journal.record(run, changes_of(2000)).ok());
  return run.id();
}

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace

TEST_CASE("a missing journal is made only where that is asked for") {
  TempTree tree;
  const StateDir directory = state_dir(tree.root());
  const auto opened = Journal::open(directory, StateDir::Missing::is_error);
  REQUIRE(opened.error().kind == ErrorKind::not_found);
  REQUIRE(opened.error().subject == tree.path(file));
  REQUIRE(fs::is_empty(tree.root()));
  REQUIRE(Journal::open(directory, StateDir::Missing::is_created).ok());
  REQUIRE(Journal::open(directory, StateDir::Missing::is_error).ok());
}

TEST_CASE("to read, a missing or empty journal is none, and nothing is made") {
  TempTree tree;
  const StateDir directory = state_dir(tree.root());
  const auto missing = Journal::open_to_read(directory);
  REQUIRE(missing.ok());
  REQUIRE_FALSE(*missing);
  REQUIRE(fs::is_empty(tree.root()));
  tree.file(file, "", 0600);
  const auto empty = Journal::open_to_read(directory);
  REQUIRE(empty.ok());
  REQUIRE_FALSE(*empty);
  REQUIRE(tree.read(file).empty());
}

TEST_CASE("to read, a journal is refused where others could have written it, and left as it is") {
  TempTree tree;
  const std::string id = fill(tree);
  tree.chmod(file, 0644);
  const StateDir directory = state_dir(tree.root());
  {
    auto journal = Journal::open_to_read(directory);
    REQUIRE(journal.ok());
    REQUIRE(*journal);
    REQUIRE((*journal)->changes(id)->size() == 2000);
    OpenRun run = Journal::begin(start_of("apply"));
    REQUIRE_FALSE((*journal)->record(run, changes_of(1)).ok());
  }
  REQUIRE((fs::status(tree.path(file)).permissions() & fs::perms::mask) == fs::perms(0644));
  tree.chmod(file, 0620);
  REQUIRE(Journal::open_to_read(directory).error().kind == ErrorKind::insecure_path);
  tree.chmod(file, 0600);
  write(tree.path(file), std::string(10'000, 'x'));
  REQUIRE(Journal::open_to_read(directory).error().kind == ErrorKind::invalid);
}

TEST_CASE("an empty file, left by who was killed while he made it, becomes a journal") {
  TempTree tree;
  tree.file(file, "", 0600);
  REQUIRE_FALSE(fill(tree).empty());
}

TEST_CASE("a file that is no database is told, and left as it is") {
  TempTree tree;
  const std::string garbage(10'000, 'x');
  tree.file(file, garbage, 0600);
  const auto opened = open_journal(tree.root());
  REQUIRE(opened.error().kind == ErrorKind::invalid);
  REQUIRE(opened.error().doing == "open the journal in the damaged database");
  REQUIRE(opened.error().subject == tree.path(file));
  REQUIRE(tree.read(file) == garbage);
}

TEST_CASE("a journal that was cut off or overwritten is an error of what needed it") {
  TempTree tree;
  const std::string id = fill(tree);
  const std::string whole = tree.read(file);
  for (const std::size_t size :
       {whole.size() - 1, whole.size() / 2, std::size_t{4096}, std::size_t{4095}, std::size_t{511},
        std::size_t{100}, std::size_t{1}}) {
    INFO("cut to " << size);
    write(tree.path(file), whole.substr(0, size));
    auto journal = open_journal(tree.root());
    const bool refused = !journal.ok() && journal.error().kind == ErrorKind::invalid;
    if (refused) continue;
    REQUIRE(journal.ok());
    const auto changes = journal->changes(id);
    REQUIRE_FALSE(changes.ok());
    REQUIRE(changes.error().kind == ErrorKind::invalid);
    REQUIRE(changes.error().subject == tree.path(file));
  }
  std::string broken = whole;
  for (std::size_t at = 8 * 4096; at < broken.size(); ++at) broken[at] = '\x5a';
  write(tree.path(file), broken);
  auto journal = open_journal(tree.root());
  REQUIRE(journal.ok());
  const auto changes = journal->changes(id);
  REQUIRE(changes.error().kind == ErrorKind::invalid);
  REQUIRE(changes.error().doing == "read the changes of a run in the damaged database");
}

TEST_CASE("what nobody could have written is damage") {
  TempTree tree;
  const std::string id = fill(tree);
  const std::string whole = tree.read(file);
  for (const char* sql :
       {"UPDATE changes SET block = x'00'", "UPDATE changes SET count = count - 1",
        "DELETE FROM changes WHERE place & 4294967295 = 1"}) {
    write(tree.path(file), whole);
    run_sql(tree.path(file), sql);
    Journal journal = journal_in(tree.root());
    REQUIRE(journal.changes(id).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("the journal of a newer version, and the database of another program, are left alone") {
  TempTree tree;
  (void)fill(tree);
  run_sql(tree.path(file), "PRAGMA user_version=6");
  const auto newer = open_journal(tree.root());
  REQUIRE(newer.error().kind == ErrorKind::unsupported);
  REQUIRE(newer.error().doing ==
          "open the journal of a newer permward (version 6, this one knows 5) in");

  TempTree other;
  run_sql(other.path(file), "CREATE TABLE t(x); PRAGMA user_version=1");
  const std::string before = other.read(file);
  REQUIRE(open_journal(other.root()).error().kind == ErrorKind::invalid);
  REQUIRE(other.read(file) == before);
}

TEST_CASE("in what an earlier version has left nobody has counted the objects of runs") {
  TempTree tree;
  const std::string id = fill(tree);
  run_sql(tree.path(file), "ALTER TABLE runs DROP COLUMN objects; PRAGMA user_version=4");
  const StateDir directory = state_dir(tree.root());
  const auto objects = [&id](Journal& journal) {
    const auto found = journal.find_run(id);
    REQUIRE((found.ok() && *found));
    return (*found)->end ? (*found)->end->counts.objects : std::nullopt;
  };
  auto reading = Journal::open_to_read(directory);
  REQUIRE((reading.ok() && *reading));
  REQUIRE_FALSE(objects(**reading));
  Journal journal = journal_in(tree.root());
  REQUIRE_FALSE(objects(journal));
  OpenRun killed = *journal.reopen(id);
  REQUIRE(journal.finish(killed, {quarter_past_ten, RunResult::killed, {0, 0, 0, 7}}).ok());
  REQUIRE(objects(journal) == 7);
}

TEST_CASE("tables that are laid out otherwise are an error") {
  TempTree tree;
  (void)fill(tree);
  run_sql(tree.path(file), "ALTER TABLE changes DROP COLUMN block");
  REQUIRE(open_journal(tree.root()).error().kind == ErrorKind::invalid);
}

TEST_CASE("a database that is a link, no file, or somebody else's is refused") {
  TempTree tree;
  const auto refused = [&] {
    const auto opened = open_journal(tree.root());
    const bool insecure = !opened.ok() && opened.error().kind == ErrorKind::insecure_path;
    fs::remove(tree.path(file));
    return insecure;
  };
  tree.file("victim", "", 0600);
  tree.symlink(file, "victim");
  REQUIRE(refused());
  tree.symlink(file, "nothing");
  REQUIRE(refused());
  tree.fifo(file, 0600);
  REQUIRE(refused());
  tree.directory(file);
  REQUIRE(refused());
  tree.file(file, "", 0620);
  REQUIRE(refused());
  if (::geteuid() == 0) {
    tree.file(file, "", 0600);
    tree.chown(file, 7001, 7001);
    REQUIRE(refused());
  }
  REQUIRE(fs::file_size(tree.path("victim")) == 0);
  REQUIRE_FALSE(fs::exists(tree.path("nothing")));
}

TEST_CASE("a database that somebody else keeps locked for a moment is waited for") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(tree.path(file).c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(journal.runs().ok());  // reads do not wait
  std::thread lets_go([other] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    sqlite3_close(other);
  });
  OpenRun run = Journal::begin(start_of("apply"));
  const bool recorded = journal.record(run, changes_of(1)).ok();
  lets_go.join();
  REQUIRE(recorded);
}
