// SPDX-License-Identifier: Apache-2.0
//
// What the journal answers: `journal.hpp`.
#include "store/journal_parts.hpp"
#include "store/state_text.hpp"

#include <algorithm>

namespace permward {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr const char* reading = "read the runs in";
constexpr const char* reading_changes = "read the changes of a run in";

constexpr std::string_view run_columns =
    "SELECT id, started, command, command_line, user, uid, finished, result, corrected, refused, "
    "failed, root, root_device, root_inode, root_birth_seconds, root_birth_nanoseconds, "
    "(SELECT max(place) FROM changes WHERE place BETWEEN number << 32 AND "
    "number << 32 | 4294967295) & 4294967295 FROM runs ";

// A change that had an effect, or of which nobody knows, in the run `number`.
constexpr std::string_view changing =
    "EXISTS (SELECT 1 FROM changes LEFT JOIN outcomes USING (place) WHERE place BETWEEN "
    "number << 32 AND number << 32 | 4294967295 AND (effect IS NULL OR effect <> 0)) ";

constexpr std::string_view change_columns =
    "SELECT place & 4294967295, path, changes.device, changes.inode, changes.birth_seconds, "
    "changes.birth_nanoseconds, before, intended, lifted, status, effect, after, (SELECT id FROM "
    "runs WHERE number = place >> 32), outcomes.device, outcomes.inode, outcomes.birth_seconds, "
    "outcomes.birth_nanoseconds, changed_seconds, changed_nanoseconds FROM changes LEFT JOIN "
    "outcomes USING (place) ";

Error damaged(const Database& database, const char* doing) {
  return database.error(SQLITE_CORRUPT, doing);
}

Result<RecordedRun> run_of(const Statement& row, const Database& database) {
  RecordedRun out;
  out.id = row.text(0);
  out.start = {time_of(row, 1),
               inode_of(row, 12),
               row.text(11),
               row.text(2),
               row.text(3),
               row.text(4),
               static_cast<std::uint32_t>(row.integer(5))};
  out.changes = row.unsigned_integer(16);
  if (row.is_null(6)) return out;
  const auto result = run_result(row.bytes(7));
  if (!result) return damaged(database, reading);
  out.end = {time_of(row, 6),
             *result,
             {row.unsigned_integer(8), row.unsigned_integer(9), row.unsigned_integer(10)}};
  return out;
}

Result<std::vector<RecordedRun>> all_runs(Statement query, const Database& database) {
  std::vector<RecordedRun> out;
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return out;
    TRY_ASSIGN(RecordedRun run, run_of(query, database));
    out.push_back(std::move(run));
  }
}

Result<std::optional<RecordedRun>> one_run(Statement query, const Database& database) {
  TRY_ASSIGN(std::vector<RecordedRun> runs, all_runs(std::move(query), database));
  if (runs.empty()) return std::optional<RecordedRun>();
  return std::optional<RecordedRun>(std::move(runs.front()));
}

Result<std::optional<Outcome>> outcome_of(const Statement& row, const Database& database) {
  if (row.is_null(9)) return std::optional<Outcome>();
  Outcome out;
  out.sequence = row.unsigned_integer(0);
  out.status = row.text(9);
  out.effect = row.integer(10) == 0 ? Effect::none : Effect::some;
  out.inode = inode_of(row, 13);
  out.changed = {row.integer(17), static_cast<std::uint32_t>(row.integer(18))};
  if (!row.is_null(11)) {
    out.after = parse_state(row.bytes(11));
    if (!out.after) return damaged(database, reading_changes);
  }
  return std::optional<Outcome>(std::move(out));
}

Result<RecordedChange> change_of(const Statement& row, const Database& database) {
  RecordedChange out;
  out.sequence = row.unsigned_integer(0);
  out.change.path = row.text(1);
  out.change.inode = inode_of(row, 2);
  auto before = parse_state(row.bytes(6));
  auto intended = parse_state(row.bytes(7));
  if (!before || !intended) return damaged(database, reading_changes);
  out.change.before = std::move(*before);
  out.change.intended = std::move(*intended);
  out.change.lifted = AttributeSet::of_bits(static_cast<unsigned>(row.integer(8) & 0xff));
  TRY_ASSIGN(out.outcome, outcome_of(row, database));
  return out;
}

bool put_back(const RecordedChange& recorded) {
  return recorded.outcome && recorded.outcome->after &&
         recorded.outcome->after->attributes.covers(recorded.change.lifted);
}

}  // namespace

Result<std::vector<RecordedRun>> Journal::runs() {
  TRY_ASSIGN(auto query,
             parts_->prepare(std::string(run_columns) + "ORDER BY number DESC", reading));
  return all_runs(std::move(query), *parts_->database);
}

Result<std::vector<RecordedRun>> Journal::unfinished() {
  TRY_ASSIGN(auto query, parts_->prepare(std::string(run_columns) +
                                             "WHERE finished IS NULL ORDER BY number DESC",
                                         reading));
  return all_runs(std::move(query), *parts_->database);
}

Result<std::optional<RecordedRun>> Journal::find_run(std::string_view id) {
  TRY_ASSIGN(auto query, parts_->prepare(std::string(run_columns) + "WHERE id = ?", reading));
  query.bind_text(id);
  return one_run(std::move(query), *parts_->database);
}

Result<std::optional<RecordedRun>> Journal::newest_changing(const InodeKey& root) {
  const std::string sql = std::string(run_columns)
                              .append("WHERE root_inode = ? AND ")
                              .append(changing)
                              .append("ORDER BY number DESC");
  TRY_ASSIGN(auto query, parts_->prepare(sql, reading));
  query.bind_unsigned(root.inode);
  TRY_ASSIGN(std::vector<RecordedRun> runs, all_runs(std::move(query), *parts_->database));
  for (RecordedRun& run : runs) {
    if (same_inode(run.start.root, root)) return std::optional<RecordedRun>(std::move(run));
  }
  return std::optional<RecordedRun>();
}

Result<std::vector<RecordedChange>> Journal::changes(std::string_view run,
                                                     const ChangesAsked& asked) {
  std::vector<RecordedChange> out;
  TRY_ASSIGN(const auto number, parts_->number_of(run));
  if (!number) return out;
  const bool oldest_first = asked.order == ChangesAsked::Order::oldest_first;
  const std::uint64_t beyond = asked.beyond.value_or(oldest_first ? 0 : greatest_sequence + 1);
  const std::uint64_t least = oldest_first ? beyond + 1 : 1;
  const std::uint64_t greatest = oldest_first ? greatest_sequence : beyond - 1;
  if (beyond > greatest_sequence + 1 || least > greatest) return out;
  const std::string sql = std::string(change_columns)
                              .append("WHERE place BETWEEN ? AND ? ORDER BY place ")
                              .append(oldest_first ? "ASC" : "DESC")
                              .append(" LIMIT ?");
  TRY_ASSIGN(auto query, parts_->prepare(sql, reading_changes));
  query.bind(place_of(*number, least)).bind(place_of(*number, greatest));
  query.bind_unsigned(std::min<std::uint64_t>(asked.most, greatest_sequence));
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return out;
    TRY_ASSIGN(RecordedChange change, change_of(query, *parts_->database));
    out.push_back(std::move(change));
  }
}

Result<std::vector<LiftedChange>> Journal::lifted() {
  const std::string sql =
      std::string(change_columns)
          .append(
              "WHERE lifted <> 0 AND (status = ? OR place >> 32 IN "
              "(SELECT number FROM runs WHERE finished IS NULL)) ORDER BY place");
  TRY_ASSIGN(auto query, parts_->prepare(sql, reading_changes));
  query.bind_text(left_lifted);
  std::vector<LiftedChange> out;
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return out;
    TRY_ASSIGN(RecordedChange change, change_of(query, *parts_->database));
    if (!put_back(change)) out.push_back({query.text(12), std::move(change)});
  }
}

}  // namespace permward
