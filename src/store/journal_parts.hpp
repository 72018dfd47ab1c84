// SPDX-License-Identifier: Apache-2.0
//
// The journal's statements. Layer `store`, and private to the .cpp files of `Journal`.
#pragma once

#include "store/journal.hpp"
#include "store/journal_block.hpp"
#include "store/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {

// Where a change lies, as the tables have it (`journal_file.cpp`).
inline constexpr unsigned sequence_bits = 32;
static_assert(greatest_sequence == (std::uint64_t{1} << sequence_bits) - 1);
[[nodiscard]] inline std::int64_t place_of(std::int64_t run, std::uint64_t sequence) {
  return run << sequence_bits | static_cast<std::int64_t>(sequence);
}

// The greatest sequence number of the changes of `runs.number`, null where it has none.
inline constexpr std::string_view newest_sequence =
    "(SELECT place + count - 1 & 4294967295 FROM changes WHERE place BETWEEN number << 32 AND "
    "number << 32 | 4294967295 ORDER BY place DESC LIMIT 1)";

// Nanoseconds of a birth time that is not known.
inline constexpr std::int64_t no_birth = -1;

// What was being done to the database, for errors.
namespace purpose {
inline constexpr const char* recording_changes = "record changes in";
inline constexpr const char* recording_outcomes = "record outcomes in";
inline constexpr const char* finishing_run = "record the end of a run in";
inline constexpr const char* reading_runs = "read the runs in";
}  // namespace purpose

[[nodiscard]] inline std::size_t hash_of_path(const Change& change) {
  return std::hash<std::string>{}(change.path);
}

struct Journal::Parts {
  explicit Parts(std::unique_ptr<sqlite::Database> opened) : database(std::move(opened)) {}

  [[nodiscard]] Result<sqlite::Statement> prepare(std::string_view sql, const char* doing) const {
    return sqlite::Statement::prepare(*database, sql, doing);
  }
  [[nodiscard]] Result<void> prepare_inserts();

  // Each inside a transaction.
  [[nodiscard]] Result<std::string> new_id(std::chrono::sys_seconds started) const;
  [[nodiscard]] Result<std::int64_t> insert_run(const RunStart& start, const std::string& id) const;
  // The first at `place`, the others follow it.
  [[nodiscard]] Result<void> insert_changes(std::int64_t place, std::span<const Change> changes);
  [[nodiscard]] Result<void> insert_outcomes(std::int64_t run, std::span<const Outcome> outcomes);
  [[nodiscard]] Result<void> update_run(std::int64_t run, const RunEnd& end) const;
  [[nodiscard]] Result<void> delete_run(std::int64_t run, const char* doing) const;

  // The number of the run, if there is one of that id.
  [[nodiscard]] Result<std::optional<std::int64_t>> number_of(std::string_view id) const;

  // The questions of `Journal`, by the number of the run.
  [[nodiscard]] Result<std::vector<RecordedChange>> changes(std::int64_t run,
                                                            const ChangesAsked& asked) const;
  // Whether there is a change that had an effect, or of which nobody knows.
  [[nodiscard]] Result<bool> had_effect(std::int64_t run) const;
  // Hashes of the paths that it has changes of: one a change.
  [[nodiscard]] Result<std::vector<std::size_t>> paths(std::int64_t run) const;
  // Of the run those that `Journal::lifted` asks for.
  [[nodiscard]] Result<void> add_lifted(std::int64_t run, const RecordedRun& of,
                                        std::vector<LiftedChange>& out) const;

  std::unique_ptr<sqlite::Database> database;  // outlives the statements

  // Kept, as is the room for the bytes of one block.
  std::optional<sqlite::Statement> insert_change_block;
  std::optional<sqlite::Statement> insert_outcome_block;
  std::string encoded;
};

// The values of the column `result`.
[[nodiscard]] std::string_view name(RunResult result);
[[nodiscard]] std::optional<RunResult> run_result(std::string_view name);

// To the next four parameters, and from four columns.
void bind_inode(sqlite::Statement& to, const InodeKey& key);
[[nodiscard]] InodeKey inode_of(const sqlite::Statement& row, int first);
[[nodiscard]] std::int64_t seconds_of(std::chrono::sys_seconds time);
[[nodiscard]] std::chrono::sys_seconds time_of(const sqlite::Statement& row, int column);

}  // namespace permward
