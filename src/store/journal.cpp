// SPDX-License-Identifier: Apache-2.0
#include "store/journal.hpp"

#include "store/journal_file.hpp"
#include "store/journal_parts.hpp"
#include "store/run_id.hpp"
#include "store/sqlite.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace permward {

using sqlite::Transaction;

namespace {

constexpr const char* pruning = "delete old runs in";
constexpr const char* refusing = "record refusals in";
constexpr const char* reading_refusals = "read the refusals in";

// What is bound to a column of SQLite's is signed.
constexpr std::uint64_t greatest_integer = std::numeric_limits<std::int64_t>::max();

}  // namespace

Journal::Journal(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<Journal> Journal::open(const StateDir& directory, StateDir::Missing missing) {
  TRY_ASSIGN(auto database, open_journal_file(directory, missing));
  auto parts = std::make_unique<Parts>(std::move(database));
  TRY(parts->prepare_inserts());
  return Journal(std::move(parts));
}

Result<std::optional<Journal>> Journal::open_to_read(const StateDir& directory) {
  TRY_ASSIGN(auto database, open_journal_file_to_read(directory));
  if (!database) return std::optional<Journal>();
  return std::optional<Journal>(Journal(std::make_unique<Parts>(std::move(database))));
}

OpenRun Journal::begin(RunStart start) {
  OpenRun out;
  out.start_ = std::move(start);
  return out;
}

Result<std::uint64_t> Journal::record(OpenRun& run, std::span<const Change> changes) {
  if (changes.empty()) return run.next_;
  if (changes.size() > greatest_sequence - run.next_) {
    return system_error(EOVERFLOW, purpose::recording_changes, parts_->database->path());
  }
  TRY_ASSIGN(auto transaction, Transaction::begin(*parts_->database, purpose::recording_changes));
  std::string id = run.id_;
  std::int64_t number = run.number_;
  if (number == 0) {
    TRY_ASSIGN(id, parts_->new_id(run.start_.started));
    TRY_ASSIGN(number, parts_->insert_run(run.start_, id));
  }
  TRY(parts_->insert_changes(place_of(number, run.next_), changes));
  TRY(transaction.commit());
  run.id_ = std::move(id);
  run.number_ = number;
  for (const Change& one : changes) run.paths_.push_back(hash_of_path(one));
  return std::exchange(run.next_, run.next_ + changes.size());
}

Result<void> Journal::outcome(const OpenRun& run, std::span<const Outcome> outcomes) {
  if (outcomes.empty()) return {};
  for (const Outcome& one : outcomes) {
    if (one.sequence >= 1 && one.sequence < run.next_) continue;
    return Error{ErrorKind::invalid, "record the outcome of no change in", parts_->database->path(),
                 0};
  }
  // If a crash of the machine loses one, nobody knows what became of the change: as if the run had
  // been killed. Waiting for the disk would double what the journal costs.
  TRY_ASSIGN(auto transaction, Transaction::begin(*parts_->database, purpose::recording_outcomes,
                                                  sqlite::Durable::with_the_next));
  TRY(parts_->insert_outcomes(run.number_, outcomes));
  return transaction.commit();
}

// By the hashes of their paths, for there may be millions. What is damaged is no reason not to end.
std::optional<std::uint64_t> Journal::count_objects(OpenRun& run) const {
  std::vector<std::size_t> paths = std::move(run.paths_);
  if (paths.size() + 1 < run.next_) {
    Result<std::vector<std::size_t>> all = parts_->paths(run.number_);
    if (!all.ok()) return std::nullopt;
    paths = std::move(*all);
  }
  std::sort(paths.begin(), paths.end());
  return static_cast<std::uint64_t>(std::unique(paths.begin(), paths.end()) - paths.begin());
}

Result<void> Journal::finish(OpenRun& run, const RunEnd& end) {
  if (run.number_ == 0) return {};
  TRY_ASSIGN(auto transaction, Transaction::begin(*parts_->database, purpose::finishing_run));
  TRY_ASSIGN(const bool kept, parts_->had_effect(run.number_));
  if (kept) {
    RunEnd counted = end;
    if (!counted.counts.objects) counted.counts.objects = count_objects(run);
    TRY(parts_->update_run(run.number_, counted));
  } else {
    TRY(parts_->delete_run(run.number_, purpose::finishing_run));
  }
  TRY(transaction.commit());
  run = OpenRun();
  return {};
}

Result<OpenRun> Journal::reopen(std::string_view id) {
  TRY_ASSIGN(auto query,
             parts_->prepare(std::string("SELECT number, ")
                                 .append(newest_sequence)
                                 .append(" FROM runs WHERE id = ? AND finished IS NULL"),
                             purpose::reading_runs));
  query.bind_text(id);
  TRY_ASSIGN(const bool there, query.step());
  if (!there) {
    return Error{ErrorKind::not_found, "find the unfinished run " + std::string(id) + " in",
                 parts_->database->path(), 0};
  }
  OpenRun out;
  out.id_ = id;
  out.number_ = query.integer(0);
  out.next_ = query.unsigned_integer(1) + 1;
  return out;
}

Result<void> Journal::amend(std::string_view id, std::span<const Outcome> outcomes) {
  TRY_ASSIGN(const auto number, parts_->number_of(id));
  if (!number) {
    return Error{ErrorKind::not_found, "find the run " + std::string(id) + " in",
                 parts_->database->path(), 0};
  }
  TRY_ASSIGN(auto transaction, Transaction::begin(*parts_->database, purpose::recording_outcomes));
  TRY(parts_->insert_outcomes(*number, outcomes));
  return transaction.commit();
}

Result<std::uint64_t> Journal::prune(const Retention& retention, std::chrono::sys_seconds now) {
  TRY_ASSIGN(auto transaction, Transaction::begin(*parts_->database, pruning));
  TRY_ASSIGN(auto query,
             parts_->prepare("SELECT number, number IN (SELECT first >> 32 FROM outcomes WHERE "
                             "left_lifted <> 0) FROM (SELECT number, started, finished, "
                             "row_number() OVER (PARTITION BY command ORDER BY number DESC) AS nth "
                             "FROM runs) WHERE finished IS NOT NULL AND (started < ? OR nth > ?)",
                             pruning));
  query.bind(seconds_of(now - std::chrono::days(retention.keep_days)));
  query.bind_unsigned(std::min(retention.keep_runs, greatest_integer));
  RecordedRun ended;
  ended.end.emplace();
  std::vector<std::int64_t> old;
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) break;
    // Of what cannot be read nobody knows that it is settled.
    std::vector<LiftedChange> lifted;
    const bool may = query.integer(1) != 0;
    const bool read = !may || parts_->add_lifted(query.integer(0), ended, lifted).ok();
    if (read && lifted.empty()) old.push_back(query.integer(0));
  }
  for (const std::int64_t run : old) TRY(parts_->delete_run(run, pruning));
  TRY(transaction.commit());
  return std::uint64_t{old.size()};
}

Result<void> Journal::add_refusals(std::span<const ArmRefusal> refusals) {
  if (refusals.empty()) return {};
  TRY_ASSIGN(auto transaction, Transaction::begin(*parts_->database, refusing));
  TRY_ASSIGN(auto insert,
             parts_->prepare("INSERT OR IGNORE INTO refusals VALUES (?,?,?,?,?,?)", refusing));
  for (const ArmRefusal& one : refusals) {
    bind_inode(insert, one.inode);
    TRY(insert.bind_bytes(one.why).bind(seconds_of(one.at)).run());
  }
  return transaction.commit();
}

Result<std::vector<ArmRefusal>> Journal::refusals() {
  TRY_ASSIGN(auto query, parts_->prepare("SELECT device, inode, birth_seconds, birth_nanoseconds, "
                                         "why, at FROM refusals",
                                         reading_refusals));
  std::vector<ArmRefusal> out;
  while (true) {
    TRY_ASSIGN(const bool there, query.step());
    if (!there) return out;
    out.push_back({inode_of(query, 0), query.text(4), time_of(query, 5)});
  }
}

}  // namespace permward
