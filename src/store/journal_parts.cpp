// SPDX-License-Identifier: Apache-2.0
#include "store/journal_parts.hpp"

#include "store/journal_block.hpp"
#include "store/random_number.hpp"
#include "store/run_id.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace permward {

using sqlite::Statement;

namespace {

constexpr std::array<std::string_view, 3> result_names = {"in policy", "out of policy", "killed"};

}  // namespace

std::string_view name(RunResult result) { return result_names[static_cast<std::size_t>(result)]; }

std::optional<RunResult> run_result(std::string_view name) {
  const auto it = std::find(result_names.begin(), result_names.end(), name);
  if (it == result_names.end()) return std::nullopt;
  return static_cast<RunResult>(it - result_names.begin());
}

std::int64_t seconds_of(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

void bind_inode(Statement& to, const InodeKey& key) {
  to.bind_unsigned(key.device).bind_unsigned(key.inode);
  to.bind(key.birth ? key.birth->seconds : 0);
  to.bind(key.birth ? std::int64_t{key.birth->nanoseconds} : no_birth);
}

std::chrono::sys_seconds time_of(const Statement& row, int column) {
  return std::chrono::sys_seconds(std::chrono::seconds(row.integer(column)));
}

InodeKey inode_of(const Statement& row, int first) {
  InodeKey out;
  out.device = row.unsigned_integer(first);
  out.inode = row.unsigned_integer(first + 1);
  if (row.integer(first + 3) != no_birth) {
    out.birth = {row.integer(first + 2), static_cast<std::uint32_t>(row.integer(first + 3))};
  }
  return out;
}

Result<void> Journal::Parts::prepare_inserts() {
  TRY_ASSIGN(insert_change_block,
             prepare("INSERT INTO changes VALUES (?,?,?,?)", purpose::recording_changes));
  TRY_ASSIGN(insert_outcome_block,
             prepare("INSERT INTO outcomes (first, last, count, left_lifted, block) "
                     "VALUES (?,?,?,?,?)",
                     purpose::recording_outcomes));
  return {};
}

Result<std::string> Journal::Parts::new_id(std::chrono::sys_seconds started) const {
  std::string stem = run_id_stem(started);
  TRY_ASSIGN(auto query, prepare("SELECT max(id) FROM runs WHERE id BETWEEN ?1 AND ?1 || 'g'",
                                 purpose::recording_changes));
  query.bind_text(stem);
  TRY_ASSIGN(const bool there, query.step());
  const std::string newest = there ? query.text(0) : "";
  auto id = next_run_id(stem, newest, random_number());
  if (!id) return system_error(EAGAIN, "find an id for a run in", database->path());
  return std::move(*id);
}

Result<std::int64_t> Journal::Parts::insert_run(const RunStart& start,
                                                const std::string& id) const {
  TRY_ASSIGN(auto insert,
             prepare("INSERT INTO runs (id, started, command, command_line, user, uid, root, "
                     "root_device, root_inode, root_birth_seconds, root_birth_nanoseconds) "
                     "VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                     purpose::recording_changes));
  insert.bind_text(id).bind(seconds_of(start.started)).bind_text(start.command);
  insert.bind_bytes(start.command_line).bind_bytes(start.user).bind(std::int64_t{start.uid});
  insert.bind_bytes(start.root_path);
  bind_inode(insert, start.root);
  TRY(insert.run());
  return sqlite3_last_insert_rowid(database->get());
}

Result<void> Journal::Parts::insert_changes(std::int64_t place, std::span<const Change> changes) {
  while (!changes.empty()) {
    const std::size_t count = write_block(encoded, changes);
    const bool lifts = std::ranges::any_of(changes.first(count), [](const Change& one) {
      return !one.lifted.empty() || makes_beside(one) || makes_directory(one);
    });
    Statement& insert = *insert_change_block;
    insert.bind(place).bind_unsigned(count).bind(lifts ? 1 : 0).bind_bytes(encoded);
    TRY(insert.run());
    changes = changes.subspan(count);
    place += static_cast<std::int64_t>(count);
  }
  return {};
}

Result<void> Journal::Parts::insert_outcomes(std::int64_t run, std::span<const Outcome> outcomes) {
  while (!outcomes.empty()) {
    const std::size_t count = write_block(encoded, outcomes);
    const auto told = outcomes.first(count);
    const auto [first, last] = std::ranges::minmax_element(told, {}, &Outcome::sequence);
    const bool left = std::ranges::any_of(told, [](const Outcome& one) {
      return one.status == left_lifted || one.status == left_beside;
    });
    Statement& insert = *insert_outcome_block;
    insert.bind(place_of(run, first->sequence)).bind(place_of(run, last->sequence));
    insert.bind_unsigned(count).bind(left ? 1 : 0).bind_bytes(encoded);
    TRY(insert.run());
    outcomes = outcomes.subspan(count);
  }
  return {};
}

Result<void> Journal::Parts::update_run(std::int64_t run, const RunEnd& end) const {
  TRY_ASSIGN(auto update, prepare("UPDATE runs SET finished = ?, result = ?, corrected = ?, "
                                  "refused = ?, failed = ?, objects = ? WHERE number = ?",
                                  purpose::finishing_run));
  update.bind(seconds_of(end.finished)).bind_text(name(end.result));
  update.bind_unsigned(end.counts.corrected).bind_unsigned(end.counts.refused);
  update.bind_unsigned(end.counts.failed);
  if (end.counts.objects) {
    update.bind_unsigned(*end.counts.objects);
  } else {
    update.bind_null();
  }
  return update.bind(run).run();
}

Result<void> Journal::Parts::delete_run(std::int64_t run, const char* doing) const {
  for (const char* sql :
       {"DELETE FROM outcomes WHERE first BETWEEN ?1 << 32 AND ?1 << 32 | 4294967295",
        "DELETE FROM changes WHERE place BETWEEN ?1 << 32 AND ?1 << 32 | 4294967295",
        "DELETE FROM runs WHERE number = ?1"}) {
    TRY_ASSIGN(auto remove, prepare(sql, doing));
    TRY(remove.bind(run).run());
  }
  return {};
}

Result<std::optional<std::int64_t>> Journal::Parts::number_of(std::string_view id) const {
  TRY_ASSIGN(auto query, prepare("SELECT number FROM runs WHERE id = ?", purpose::reading_runs));
  query.bind_text(id);
  TRY_ASSIGN(const bool there, query.step());
  if (!there) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(query.integer(0));
}

}  // namespace permward
