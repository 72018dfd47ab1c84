// SPDX-License-Identifier: Apache-2.0
//
// The journal's statements. Layer `store`, and private to the .cpp files of `Journal`.
#pragma once

#include "store/journal.hpp"
#include "store/sqlite.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace permward {

// Where a change lies, as the tables have it (`journal_file.cpp`).
inline constexpr unsigned sequence_bits = 32;
inline constexpr std::uint64_t greatest_sequence = (std::uint64_t{1} << sequence_bits) - 1;
[[nodiscard]] inline std::int64_t place_of(std::int64_t run, std::uint64_t sequence) {
  return run << sequence_bits | static_cast<std::int64_t>(sequence);
}

// Nanoseconds of a birth time that is not known.
inline constexpr std::int64_t no_birth = -1;

struct Journal::Parts {
  explicit Parts(std::unique_ptr<sqlite::Database> opened) : database(std::move(opened)) {}

  [[nodiscard]] Result<sqlite::Statement> prepare(std::string_view sql, const char* doing) const {
    return sqlite::Statement::prepare(*database, sql, doing);
  }
  [[nodiscard]] Result<void> prepare_inserts();

  // Each inside a transaction.
  [[nodiscard]] Result<std::string> new_id(std::chrono::sys_seconds started) const;
  [[nodiscard]] Result<std::int64_t> insert_run(const RunStart& start, const std::string& id) const;
  // At places that follow `place`.
  [[nodiscard]] Result<void> insert_changes(std::int64_t place, std::span<const Change> changes);
  [[nodiscard]] Result<void> insert_outcome(std::int64_t place, const Outcome& outcome);
  [[nodiscard]] Result<bool> had_effect(std::int64_t run) const;
  [[nodiscard]] Result<void> update_run(std::int64_t run, const RunEnd& end) const;
  [[nodiscard]] Result<void> delete_run(std::int64_t run, const char* doing) const;

  // The number of the run, if there is one of that id.
  [[nodiscard]] Result<std::optional<std::int64_t>> number_of(std::string_view id) const;

  std::unique_ptr<sqlite::Database> database;  // outlives the statements

  // Kept, as is the room for the texts, which are lent to a statement until it was run. Many rows
  // in one statement take two thirds of the time.
  static constexpr std::size_t rows_at_once = 16;
  std::optional<sqlite::Statement> one_change;
  std::optional<sqlite::Statement> many_changes;
  std::optional<sqlite::Statement> one_outcome;
  std::array<std::string, 2 * rows_at_once> texts;

 private:
  [[nodiscard]] Result<void> insert_rows(sqlite::Statement& insert, std::int64_t place,
                                         std::span<const Change> changes);
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
