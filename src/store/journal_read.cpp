// SPDX-License-Identifier: Apache-2.0
//
// What the journal answers: `journal.hpp`.
#include "store/journal_block.hpp"
#include "store/journal_parts.hpp"

#include <algorithm>

namespace permward {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr const char* reading_changes = "read the changes of a run in";

// Whether runs say how many objects they changed: not in a database that an earlier permward has
// left, and nobody has written to since.
Result<bool> has_objects(Database& database) {
  TRY_ASSIGN(auto query,
             Statement::prepare(
                 database, "SELECT count(*) FROM pragma_table_info('runs') WHERE name = 'objects'",
                 purpose::reading_runs));
  TRY_ASSIGN(const bool there, query.step());
  return there && query.integer(0) != 0;
}

Result<Statement> query_runs(Database& database, std::string_view which) {
  TRY_ASSIGN(const bool counted, has_objects(database));
  const std::string sql =
      std::string(
          "SELECT id, started, command, command_line, user, uid, finished, result, corrected, "
          "refused, failed, root, root_device, root_inode, root_birth_seconds, "
          "root_birth_nanoseconds, ")
          .append(newest_sequence)
          .append(", number, ")
          .append(counted ? "objects" : "NULL")
          .append(" FROM runs ")
          .append(which);
  return Statement::prepare(database, sql, purpose::reading_runs);
}

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
  if (!result) return damaged(database, purpose::reading_runs);
  RunCounts counts{row.unsigned_integer(8), row.unsigned_integer(9), row.unsigned_integer(10), {}};
  if (!row.is_null(18)) counts.objects = row.unsigned_integer(18);
  out.end = {time_of(row, 6), *result, counts};
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

bool put_back(const RecordedChange& recorded) {
  return recorded.outcome && recorded.outcome->after &&
         recorded.outcome->after->attributes.covers(recorded.change.lifted);
}

bool is_left(const RecordedChange& recorded, std::string_view status) {
  return recorded.outcome && recorded.outcome->status == status;
}

bool is_unsettled(const RecordedChange& recorded, bool unfinished) {
  if (is_left(recorded, left_beside)) return true;
  if (recorded.change.lifted.empty()) return false;
  return (unfinished || is_left(recorded, left_lifted)) && !put_back(recorded);
}

// The sequence numbers that were asked for.
struct Range {
  std::uint64_t least = 1;
  std::uint64_t greatest = greatest_sequence;
};

Range range_of(const ChangesAsked& asked) {
  if (!asked.beyond) return {};
  if (asked.order == ChangesAsked::Order::oldest_first) return {*asked.beyond + 1};
  return {1, *asked.beyond - 1};
}

// Changes of a run without gaps, in either order.
class Gathered {
 public:
  Gathered(const ChangesAsked& asked, const Range& range) : asked_(asked), range_(range) {}

  [[nodiscard]] bool complete() const { return out_.size() >= asked_.most; }
  [[nodiscard]] const std::vector<RecordedChange>& changes() const { return out_; }
  [[nodiscard]] std::vector<RecordedChange> take() { return std::move(out_); }

  // Of a block those that were asked for. False: it does not follow the one before.
  bool add(std::uint64_t first, std::vector<Change> block) {
    const bool oldest_first = asked_.order == ChangesAsked::Order::oldest_first;
    for (std::size_t i = 0; i < block.size() && !complete(); ++i) {
      const std::size_t at = oldest_first ? i : block.size() - 1 - i;
      const std::uint64_t sequence = first + at;
      if (sequence < range_.least || sequence > range_.greatest) continue;
      if (!follows(sequence)) return false;
      out_.push_back({sequence, std::move(block[at]), std::nullopt});
    }
    return true;
  }

  // What became of one of them, or of another.
  void add(Outcome outcome) {
    const std::uint64_t first = out_.front().sequence;
    const std::uint64_t at = std::max(first, outcome.sequence) - std::min(first, outcome.sequence);
    if (at >= out_.size() || out_[at].sequence != outcome.sequence) return;
    out_[at].outcome = std::move(outcome);
  }

 private:
  [[nodiscard]] bool follows(std::uint64_t sequence) const {
    const bool oldest_first = asked_.order == ChangesAsked::Order::oldest_first;
    if (out_.empty() && oldest_first) return sequence == range_.least;
    if (out_.empty()) return !asked_.beyond || sequence == range_.greatest;
    const std::uint64_t before = out_.back().sequence;
    return oldest_first ? sequence == before + 1 : sequence + 1 == before;
  }

  const ChangesAsked& asked_;
  Range range_;
  std::vector<RecordedChange> out_;
};

// The blocks with those of `range`, in that order.
Result<Statement> query_changes(Database& database, std::int64_t run, const Range& range,
                                ChangesAsked::Order order) {
  const std::string sql =
      std::string(
          "SELECT place & 4294967295, count, block FROM changes WHERE place BETWEEN (SELECT "
          "coalesce(max(place), ?1) FROM changes WHERE place BETWEEN ?1 AND ?2) AND ?3 ORDER BY "
          "place ")
          .append(order == ChangesAsked::Order::oldest_first ? "ASC" : "DESC");
  TRY_ASSIGN(auto query, Statement::prepare(database, sql, reading_changes));
  query.bind(place_of(run, 0)).bind(place_of(run, range.least));
  query.bind(place_of(run, range.greatest));
  return query;
}

Result<void> gather_changes(Statement query, const Database& database, Gathered& out) {
  while (!out.complete()) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) break;
    auto block = read_changes(query.bytes(2), query.unsigned_integer(1));
    if (!block || !out.add(query.unsigned_integer(0), std::move(*block))) {
      return damaged(database, reading_changes);
    }
  }
  return {};
}

Result<void> gather_outcomes(Database& database, std::int64_t run, Gathered& out) {
  const auto [least, greatest] =
      std::minmax(out.changes().front().sequence, out.changes().back().sequence);
  TRY_ASSIGN(auto query,
             Statement::prepare(database,
                                "SELECT count, block FROM outcomes WHERE first BETWEEN ? AND ? "
                                "AND last >= ? ORDER BY number",
                                reading_changes));
  query.bind(place_of(run, 0)).bind(place_of(run, greatest)).bind(place_of(run, least));
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return {};
    auto block = read_outcomes(query.bytes(1), query.unsigned_integer(0));
    if (!block) return damaged(database, reading_changes);
    for (Outcome& outcome : *block) out.add(std::move(outcome));
  }
}

}  // namespace

Result<std::vector<RecordedChange>> Journal::Parts::changes(std::int64_t run,
                                                            const ChangesAsked& asked) const {
  const Range range = range_of(asked);
  Gathered out(asked, range);
  const bool asks_for_some = range.least >= 1 && range.least <= range.greatest &&
                             range.greatest <= greatest_sequence && asked.most != 0;
  if (!asks_for_some) return out.take();
  TRY_ASSIGN(auto query, query_changes(*database, run, range, asked.order));
  TRY(gather_changes(std::move(query), *database, out));
  if (!out.changes().empty()) TRY(gather_outcomes(*database, run, out));
  return out.take();
}

Result<std::vector<std::size_t>> Journal::Parts::paths(std::int64_t run) const {
  TRY_ASSIGN(auto query, query_changes(*database, run, Range{}, ChangesAsked::Order::oldest_first));
  std::vector<std::size_t> out;
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) break;
    const auto block = read_changes(query.bytes(2), query.unsigned_integer(1));
    if (!block) return damaged(*database, purpose::finishing_run);
    for (const Change& one : *block) out.push_back(hash_of_path(one));
  }
  return out;
}

Result<bool> Journal::Parts::had_effect(std::int64_t run) const {
  ChangesAsked asked;
  asked.most = most_in_block;
  while (true) {
    TRY_ASSIGN(const std::vector<RecordedChange> part, changes(run, asked));
    if (part.empty()) return false;
    for (const RecordedChange& one : part) {
      if (!one.outcome || one.outcome->effect != Effect::none) return true;
    }
    asked.beyond = part.back().sequence;
  }
}

Result<void> Journal::Parts::add_lifted(std::int64_t run, const RecordedRun& of,
                                        std::vector<LiftedChange>& out) const {
  TRY_ASSIGN(auto query, prepare("SELECT place & 4294967295, count FROM changes WHERE lifts <> 0 "
                                 "AND place BETWEEN ? AND ? ORDER BY place",
                                 reading_changes));
  query.bind(place_of(run, 0)).bind(place_of(run, greatest_sequence));
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return {};
    ChangesAsked asked;
    asked.beyond = query.unsigned_integer(0) - 1;
    asked.most = query.unsigned_integer(1);
    TRY_ASSIGN(std::vector<RecordedChange> block, changes(run, asked));
    if (block.empty()) return damaged(*database, reading_changes);
    for (RecordedChange& one : block) {
      if (is_unsettled(one, !of.end)) out.push_back({of.id, std::move(one)});
    }
  }
}

Result<std::vector<RecordedRun>> Journal::runs() {
  TRY_ASSIGN(auto query, query_runs(*parts_->database, "ORDER BY number DESC"));
  return all_runs(std::move(query), *parts_->database);
}

Result<std::vector<RecordedRun>> Journal::unfinished() {
  TRY_ASSIGN(auto query,
             query_runs(*parts_->database, "WHERE finished IS NULL ORDER BY number DESC"));
  return all_runs(std::move(query), *parts_->database);
}

Result<std::optional<RecordedRun>> Journal::find_run(std::string_view id) {
  TRY_ASSIGN(auto query, query_runs(*parts_->database, "WHERE id = ?"));
  query.bind_text(id);
  TRY_ASSIGN(const bool there, query.step());
  if (!there) return std::optional<RecordedRun>();
  TRY_ASSIGN(RecordedRun run, run_of(query, *parts_->database));
  return std::optional<RecordedRun>(std::move(run));
}

Result<std::optional<RecordedRun>> Journal::newest_changing(const InodeKey& root) {
  TRY_ASSIGN(auto query,
             query_runs(*parts_->database, "WHERE root_inode = ? ORDER BY number DESC"));
  query.bind_unsigned(root.inode);
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return std::optional<RecordedRun>();
    TRY_ASSIGN(RecordedRun run, run_of(query, *parts_->database));
    if (!same_inode(run.start.root, root)) continue;
    TRY_ASSIGN(const bool changing, parts_->had_effect(query.integer(17)));
    if (changing) return std::optional<RecordedRun>(std::move(run));
  }
}

Result<std::vector<RecordedChange>> Journal::changes(std::string_view run,
                                                     const ChangesAsked& asked) {
  TRY_ASSIGN(const auto number, parts_->number_of(run));
  if (!number) return std::vector<RecordedChange>();
  return parts_->changes(*number, asked);
}

Result<std::vector<LiftedChange>> Journal::lifted(const std::optional<InodeKey>& root) {
  TRY_ASSIGN(auto query, query_runs(*parts_->database,
                                    "WHERE finished IS NULL OR number IN (SELECT first >> 32 "
                                    "FROM outcomes WHERE left_lifted <> 0) ORDER BY number"));
  std::vector<LiftedChange> out;
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return out;
    TRY_ASSIGN(const RecordedRun run, run_of(query, *parts_->database));
    if (root && !same_inode(run.start.root, *root)) continue;
    TRY(parts_->add_lifted(query.integer(17), run, out));
  }
}

}  // namespace permward
