// SPDX-License-Identifier: Apache-2.0
//
// A snapshot as one file: pax in zstd, by libarchive, which reads and writes streams of bytes here
// and nothing of a file system. Layer `store`. Members, in this order:
//
//   permward/manifest.json     `manifest_text` (`store/manifest_text.hpp`)
//   etc/nginx/nginx.conf       each object of the manifest, by its path without the first "/"
//   …                          ("." for the root), with its content and all of its metadata
//   permward/manifest.sha256   the SHA-256 of the manifest, 64 hexadecimal digits and a newline
//
// The manifest has the last word: what a member's header says has to be the same. The digest at the
// end is what tells a whole archive from one that was cut off. There is nothing behind it but the
// seal (`store/archive_seal.hpp`), which an archive that somebody has compressed anew does not
// have.
#pragma once

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/snapshot.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace permward {

// Where the content of an archive's files comes from.
class ContentSource {
 public:
  virtual ~ContentSource() = default;
  // Goes on with `object`, of type file: up to `room.size()` bytes of it. Returns their number, 0
  // at its end. Files are asked for in the manifest's order, each to its end.
  virtual Result<std::size_t> read(const SnapshotObject& object, std::span<char> room) = 0;
};

// Writes to `fd` from where it stands; syncs nothing. Returns the SHA-256 of all that was written.
// `name` is what errors call it. Errors: `changed` where a content is not what the manifest says,
// `invalid` where an object cannot be in a manifest, those of `source`, those of write(2).
[[nodiscard]] Result<Sha256::Digest> write_archive(int fd, const std::string& name,
                                                   const Manifest& manifest, ContentSource& source);

// What is done with an archive as it is read. An error of any of these ends the reading.
class ArchiveVisitor {
 public:
  virtual ~ArchiveVisitor() = default;
  // First. It stays where it is while the archive is read.
  virtual Result<void> begin(const Manifest& manifest) = 0;
  // The next bytes of a file, an object of the manifest.
  virtual Result<void> content(const SnapshotObject& object, std::string_view bytes) = 0;
  // The object is as the manifest says, a file with all of its content.
  virtual Result<void> complete(const SnapshotObject& object) = 0;
};

// Keeps what an archive says it holds, and lets its contents go by. Once `stop`, which may be null,
// becomes true the reading ends, as `io` with EINTR.
class KeepManifest final : public ArchiveVisitor {
 public:
  explicit KeepManifest(const std::atomic<bool>* stop = nullptr) : stop_(stop) {}

  Result<void> begin(const Manifest& read) override {
    manifest = read;
    return go_on();
  }
  Result<void> content(const SnapshotObject& /*object*/, std::string_view /*bytes*/) override {
    return go_on();
  }
  Result<void> complete(const SnapshotObject& /*object*/) override { return go_on(); }

  Manifest manifest;

 private:
  [[nodiscard]] Result<void> go_on() const {
    if (stop_ == nullptr || !*stop_) return {};
    return system_error(EINTR, "read to its end", manifest.id);
  }

  const std::atomic<bool>* stop_;
};

// Reads from `fd`, from where it stands to its end: what was visited is to be trusted only once
// that ended well. Returns the SHA-256 of all that was read. Allocates no more than the manifest
// says, which is bounded. Errors: `invalid`: damaged, or no such archive; `unsupported`: of another
// version; those of `visitor`, those of read(2).
[[nodiscard]] Result<Sha256::Digest> read_archive(int fd, const std::string& name,
                                                  ArchiveVisitor& visitor);

// Its manifest alone: whether the rest is whole, and what the manifest says, was not looked at.
// Errors: as of `read_archive`.
[[nodiscard]] Result<Manifest> read_manifest(int fd, const std::string& name);
// The same of one of that kind; nothing where it says that it is of another, of which no object is
// read.
[[nodiscard]] Result<std::optional<Manifest>> read_manifest_of(SnapshotKind kind, int fd,
                                                               const std::string& name);

}  // namespace permward
