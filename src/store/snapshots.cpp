// SPDX-License-Identifier: Apache-2.0
#include "store/snapshots.hpp"

#include "os/directory.hpp"
#include "store/layout.hpp"
#include "store/own_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

std::string name_of(const std::string& id) { return id + layout::snapshot_suffix; }
std::string new_name_of(const std::string& id) { return layout::new_snapshot_prefix + id; }

// The id in the name of a file that is a generation, or nothing.
std::string_view id_in(std::string_view name) {
  const std::string_view suffix = layout::snapshot_suffix;
  if (!name.ends_with(suffix)) return {};
  name.remove_suffix(suffix.size());
  return is_snapshot_id(name) ? name : std::string_view();
}

bool is_left_over(std::string_view name) {
  const std::string_view prefix = layout::new_snapshot_prefix;
  return name.starts_with(prefix) && is_snapshot_id(name.substr(prefix.size()));
}

Result<void> for_each_name(const StateDir& directory,
                           const std::function<Result<void>(const char* name)>& act) {
  const Fd listed(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!listed) return system_error(errno, "list", directory.path());
  alignas(8) std::array<std::byte, 32768> buffer{};
  Listing listing(listed.get(), buffer);
  while (true) {
    TRY_ASSIGN(const std::optional<DirectoryEntry> entry, listing.next());
    if (!entry) return {};
    TRY(act(entry->name));
  }
}

Result<void> synced(int fd, const std::string& path) {
  int result = 0;
  do {
    result = ::fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? Result<void>() : system_error(errno, "sync", path);
}

// What was written is what will be read: libarchive has the last word on that.
class Compare final : public ArchiveVisitor {
 public:
  explicit Compare(const Manifest& manifest) : manifest_(manifest) {}
  Result<void> begin(const Manifest& manifest) override {
    same_ = manifest == manifest_;
    return {};
  }
  Result<void> content(const SnapshotObject& /*object*/, std::string_view /*bytes*/) override {
    return {};
  }
  Result<void> complete(const SnapshotObject& /*object*/) override { return {}; }
  [[nodiscard]] bool same() const { return same_; }

 private:
  const Manifest& manifest_;
  bool same_ = false;
};

Result<void> read_back(int fd, const std::string& path, const Manifest& manifest,
                       const Sha256::Digest& written) {
  if (::lseek(fd, 0, SEEK_SET) != 0) return system_error(errno, "read", path);
  Compare compare(manifest);
  TRY_ASSIGN(const Sha256::Digest read, read_archive(fd, path, compare));
  if (read == written && compare.same()) return {};
  return Error{ErrorKind::io, "read back what was written to", path, 0};
}

}  // namespace

bool is_snapshot_id(std::string_view text) {
  static constexpr std::string_view form = "00000000T000000Z-ffff";
  return text.size() == form.size() &&
         std::equal(text.begin(), text.end(), form.begin(), [](char c, char as) {
           const bool digit = c >= '0' && c <= '9';
           if (as == '0') return digit;
           return as == 'f' ? digit || (c >= 'a' && c <= 'f') : c == as;
         });
}

Result<Snapshots> Snapshots::open(const StateDir& state, StateDir::Missing missing) {
  TRY_ASSIGN(StateDir directory, StateDir::open(state.path_of(layout::snapshots), missing));
  return Snapshots(std::move(directory));
}

Result<std::vector<Generation>> Snapshots::list() const {
  std::vector<Generation> out;
  TRY(for_each_name(directory_, [&](const char* name) -> Result<void> {
    const std::string_view id = id_in(name);
    if (id.empty()) return {};
    struct stat facts {};
    if (::fstatat(directory_.get(), name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};  // pruned meanwhile
      return system_error(errno, "look at", directory_.path_of(name));
    }
    out.push_back({std::string(id), static_cast<std::uint64_t>(facts.st_size)});
    return {};
  }));
  std::sort(out.begin(), out.end(),
            [](const Generation& a, const Generation& b) { return a.id < b.id; });
  return out;
}

Result<Fd> Snapshots::open(const std::string& id) const {
  const std::string name = name_of(id);
  const std::string path = directory_.path_of(name.c_str());
  if (!is_snapshot_id(id)) return Error{ErrorKind::not_found, "find the snapshot", id, 0};
  TRY(judge_own_file(directory_, name.c_str()));
  Fd out(::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!out) return system_error(errno, "open", path);
  return out;
}

Result<Sha256::Digest> Snapshots::keep(const Manifest& manifest, ContentSource& source) {
  if (!is_snapshot_id(manifest.id)) {
    return Error{ErrorKind::invalid, "name a snapshot", manifest.id, 0};
  }
  const std::string name = new_name_of(manifest.id);
  const std::string path = directory_.path_of(name.c_str());
  const Fd file(::openat(directory_.get(), name.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_error(errno, "create", path);
  Result<Sha256::Digest> written = write(file.get(), path, manifest, source);
  Result<void> placed = written.ok() ? put_in_place(name, manifest.id) : Result<void>();
  if (written.ok() && placed.ok()) return written;
  (void)::unlinkat(directory_.get(), name.c_str(), 0);
  if (!written.ok()) return written;
  return std::move(placed).error();
}

Result<Sha256::Digest> Snapshots::write(int file, const std::string& path, const Manifest& manifest,
                                        ContentSource& source) {
  TRY_ASSIGN(const Sha256::Digest digest, write_archive(file, path, manifest, source));
  TRY(synced(file, path));
  TRY(read_back(file, path, manifest, digest));
  return digest;
}

// A generation is never replaced.
Result<void> Snapshots::put_in_place(const std::string& name, const std::string& id) {
  const std::string to = name_of(id);
  const std::string path = directory_.path_of(to.c_str());
  int result =
      ::renameat2(directory_.get(), name.c_str(), directory_.get(), to.c_str(), RENAME_NOREPLACE);
  // Not every file system can (rename(2)); a second name, and then the first goes, does as well.
  if (result != 0 && errno == EINVAL) {
    result = ::linkat(directory_.get(), name.c_str(), directory_.get(), to.c_str(), 0);
    if (result == 0) (void)::unlinkat(directory_.get(), name.c_str(), 0);
  }
  if (result != 0 && errno == EEXIST) {
    return Error{ErrorKind::changed, "write a snapshot that is there already,", path, EEXIST};
  }
  if (result != 0) return system_error(errno, "put in its place", path);
  Result<void> done = sync();
  // Whoever is told that it failed is not to find it there.
  if (!done.ok()) (void)::unlinkat(directory_.get(), to.c_str(), 0);
  return done;
}

Result<void> Snapshots::sync() const {
  Result<void> done = synced(directory_.get(), directory_.path());
  // Some file systems cannot sync a directory: then its names are as durable as they make them.
  if (!done.ok() && done.error().number == EINVAL) return {};
  return done;
}

Result<void> Snapshots::remove(const std::string& id) {
  const std::string name = name_of(id);
  if (!is_snapshot_id(id)) return Error{ErrorKind::not_found, "find the snapshot", id, 0};
  if (::unlinkat(directory_.get(), name.c_str(), 0) != 0) {
    return system_error(errno, "remove", directory_.path_of(name.c_str()));
  }
  return sync();
}

Result<void> Snapshots::remove_left_overs() {
  return for_each_name(directory_, [&](const char* name) -> Result<void> {
    if (!is_left_over(name) || ::unlinkat(directory_.get(), name, 0) == 0) return {};
    return system_error(errno, "remove", directory_.path_of(name));
  });
}

}  // namespace permward
