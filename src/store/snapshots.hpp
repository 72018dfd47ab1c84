// SPDX-License-Identifier: Apache-2.0
//
// The generations that the state directory keeps: one archive each (`store/archive.hpp`), by its
// id. Layer `store`. Whoever changes them holds the lock (`store/lock.hpp`).
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/snapshot.hpp"
#include "store/archive.hpp"
#include "store/snapshot_digests.hpp"
#include "store/state_dir.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

struct Generation {
  std::string id;  // as a run's: they sort in the order in which they were made
  std::uint64_t bytes = 0;
};

// Whether it is one: "20261126T101500Z-3f2a". No other is ever part of a file's name.
[[nodiscard]] bool is_snapshot_id(std::string_view text);

class Snapshots {
 public:
  // Judged as the state directory is, and with its errors (`store/state_dir.hpp`).
  [[nodiscard]] static Result<Snapshots> open(const StateDir& state, StateDir::Missing missing);

  // The oldest first. What has another name than a generation is left out. Errors: `denied`, `io`.
  [[nodiscard]] Result<std::vector<Generation>> list() const;

  // To read. Errors: `not_found`; `insecure_path` where it is no regular file of the caller's, or
  // others may write to it; `denied`, `io`.
  [[nodiscard]] Result<Fd> open(const std::string& id) const;

  // What a generation says it holds (`read_manifest`). Errors: those of `open` and of
  // `read_manifest`; `invalid` where it has another one's name.
  [[nodiscard]] Result<Manifest> manifest(const std::string& id) const;
  // The same of one of that kind; nothing of others (`read_manifest_of`).
  [[nodiscard]] Result<std::optional<Manifest>> manifest_of(SnapshotKind kind,
                                                            const std::string& id) const;

  // That of the newest generation of accepted objects, if there is one.
  [[nodiscard]] Result<std::optional<Manifest>> newest_accepted() const;

  // All of a generation; `visitor` as of `read_archive`, and its errors.
  Result<Sha256::Digest> read(const std::string& id, ArchiveVisitor& visitor) const;

  // A file of the caller's without a name, for what is to be a generation. Errors: `denied`, `io`.
  [[nodiscard]] Result<Fd> scratch_file() const;

  // An id for one that is made now, greater than all that there are: whatever the clock says, the
  // newest is the last. Errors: those of `list`; `io` with EAGAIN where there is no greater one.
  [[nodiscard]] Result<std::string> new_id(std::chrono::sys_seconds now) const;

  // Writes a new generation, `manifest.id`, reads it back as a whole, and puts it in its place,
  // where it is on the disk once this returns. Killed at any instant, it is there whole or not at
  // all. The result is its SHA-256. Errors: `changed` where there is one of that id; those of
  // `write_archive`; `io` also where what was read back is not what was written.
  Result<Sha256::Digest> keep(const Manifest& manifest, ContentSource& source);

  // Reads an archive from `from`, a file or a pipe called `name`, to its end, and keeps it as the
  // generation that it says it is. One that is there already, byte for byte, is left; one that is
  // damaged, or not what was written, gives way to one that is what was, as far as that was written
  // down. Errors: those of `read_archive`; EFBIG; `changed` where there is another one of that id;
  // `denied`, `io`; those of `digests`.
  struct TakenIn {
    Manifest manifest;
    Sha256::Digest digest{};
    bool is_new = false;
    bool heals = false;  // there was a damaged one
  };
  [[nodiscard]] Result<TakenIn> take_in(int from, const std::string& name,
                                        const SnapshotDigests& digests);

  // Errors: `not_found`, `denied`, `io`.
  Result<void> remove(const std::string& id);

  // What a run that was killed has left. Errors: `denied`, `io`.
  Result<void> remove_left_overs();

 private:
  explicit Snapshots(StateDir directory) : directory_(std::move(directory)) {}

  Result<Sha256::Digest> write(int file, const std::string& path, const Manifest& manifest,
                               ContentSource& source);
  Result<TakenIn> read_in(int from, const std::string& name, int file, const std::string& path,
                          const SnapshotDigests& digests) const;
  Result<void> replace_damaged(const std::string& name, const std::string& id);
  Result<void> put_in_place(const std::string& name, const std::string& id);
  Result<void> sync() const;

  StateDir directory_;
};

}  // namespace permward
