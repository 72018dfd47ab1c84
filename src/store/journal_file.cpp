// SPDX-License-Identifier: Apache-2.0
#include "store/journal_file.hpp"

#include "store/layout.hpp"
#include "store/own_file.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace permward {
namespace {

constexpr const char* opening = "open the journal in";

// "pwjl": sqlite.org/fileformat2.html, "Application ID".
constexpr std::int64_t application = 0x70776a6c;

// What leads from each version of the tables to the next; a database of version N has had the first
// N. Paths, names and command lines are bytes. An unknown birth time is -1 nanoseconds, so that it
// can be a part of a key.
//
// The place of a change is the number of its run times 2^32, and its sequence number. A row has a
// block of changes that follow each other (`journal_block.hpp`), or one of outcomes, by the places
// of the first and the last of these; of two outcomes of a change the one in the later row counts.
// `lifts` says whether one in the block lifts attributes or replaces a link, and `left_lifted`
// whether one has left those lifted, or a link beside. No foreign key ties outcomes to changes:
// `Journal` knows which there are.
constexpr std::array<const char*, 5> migrations = {R"sql(
CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  started INTEGER NOT NULL,
  command TEXT NOT NULL,
  command_line BLOB NOT NULL,
  user BLOB NOT NULL,
  uid INTEGER NOT NULL,
  root BLOB NOT NULL,
  root_device INTEGER NOT NULL,
  root_inode INTEGER NOT NULL,
  root_birth_seconds INTEGER NOT NULL,
  root_birth_nanoseconds INTEGER NOT NULL,
  finished INTEGER,
  result TEXT,
  corrected INTEGER,
  refused INTEGER,
  failed INTEGER
) STRICT;

CREATE TABLE changes (
  place INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  lifts INTEGER NOT NULL,
  block BLOB NOT NULL
) STRICT;
CREATE INDEX lifting_changes ON changes (place) WHERE lifts <> 0;

CREATE TABLE outcomes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  left_lifted INTEGER NOT NULL,
  block BLOB NOT NULL
) STRICT;
CREATE INDEX places_of_outcomes ON outcomes (first, last);
CREATE INDEX outcomes_left_lifted ON outcomes (first) WHERE left_lifted <> 0;

CREATE TABLE refusals (
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  birth_seconds INTEGER NOT NULL,
  birth_nanoseconds INTEGER NOT NULL,
  why BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (device, inode, birth_seconds, birth_nanoseconds)
) STRICT, WITHOUT ROWID;
)sql",
                                                   R"sql(
CREATE TABLE snapshots (
  id TEXT PRIMARY KEY,
  archive BLOB NOT NULL,
  manifest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
                                                   R"sql(
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
                                                   R"sql(
CREATE TABLE stamps (
  path BLOB PRIMARY KEY,
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  size INTEGER NOT NULL,
  changed_seconds INTEGER NOT NULL,
  changed_nanoseconds INTEGER NOT NULL,
  digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
                                                   R"sql(
ALTER TABLE runs ADD COLUMN objects INTEGER;
)sql"};

// The path of the state directory without links, if it still leads there.
Result<std::string> path_without_links(const StateDir& directory) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(directory.path().c_str(), nullptr),
                                                    std::free);
  struct stat named {};
  struct stat held {};
  if (!real || ::stat(real.get(), &named) != 0 || ::fstat(directory.get(), &held) != 0) {
    return system_error(errno, "look at", directory.path());
  }
  if (named.st_dev != held.st_dev || named.st_ino != held.st_ino) {
    return Error{ErrorKind::changed, "open", directory.path(), 0};
  }
  return std::string(real.get());
}

// Whether the directory lies where nobody can write, this host's root neither.
bool on_read_only(const StateDir& directory) {
  struct statvfs facts {};
  return ::fstatvfs(directory.get(), &facts) == 0 && (facts.f_flag & ST_RDONLY) != 0;
}

bool has_content(const StateDir& directory, const char* name) {
  struct stat facts {};
  return ::fstatat(directory.get(), name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_size > 0;
}

// SQLite makes its -wal and -shm files when a database is opened, and removes them again, which
// only who may write to it can do. On a read-only file system it reads those that are there.
Result<sqlite::Database::Access> access_to_read(const StateDir& directory) {
  using Access = sqlite::Database::Access;
  if (!on_read_only(directory)) return Access::read_write;
  if (!has_content(directory, layout::database_log)) return Access::unchanging;
  if (has_content(directory, layout::database_index)) return Access::read_only;
  return system_error(EROFS, "take in what a killed run has left of",
                      directory.path_of(layout::database));
}

// SQLite takes what is shorter than a page for empty, and would begin anew. Empty is what was
// killed before it wrote the first one.
Result<void> refuse_stump(const StateDir& directory) {
  constexpr off_t least_page = 512;
  struct stat facts {};
  if (::fstatat(directory.get(), layout::database, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error(errno, "look at", directory.path_of(layout::database));
  }
  if (facts.st_size == 0 || facts.st_size >= least_page) return {};
  return Error{ErrorKind::invalid, std::string(opening) + " the damaged database",
               directory.path_of(layout::database), 0};
}

Result<std::int64_t> number_of(sqlite::Database& database, const char* query) {
  TRY_ASSIGN(auto statement, sqlite::Statement::prepare(database, query, opening));
  TRY_ASSIGN(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

Result<void> set_up(sqlite::Database& database) {
  TRY_ASSIGN(auto wal, sqlite::Statement::prepare(database, "PRAGMA journal_mode=WAL", opening));
  TRY_ASSIGN(const bool row, wal.step());
  if (!row || wal.bytes(0) != "wal") {
    return system_error(EOPNOTSUPP, "use write-ahead logging for", database.path());
  }
  // Nothing is spilled into files elsewhere. The log is copied into the database every 16 MB, since
  // that waits for the disk, and what a large run has left of it is given back.
  return database.execute(
      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
      "PRAGMA cell_size_check=ON; PRAGMA journal_size_limit=4194304; PRAGMA "
      "wal_autocheckpoint=4000",
      opening);
}

Error of_a_newer_version(std::int64_t version, const std::string& path) {
  return system_error(EOPNOTSUPP,
                      "open the journal of a newer permward (version " + std::to_string(version) +
                          ", this one knows " + std::to_string(migrations.size()) + ") in",
                      path);
}

// The version of the tables; 0 of a file that is new. Changes nothing, whosever file it is.
Result<std::size_t> judged_version(sqlite::Database& database) {
  TRY_ASSIGN(const std::int64_t version, number_of(database, "PRAGMA user_version"));
  TRY_ASSIGN(const std::int64_t owner, number_of(database, "PRAGMA application_id"));
  TRY_ASSIGN(const std::int64_t tables, number_of(database, "SELECT count(*) FROM sqlite_schema"));
  if (version == 0 && owner == 0 && tables == 0) return std::size_t{0};
  if (owner != application || version < 1) {
    return Error{ErrorKind::invalid, "take the database of another program for a journal,",
                 database.path(), 0};
  }
  const auto out = static_cast<std::size_t>(version);
  if (out > migrations.size()) return of_a_newer_version(version, database.path());
  return out;
}

// Looks again once nobody else can write: who comes second finds the tables made.
Result<void> migrate(sqlite::Database& database) {
  TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(database, opening));
  TRY_ASSIGN(const std::size_t version, judged_version(database));
  for (std::size_t step = version; step < migrations.size(); ++step) {
    TRY(database.execute(migrations[step], opening));
  }
  const std::string marks = "PRAGMA user_version=" + std::to_string(migrations.size()) +
                            "; PRAGMA application_id=" + std::to_string(application);
  TRY(database.execute(marks.c_str(), opening));
  return transaction.commit();
}

}  // namespace

Result<std::unique_ptr<sqlite::Database>> open_journal_file(const StateDir& directory,
                                                            StateDir::Missing missing) {
  TRY(require_own_file(directory, layout::database, missing));
  TRY(refuse_stump(directory));
  TRY_ASSIGN(const std::string real, path_without_links(directory));
  TRY_ASSIGN(auto database, sqlite::Database::open(real + '/' + layout::database));
  TRY_ASSIGN(const std::size_t version, judged_version(*database));
  TRY(set_up(*database));
  if (version < migrations.size()) TRY(migrate(*database));
  return database;
}

Result<std::unique_ptr<sqlite::Database>> open_journal_file_to_read(const StateDir& directory) {
  std::unique_ptr<sqlite::Database> none;
  const Result<std::uint64_t> size = judge_own_file(directory, layout::database);
  if (!size.ok() && size.error().kind == ErrorKind::not_found) return none;
  if (!size.ok()) return size.error();
  if (*size == 0) return none;
  TRY(refuse_stump(directory));
  TRY_ASSIGN(const std::string real, path_without_links(directory));
  TRY_ASSIGN(const sqlite::Database::Access access, access_to_read(directory));
  TRY_ASSIGN(auto database, sqlite::Database::open(real + '/' + layout::database, access));
  TRY_ASSIGN(const std::size_t version, judged_version(*database));
  if (version == 0) return none;
  TRY(database->execute("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON",
                        opening));
  return database;
}

}  // namespace permward
