// SPDX-License-Identifier: Apache-2.0
#include "store/file_stamps.hpp"

#include "store/journal_file.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

using sqlite::Statement;
using sqlite::Transaction;

namespace {

constexpr const char* reading = "read what is known of files in";
constexpr const char* recording = "record what is known of files in";
constexpr const char* every_stamp =
    "SELECT path, device, inode, size, changed_seconds, changed_nanoseconds, digest FROM stamps "
    "ORDER BY path";

}  // namespace

Result<FileStamps> FileStamps::open(const StateDir& directory) {
  TRY_ASSIGN(auto database, open_journal_file(directory, StateDir::Missing::is_created));
  return FileStamps(std::move(database));
}

Result<FileStamps> FileStamps::open_to_read(const StateDir& directory) {
  TRY_ASSIGN(auto database, open_journal_file_to_read(directory));
  if (!database) return FileStamps(nullptr);
  TRY_ASSIGN(const bool known, database->has_table("stamps", reading));
  return FileStamps(known ? std::move(database) : nullptr);
}

Result<std::vector<StampedFile>> FileStamps::all() const {
  std::vector<StampedFile> out;
  if (!database_) return out;
  TRY_ASSIGN(auto query, Statement::prepare(*database_, every_stamp, reading));
  while (true) {
    TRY_ASSIGN(const bool row, query.step());
    if (!row) return out;
    StampedFile one;
    one.path = query.text(0);
    one.stamp = {query.unsigned_integer(1),
                 query.unsigned_integer(2),
                 query.unsigned_integer(3),
                 {query.integer(4), static_cast<std::uint32_t>(query.integer(5))}};
    const std::string_view digest = query.bytes(6);
    if (digest.size() != one.digest.size()) return database_->error(SQLITE_CORRUPT, reading);
    std::transform(digest.begin(), digest.end(), one.digest.begin(),
                   [](char c) { return static_cast<Sha256::Digest::value_type>(c); });
    out.push_back(std::move(one));
  }
}

Result<void> FileStamps::add(const std::vector<StampedFile>& stamped) {
  if (stamped.empty()) return {};
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*database_, recording));
  TRY_ASSIGN(auto insert,
             Statement::prepare(*database_, "INSERT OR REPLACE INTO stamps VALUES (?,?,?,?,?,?,?)",
                                recording));
  for (const StampedFile& one : stamped) {
    const std::string digest(one.digest.begin(), one.digest.end());
    insert.bind_bytes(one.path)
        .bind_unsigned(one.stamp.device)
        .bind_unsigned(one.stamp.inode)
        .bind_unsigned(one.stamp.size)
        .bind(one.stamp.changed.seconds)
        .bind(one.stamp.changed.nanoseconds)
        .bind_bytes(digest);
    TRY(insert.run());
  }
  return transaction.commit();
}

Result<void> FileStamps::keep_only(const std::vector<SnapshotObject>& objects) {
  TRY_ASSIGN(const std::vector<StampedFile> known, all());
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*database_, recording));
  TRY_ASSIGN(auto remove,
             Statement::prepare(*database_, "DELETE FROM stamps WHERE path = ?", recording));
  for (const StampedFile& one : known) {
    if (find_object(objects, one.path) != nullptr) continue;
    remove.bind_bytes(one.path);
    TRY(remove.run());
  }
  return transaction.commit();
}

}  // namespace permward
