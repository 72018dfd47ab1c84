// SPDX-License-Identifier: Apache-2.0
//
// What `state.db` knows of the generations. The SHA-256 of each archive as it was written, and of
// its manifest: what a change shows that nothing in the archive does, and what who reads the
// manifest alone can hold it against. And how much evidence was dropped. Layer `store`.
#pragma once

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "store/sqlite.hpp"
#include "store/state_dir.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace permward {

struct RecordedDigests {
  Sha256::Digest archive{};
  Sha256::Digest manifest{};
  bool operator==(const RecordedDigests&) const = default;
};

class SnapshotDigests {
 public:
  // For who holds the lock. Errors: those of `Journal::open`.
  [[nodiscard]] static Result<SnapshotDigests> open(const StateDir& directory);
  // To ask alone. Where there is no database, or an older one, nothing is known. Errors: those of
  // `Journal::open_to_read`.
  [[nodiscard]] static Result<SnapshotDigests> open_to_read(const StateDir& directory);

  // Nothing is known.
  [[nodiscard]] static SnapshotDigests none() { return SnapshotDigests(nullptr); }

  // Nothing: nobody wrote it down. Errors: those of `Database`.
  [[nodiscard]] Result<std::optional<RecordedDigests>> of(const std::string& id) const;
  Result<void> add(const std::string& id, const RecordedDigests& digests);
  Result<void> remove(const std::string& id);

  // Generations of evidence that went for others, since there is a database. Errors: those of
  // `Database`.
  [[nodiscard]] Result<std::uint64_t> dropped() const;
  Result<void> add_dropped(std::uint64_t count);

 private:
  explicit SnapshotDigests(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  std::unique_ptr<sqlite::Database> database_;  // null: nothing is known
};

}  // namespace permward
