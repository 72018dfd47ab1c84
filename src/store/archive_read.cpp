// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"
#include "store/archive.hpp"
#include "store/archive_member.hpp"
#include "store/archive_seal.hpp"
#include "store/manifest_text.hpp"
#include "store/tar_layout.hpp"

#include <cerrno>
#include <new>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t digest_size = 65;  // with its newline

struct FreeReader {
  void operator()(archive* one) const { archive_read_free(one); }
};
using Reading = std::unique_ptr<archive, FreeReader>;

Reading new_reading() {
  Reading out(archive_read_new());
  if (!out) throw std::bad_alloc();
  return out;
}

// What is in the file, without its compression.
class Decompressed {
 public:
  explicit Decompressed(int fd) : fd_(fd), packed_(archive_buffer_size), archive_(new_reading()) {}

  // False where it is not compressed by zstd.
  bool open() {
    archive* const in = archive_.get();
    archive_entry* entry = nullptr;
    // Where libarchive was built without zstd it would run a program that it finds by PATH.
    return archive_read_support_filter_zstd(in) == ARCHIVE_OK &&
           archive_read_support_format_raw(in) == ARCHIVE_OK &&
           archive_read_open(in, this, nullptr, read_some, nullptr) == ARCHIVE_OK &&
           archive_read_next_header(in, &entry) == ARCHIVE_OK &&
           archive_filter_code(in, 0) == ARCHIVE_FILTER_ZSTD;
  }

  // 0 at the end; below 0 where it is damaged, or `number()` says why.
  la_ssize_t read(std::span<char> room) {
    return archive_read_data(archive_.get(), room.data(), room.size());
  }

  [[nodiscard]] int number() const { return number_; }  // errno of the read that failed
  [[nodiscard]] Sha256::Digest digest() { return digest_.digest(); }
  [[nodiscard]] bool has_no_broken_seal() const { return seal_.holds(); }

 private:
  static la_ssize_t read_some(archive* in, void* self, const void** out) {
    auto* const me = static_cast<Decompressed*>(self);
    ssize_t got = 0;
    do {
      got = ::read(me->fd_, me->packed_.data(), me->packed_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      me->number_ = errno;
      archive_set_error(in, errno, "read");
      return -1;
    }
    *out = me->packed_.data();
    const std::string_view bytes(me->packed_.data(), static_cast<std::size_t>(got));
    me->digest_.add(bytes);
    me->seal_.follow(bytes);
    return got;
  }

  int fd_;
  std::vector<char> packed_;
  Sha256 digest_;
  SealSearch seal_;
  int number_ = 0;
  Reading archive_;  // last, for it calls back as long as it is there
};

class Reader {
 public:
  Reader(int fd, const std::string& name)
      : name_(name),
        source_(fd),
        unpacked_(archive_buffer_size),
        buffer_(archive_buffer_size),
        archive_(new_reading()) {}

  // First, and once.
  Result<Manifest> manifest(std::string& text) {
    TRY(read(text));
    return parsed(text);
  }

  // First, and once. Nothing: it is of another kind.
  Result<std::optional<Manifest>> manifest_of(SnapshotKind kind) {
    std::string text;
    TRY(read(text));
    const Result<Manifest> head = parse_manifest_head(text);
    if (!head.ok()) return of_this(head.error());
    if (head->kind != kind) return std::optional<Manifest>();
    TRY_ASSIGN(Manifest manifest, parsed(text));
    return std::optional(std::move(manifest));
  }

  Result<Sha256::Digest> read(ArchiveVisitor& visitor) {
    std::string text;
    const Result<Manifest> manifest = this->manifest(text);
    if (!manifest.ok()) return manifest.error();
    TRY(visitor.begin(*manifest));
    for (const SnapshotObject& object : manifest->objects) TRY(read(object, visitor));
    TRY_ASSIGN(const std::string digest, own_file(digest_member, digest_size));
    if (digest != sha256_hex(text) + '\n' ||
        !is_header(member_of(digest_member, digest_size, manifest->time))) {
      return damaged("the digest of its manifest");
    }
    TRY(require_end());
    return source_.digest();
  }

 private:
  Result<void> read(std::string& manifest) {
    TRY(open());
    TRY_ASSIGN(manifest, own_file(manifest_member, most_manifest_text));
    return {};
  }

  Result<Manifest> parsed(const std::string& text) {
    Result<Manifest> manifest = parse_manifest(text);
    if (!manifest.ok()) return of_this(std::move(manifest).error());
    if (!is_header(member_of(manifest_member, text.size(), manifest->time))) {
      return damaged("the header of its manifest");
    }
    return manifest;
  }

  Result<void> open() {
    archive* const in = archive_.get();
    if (!source_.open()) {
      if (source_.number() != 0) return system_error(source_.number(), "read", name_);
      return damaged("it is not compressed by zstd");
    }
    const bool opened = archive_read_support_format_tar(in) == ARCHIVE_OK &&
                        archive_read_open(in, this, nullptr, read_some, nullptr) == ARCHIVE_OK;
    if (opened) return {};
    return failure("it is no archive");
  }

  // The next header, of pax, without a warning: that would say that something of it was not read.
  Result<void> next(std::string_view wanted) {
    const std::string missing = "there is no " + std::string(wanted);
    const int result = archive_read_next_header(archive_.get(), &entry_);
    if (result == ARCHIVE_EOF) return damaged(missing);
    if (result != ARCHIVE_OK) return failure("the header of " + std::string(wanted));
    const int format = archive_format(archive_.get());
    // A member that needs no header of pax's has none.
    if (format != ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE && format != ARCHIVE_FORMAT_TAR_USTAR) {
      return damaged("the header of " + std::string(wanted) + " is none of pax");
    }
    return {};
  }

  [[nodiscard]] bool is_header(const Entry& wanted) const {
    return same_member(entry_, wanted.get());
  }

  // A file of our own, `most` bytes at most.
  Result<std::string> own_file(const char* name, std::size_t most) {
    TRY(next(name));
    const char* const found = archive_entry_pathname(entry_);
    if (found == nullptr || std::string_view(found) != name) {
      return damaged("there is no " + std::string(name) + " where it should be");
    }
    std::string out;
    while (true) {
      TRY_ASSIGN(const std::string_view bytes, data(name));
      if (bytes.empty()) return out;
      if (bytes.size() > most - out.size()) return damaged(std::string(name) + " is too large");
      out += bytes;
    }
  }

  Result<void> read(const SnapshotObject& object, ArchiveVisitor& visitor) {
    TRY(next(object.path));
    if (!is_header(member_of(object))) {
      return damaged("the header of " + object.path + " and the manifest differ");
    }
    if (object.state.type == Type::file) TRY(read_content(object, visitor));
    return visitor.complete(object);
  }

  Result<void> read_content(const SnapshotObject& object, ArchiveVisitor& visitor) {
    Sha256 digest;
    std::uint64_t size = 0;
    while (true) {
      TRY_ASSIGN(const std::string_view bytes, data(object.path));
      if (bytes.empty()) break;
      size += bytes.size();
      if (size > object.size) break;
      digest.add(bytes);
      TRY(visitor.content(object, bytes));
    }
    if (size == object.size && digest.digest() == object.digest) return {};
    return damaged("the content of " + object.path + " and the manifest differ");
  }

  // The next bytes of the member; none at its end. They last until the next call.
  Result<std::string_view> data(std::string_view of) {
    const la_ssize_t got = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
    if (got < 0) return failure("the content of " + std::string(of));
    return std::string_view(buffer_.data(), static_cast<std::size_t>(got));
  }

  // No further member, and nothing behind what ends an archive.
  Result<void> require_end() {
    archive_entry* more = nullptr;
    const int result = archive_read_next_header(archive_.get(), &more);
    if (result == ARCHIVE_OK) return damaged("there is more behind its end");
    if (result != ARCHIVE_EOF) return failure("its end");
    la_ssize_t got = 0;
    do {
      got = unpack();
    } while (got > 0);
    if (got < 0) return failure("its end");
    if (!layout_.ended()) return damaged("it does not end as it should");
    return source_.has_no_broken_seal() ? Result<void>() : damaged("its seal");
  }

  la_ssize_t unpack() {
    const la_ssize_t got = source_.read(unpacked_);
    if (got <= 0) return got;
    return layout_.follow({unpacked_.data(), static_cast<std::size_t>(got)}) ? got : -1;
  }

  Error damaged(std::string what) const {
    return {ErrorKind::invalid, "use " + name_ + ", which is damaged:", std::move(what), 0};
  }

  Error of_this(Error error) const {
    if (error.kind == ErrorKind::invalid) return damaged(error.subject);
    error.subject += " in " + name_;
    return error;
  }

  Error failure(std::string what) const {
    if (source_.number() != 0) return system_error(source_.number(), "read", name_);
    return damaged(std::move(what));
  }

  static la_ssize_t read_some(archive* in, void* self, const void** out) {
    auto* const me = static_cast<Reader*>(self);
    const la_ssize_t got = me->unpack();
    if (got < 0) archive_set_error(in, EINVAL, "damaged");
    *out = me->unpacked_.data();
    return got < 0 ? -1 : got;
  }

  const std::string& name_;
  Decompressed source_;
  archive_entry* entry_ = nullptr;  // of the member in hand; libarchive's
  std::vector<char> unpacked_;
  TarLayout layout_;
  std::vector<char> buffer_;
  Reading archive_;  // last, for it calls back as long as it is there
};

}  // namespace

Result<Sha256::Digest> read_archive(int fd, const std::string& name, ArchiveVisitor& visitor) {
  return Reader(fd, name).read(visitor);
}

Result<Manifest> read_manifest(int fd, const std::string& name) {
  std::string text;
  return Reader(fd, name).manifest(text);
}

Result<std::optional<Manifest>> read_manifest_of(SnapshotKind kind, int fd,
                                                 const std::string& name) {
  return Reader(fd, name).manifest_of(kind);
}

}  // namespace permward
