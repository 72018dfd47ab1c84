// SPDX-License-Identifier: Apache-2.0
//
// What the state directory knows of files that were accepted or restored, so that one which is as
// it was need not be read again. Layer `store`.
#pragma once

#include "base/result.hpp"
#include "model/file_stamp.hpp"
#include "model/snapshot.hpp"
#include "store/sqlite.hpp"
#include "store/state_dir.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace permward {

class FileStamps {
 public:
  // For who holds the lock. Errors: those of `Journal::open`.
  [[nodiscard]] static Result<FileStamps> open(const StateDir& directory);
  // To ask alone. Where there is no database, or an older one, nothing is known. Errors: those of
  // `Journal::open_to_read`.
  [[nodiscard]] static Result<FileStamps> open_to_read(const StateDir& directory);

  // By path. Errors of these: those of `Database`.
  [[nodiscard]] Result<std::vector<StampedFile>> all() const;
  // Each takes the place of what is known of its path.
  Result<void> add(const std::vector<StampedFile>& stamped);
  // Forgets what is not among these, which are in the order of their paths.
  Result<void> keep_only(const std::vector<SnapshotObject>& objects);

 private:
  explicit FileStamps(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  std::unique_ptr<sqlite::Database> database_;  // null: nothing is known
};

}  // namespace permward
