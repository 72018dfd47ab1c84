// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"
#include "store/archive.hpp"
#include "store/archive_member.hpp"
#include "store/archive_seal.hpp"
#include "store/manifest_text.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

// Of names that it cannot turn into UTF-8, which in the locale of a program that sets none are all
// that are not ASCII, libarchive warns and writes the bytes, with a header that says so (pax(1),
// hdrcharset). To say it of all members would have GNU tar complain of each.
bool has_more_than_ascii(const SnapshotObject& object) {
  const auto has = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  };
  return has(object.path) || has(object.state.target) || has(object.owner_name) ||
         has(object.group_name);
}

// What the text of a manifest takes for granted.
Result<void> require_fit(const Manifest& manifest) {
  std::string what;
  if (!fits_manifest(manifest, what)) return Error{ErrorKind::invalid, "keep", what, 0};
  return {};
}

struct FreeWriter {
  void operator()(archive* one) const { archive_write_free(one); }
};

class Writer {
 public:
  Writer(int fd, const std::string& name) : fd_(fd), name_(name), archive_(archive_write_new()) {
    if (!archive_) throw std::bad_alloc();
  }

  // Freeing closes what was not closed, and would write on to what nobody wants any more.
  ~Writer() { discards_ = true; }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Result<Sha256::Digest> write(const Manifest& manifest, ContentSource& source) {
    TRY(require_fit(manifest));
    const std::string text = manifest_text(manifest);
    if (text.size() > most_manifest_text) {
      return Error{ErrorKind::invalid, "keep so much in one snapshot,", name_, EFBIG};
    }
    TRY(open());
    TRY(add(manifest_member, text, manifest.time));
    buffer_.resize(archive_buffer_size);
    for (const SnapshotObject& object : manifest.objects) TRY(add(object, source));
    TRY(add(digest_member, sha256_hex(text) + '\n', manifest.time));
    TRY(checked(archive_write_close(archive_.get())));
    TRY(put_seal());
    return digest_.digest();
  }

 private:
  // Where libarchive was built without zstd it would run a program that it finds by PATH.
  Result<void> open() {
    archive* const out = archive_.get();
    TRY(checked(archive_write_set_format_pax(out)));
    if (archive_write_add_filter_zstd(out) != ARCHIVE_OK) {
      return Error{ErrorKind::unsupported, "write", name_ + " (libarchive has no zstd)", 0};
    }
    // Both of libarchive's ways to write attributes are read; GNU tar knows this one.
    TRY(checked(archive_write_set_options(out, "xattrheader=SCHILY")));
    // Else a pipe gets zeros behind the end, which nobody can read again (libarchive issue 1445).
    TRY(checked(archive_write_set_bytes_in_last_block(out, 1)));
    return checked(archive_write_open2(out, this, nullptr, write_some, nullptr, nullptr));
  }

  Result<void> add(const char* name, std::string_view bytes, std::int64_t time) {
    const Entry entry = member_of(name, bytes.size(), time);
    TRY(checked(archive_write_header(archive_.get(), entry.get())));
    return put(bytes);
  }

  Result<void> add(const SnapshotObject& object, ContentSource& source) {
    const Entry entry = member_of(object);
    const int result = archive_write_header(archive_.get(), entry.get());
    if (result != ARCHIVE_WARN || !has_more_than_ascii(object)) TRY(checked(result));
    return object.state.type == Type::file ? add_content(object, source) : Result<void>();
  }

  Result<void> add_content(const SnapshotObject& object, ContentSource& source) {
    Sha256 digest;
    std::uint64_t size = 0;
    while (true) {
      TRY_ASSIGN(const std::size_t read, source.read(object, buffer_));
      if (read == 0) break;
      const std::string_view bytes(buffer_.data(), read);
      size += read;
      if (size > object.size) break;
      digest.add(bytes);
      TRY(put(bytes));
    }
    if (size == object.size && digest.digest() == object.digest) return {};
    return Error{ErrorKind::changed, "keep what has changed meanwhile,", object.path, 0};
  }

  // libarchive takes no more than the size in the header, and says how much it took.
  Result<void> put(std::string_view bytes) {
    while (!bytes.empty()) {
      const la_ssize_t taken = archive_write_data(archive_.get(), bytes.data(), bytes.size());
      if (taken <= 0) return failure();
      bytes.remove_prefix(static_cast<std::size_t>(taken));
    }
    return {};
  }

  Result<void> put_seal() {
    const std::string seal = seal_of(unsealed_.digest());
    std::string_view left = seal;
    while (!left.empty()) {
      const ssize_t written = put_packed(left);
      if (written <= 0) return failure();
      left.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  // As write(2).
  ssize_t put_packed(std::string_view bytes) {
    ssize_t written = 0;
    do {
      written = ::write(fd_, bytes.data(), bytes.size());
    } while (written < 0 && errno == EINTR);
    if (written < 0) {
      number_ = errno;
      return written;
    }
    digest_.add(bytes.substr(0, static_cast<std::size_t>(written)));
    return written;
  }

  // A warning says that something would not be in the archive as it is.
  Result<void> checked(int result) { return result == ARCHIVE_OK ? Result<void>() : failure(); }

  Error failure() {
    if (number_ != 0) return system_error(number_, "write", name_);
    const char* const why = archive_error_string(archive_.get());
    return {ErrorKind::io, "write",
            name_ + (why == nullptr ? std::string() : " (libarchive: " + std::string(why) + ')'),
            0};
  }

  static la_ssize_t write_some(archive* out, void* self, const void* data, std::size_t size) {
    auto* const writer = static_cast<Writer*>(self);
    if (writer->discards_) return static_cast<la_ssize_t>(size);
    const std::string_view bytes(static_cast<const char*>(data), size);
    const ssize_t written = writer->put_packed(bytes);
    if (written < 0) {
      archive_set_error(out, writer->number_, "write");
      return -1;
    }
    writer->unsealed_.add(bytes.substr(0, static_cast<std::size_t>(written)));
    return written;
  }

  int fd_;
  const std::string& name_;
  std::vector<char> buffer_;
  Sha256 digest_;
  Sha256 unsealed_;                               // digest of what lies before the seal
  int number_ = 0;                                // errno of the write that failed
  bool discards_ = false;                         // what libarchive still has to write
  std::unique_ptr<archive, FreeWriter> archive_;  // last, for it calls back as long as it is there
};

}  // namespace

Result<Sha256::Digest> write_archive(int fd, const std::string& name, const Manifest& manifest,
                                     ContentSource& source) {
  return Writer(fd, name).write(manifest, source);
}

}  // namespace permward
