// SPDX-License-Identifier: Apache-2.0
// Archives of snapshots: whatever is in the file, what is handed out is what its manifest says. An
// input is read as it is, and, since hardly one is zstd, as what was compressed.
#include "base/fd.hpp"
#include "store/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace permward;

void require(bool holds) {
  if (!holds) std::abort();
}

class Checked final : public ArchiveVisitor {
 public:
  Result<void> begin(const Manifest& manifest) override {
    manifest_ = &manifest;
    objects_ = manifest.objects.size();
    return {};
  }
  Result<void> content(const SnapshotObject& object, std::string_view bytes) override {
    require(!bytes.empty() && &object == &manifest_->objects.at(complete_));
    size_ += bytes.size();
    require(size_ <= object.size);
    return {};
  }
  Result<void> complete(const SnapshotObject& object) override {
    require(size_ == object.size);
    size_ = 0;
    ++complete_;
    return {};
  }
  [[nodiscard]] bool whole() const { return complete_ == objects_; }

 private:
  const Manifest* manifest_ = nullptr;  // while it is read
  std::size_t objects_ = 0;
  std::size_t complete_ = 0;
  std::uint64_t size_ = 0;
};

void read_it(std::string_view bytes) {
  const Fd fd(memfd_create("archive", MFD_CLOEXEC));
  require(write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  require(lseek(fd.get(), 0, SEEK_SET) == 0);
  Checked visitor;
  const auto read = read_archive(fd.get(), "it", visitor);
  require(!read.ok() || visitor.whole());
}

std::string compressed(std::string_view bytes) {
  std::vector<char> out(bytes.size() + (std::size_t{1} << 16));
  std::size_t used = 0;
  archive* const to = archive_write_new();
  archive_entry* const entry = archive_entry_new();
  require(archive_write_set_format_raw(to) == ARCHIVE_OK);
  require(archive_write_add_filter_zstd(to) == ARCHIVE_OK);
  require(archive_write_set_bytes_in_last_block(to, 1) == ARCHIVE_OK);
  require(archive_write_open_memory(to, out.data(), out.size(), &used) == ARCHIVE_OK);
  archive_entry_set_filetype(entry, AE_IFREG);
  require(archive_write_header(to, entry) == ARCHIVE_OK);
  require(archive_write_data(to, bytes.data(), bytes.size()) ==
          static_cast<la_ssize_t>(bytes.size()));
  require(archive_write_close(to) == ARCHIVE_OK);
  archive_entry_free(entry);
  archive_write_free(to);
  return {out.data(), used};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_it(bytes);
  if (size != 0) read_it(compressed(bytes));
  return 0;
}
