// SPDX-License-Identifier: Apache-2.0
#include "store/snapshots.hpp"

#include "os/directory.hpp"
#include "os/file_output.hpp"
#include "store/layout.hpp"
#include "store/own_file.hpp"
#include "store/random_number.hpp"
#include "store/run_id.hpp"

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

Error misnamed(const std::string& id, std::string path) {
  return {ErrorKind::invalid, "take the snapshot " + id + " for what it is named:", std::move(path),
          0};
}

constexpr std::uint64_t largest_archive = std::uint64_t{64} << 30;

// Ends at the first bytes that no archive begins with, and at more than one can have.
Result<void> copy_all(int from, const std::string& name, int to, const std::string& path) {
  static constexpr std::string_view magic = "\x28\xb5\x2f\xfd";  // zstd: RFC 8878, 3.1.1
  std::vector<char> room(std::size_t{256} << 10);
  std::string begin;
  std::uint64_t copied = 0;
  while (true) {
    const ssize_t got = ::read(from, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read", name);
    if (got == 0) return {};
    const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
    begin += bytes.substr(0, magic.size() - begin.size());
    if (!magic.starts_with(begin)) {
      return Error{ErrorKind::invalid,
                   "use " + name + ", which is damaged:", "it is not compressed by zstd", 0};
    }
    copied += bytes.size();
    if (copied > largest_archive) return system_error(EFBIG, "import", name);
    TRY(write_all(to, bytes, "write", path));
  }
}

}  // namespace

bool is_snapshot_id(std::string_view text) {
  static constexpr std::string_view form = "00000000T000000Z-ffff";
  return text.size() == form.size() && time_of_run_id(text) &&
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

Result<Manifest> Snapshots::manifest(const std::string& id) const {
  TRY_ASSIGN(const Fd file, open(id));
  const std::string path = directory_.path_of(name_of(id).c_str());
  TRY_ASSIGN(Manifest out, read_manifest(file.get(), path));
  if (out.id == id) return out;
  return misnamed(out.id, path);
}

Result<std::optional<Manifest>> Snapshots::manifest_of(SnapshotKind kind,
                                                       const std::string& id) const {
  TRY_ASSIGN(const Fd file, open(id));
  const std::string path = directory_.path_of(name_of(id).c_str());
  TRY_ASSIGN(std::optional<Manifest> out, read_manifest_of(kind, file.get(), path));
  if (!out || out->id == id) return out;
  return misnamed(out->id, path);
}

Result<std::optional<Manifest>> Snapshots::newest_accepted() const {
  TRY_ASSIGN(const std::vector<Generation> all, list());
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    Result<Manifest> found = manifest(it->id);
    if (!found.ok() && found.error().kind == ErrorKind::not_found) continue;  // pruned meanwhile
    if (!found.ok()) return found.error();
    if (found->kind == SnapshotKind::accepted) return std::optional(std::move(*found));
  }
  return std::optional<Manifest>();
}

Result<Sha256::Digest> Snapshots::read(const std::string& id, ArchiveVisitor& visitor) const {
  TRY_ASSIGN(const Fd file, open(id));
  return read_archive(file.get(), directory_.path_of(name_of(id).c_str()), visitor);
}

// Not every file system has files without names: then its name goes before anything is in it.
Result<Fd> Snapshots::scratch_file() const {
  Fd out(::openat(directory_.get(), ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
  if (out) return out;
  const std::string path = directory_.path_of(layout::scratch);
  if (errno != EOPNOTSUPP && errno != EISDIR) return system_error(errno, "create", path);
  out = Fd(::openat(directory_.get(), layout::scratch,
                    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out || ::unlinkat(directory_.get(), layout::scratch, 0) != 0) {
    return system_error(errno, "create", path);
  }
  return out;
}

Result<std::string> Snapshots::new_id(std::chrono::sys_seconds now) const {
  TRY_ASSIGN(const std::vector<Generation> all, list());
  const std::string newest = all.empty() ? "" : all.back().id;
  std::string stem = run_id_stem(now);
  if (newest > stem) stem = newest.substr(0, stem.size());
  auto id = next_run_id(stem, newest, random_number());
  // One that was taken in may be the last of its second, and of a time to come.
  const auto second = time_of_run_id(stem);
  if (!id && second) {
    id = next_run_id(run_id_stem(*second + std::chrono::seconds(1)), newest, random_number());
  }
  if (!id || !is_snapshot_id(*id))
    return system_error(EAGAIN, "find an id for a snapshot in", directory_.path());
  return std::move(*id);
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

namespace {

// After one of the last year that ids can have there is none that a new snapshot could have.
bool can_be_followed(const std::string& id) { return !id.starts_with("9999"); }

}  // namespace

Result<Snapshots::TakenIn> Snapshots::take_in(int from, const std::string& name,
                                              const SnapshotDigests& digests) {
  const std::string temporary = layout::import_name;
  const std::string path = directory_.path_of(temporary.c_str());
  (void)::unlinkat(directory_.get(), temporary.c_str(), 0);  // who holds the lock is alone
  const Fd file(::openat(directory_.get(), temporary.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_error(errno, "create", path);
  Result<TakenIn> taken = read_in(from, name, file.get(), path, digests);
  if (taken.ok() && taken->is_new) {
    const Result<void> placed = taken->heals ? replace_damaged(temporary, taken->manifest.id)
                                             : put_in_place(temporary, taken->manifest.id);
    if (placed.ok()) return taken;
    taken = placed.error();
  }
  (void)::unlinkat(directory_.get(), temporary.c_str(), 0);
  return taken;
}

Result<Snapshots::TakenIn> Snapshots::read_in(int from, const std::string& name, int file,
                                              const std::string& path,
                                              const SnapshotDigests& digests) const {
  TRY(copy_all(from, name, file, path));
  if (::lseek(file, 0, SEEK_SET) != 0) return system_error(errno, "read", path);
  KeepManifest read;
  TRY_ASSIGN(const Sha256::Digest digest, read_archive(file, name, read));
  TakenIn out{std::move(read.manifest), digest, false, false};
  if (!is_snapshot_id(out.manifest.id) || !can_be_followed(out.manifest.id)) {
    return Error{ErrorKind::invalid, "name a snapshot", out.manifest.id, 0};
  }
  TRY(sync_file(file, "sync", path));
  const Result<Fd> there = open(out.manifest.id);
  if (!there.ok() && there.error().kind == ErrorKind::not_found) {
    out.is_new = true;
    return out;
  }
  if (!there.ok()) return there.error();
  KeepManifest other;
  const Result<Sha256::Digest> old = read_archive(there->get(), out.manifest.id, other);
  if (old.ok() && *old == out.digest) return out;
  TRY_ASSIGN(const std::optional<RecordedDigests> recorded, digests.of(out.manifest.id));
  const bool as_written = recorded && recorded->archive == out.digest;
  if (as_written || (!old.ok() && !recorded)) {
    out.is_new = true;
    out.heals = true;
    return out;
  }
  return Error{ErrorKind::changed, "import, beside another snapshot of that id,", name, 0};
}

Result<Sha256::Digest> Snapshots::write(int file, const std::string& path, const Manifest& manifest,
                                        ContentSource& source) {
  TRY_ASSIGN(const Sha256::Digest digest, write_archive(file, path, manifest, source));
  TRY(sync_file(file, "sync", path));
  TRY(read_back(file, path, manifest, digest));
  return digest;
}

// The damaged one is there until the whole one is.
Result<void> Snapshots::replace_damaged(const std::string& name, const std::string& id) {
  const std::string to = name_of(id);
  if (::renameat(directory_.get(), name.c_str(), directory_.get(), to.c_str()) != 0) {
    return system_error(errno, "put in its place", directory_.path_of(to.c_str()));
  }
  return sync();
}

// No other generation is replaced.
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
  return sync_directory(directory_.get(), "sync", directory_.path());
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
    const std::string_view text = name;
    const bool left = is_left_over(text) || text == layout::scratch || text == layout::import_name;
    if (!left || ::unlinkat(directory_.get(), name, 0) == 0) return {};
    return system_error(errno, "remove", directory_.path_of(name));
  });
}

}  // namespace permward
