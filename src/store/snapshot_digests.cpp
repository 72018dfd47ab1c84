// SPDX-License-Identifier: Apache-2.0
#include "store/snapshot_digests.hpp"

#include "store/journal_file.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace permward {

using sqlite::Statement;

namespace {

constexpr const char* reading = "read the digests of snapshots in";
constexpr const char* recording = "record the digest of a snapshot in";
constexpr const char* counting = "count the evidence that was dropped in";
constexpr const char* forgetting = "forget the digest of a snapshot in";

bool take(std::string_view bytes, Sha256::Digest& out) {
  if (bytes.size() != out.size()) return false;
  std::transform(bytes.begin(), bytes.end(), out.begin(),
                 [](char c) { return static_cast<Sha256::Digest::value_type>(c); });
  return true;
}

}  // namespace

Result<SnapshotDigests> SnapshotDigests::open(const StateDir& directory) {
  TRY_ASSIGN(auto database, open_journal_file(directory, StateDir::Missing::is_created));
  return SnapshotDigests(std::move(database));
}

Result<SnapshotDigests> SnapshotDigests::open_to_read(const StateDir& directory) {
  TRY_ASSIGN(auto database, open_journal_file_to_read(directory));
  if (!database) return SnapshotDigests(nullptr);
  TRY_ASSIGN(const bool known, database->has_table("snapshots", reading));
  return SnapshotDigests(known ? std::move(database) : nullptr);
}

Result<std::optional<RecordedDigests>> SnapshotDigests::of(const std::string& id) const {
  std::optional<RecordedDigests> out;
  if (!database_) return out;
  TRY_ASSIGN(auto query,
             Statement::prepare(*database_, "SELECT archive, manifest FROM snapshots WHERE id = ?",
                                reading));
  query.bind_text(id);
  TRY_ASSIGN(const bool row, query.step());
  if (!row) return out;
  out.emplace();
  if (take(query.bytes(0), out->archive) && take(query.bytes(1), out->manifest)) return out;
  return database_->error(SQLITE_CORRUPT, reading);
}

Result<void> SnapshotDigests::add(const std::string& id, const RecordedDigests& digests) {
  TRY_ASSIGN(
      auto insert,
      Statement::prepare(*database_, "INSERT OR REPLACE INTO snapshots VALUES (?,?,?)", recording));
  const std::string archive(digests.archive.begin(), digests.archive.end());
  const std::string manifest(digests.manifest.begin(), digests.manifest.end());
  insert.bind_text(id).bind_bytes(archive).bind_bytes(manifest);
  return insert.run();
}

Result<void> SnapshotDigests::remove(const std::string& id) {
  TRY_ASSIGN(auto statement,
             Statement::prepare(*database_, "DELETE FROM snapshots WHERE id = ?", forgetting));
  statement.bind_text(id);
  return statement.run();
}

Result<std::uint64_t> SnapshotDigests::dropped() const {
  if (!database_) return std::uint64_t{0};
  TRY_ASSIGN(const bool known, database_->has_table("counters", counting));
  if (!known) return std::uint64_t{0};
  TRY_ASSIGN(auto query,
             Statement::prepare(*database_, "SELECT value FROM counters WHERE name = 'dropped'",
                                counting));
  TRY_ASSIGN(const bool row, query.step());
  return row ? query.unsigned_integer(0) : 0;
}

Result<void> SnapshotDigests::add_dropped(std::uint64_t count) {
  TRY_ASSIGN(auto statement,
             Statement::prepare(*database_,
                                "INSERT INTO counters VALUES ('dropped', ?) "
                                "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                                counting));
  return statement.bind_unsigned(count).run();
}

}  // namespace permward
