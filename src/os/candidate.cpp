// SPDX-License-Identifier: Apache-2.0
#include "os/candidate.hpp"

#include "os/directory.hpp"
#include "os/file_output.hpp"
#include "os/names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/magic.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <vector>

namespace permward {
namespace {

// What is in a staging directory: of the caller's own making; and, from when names are exchanged
// on, perhaps what somebody else had put there.
constexpr const char* made_name = "new";
constexpr const char* exchanged_name = "old";
constexpr std::size_t copied_at_once = std::size_t{256} << 10;
constexpr mode_t of_others = 077;

// Of any descriptor of a directory.
Result<void> sync_names_in(int directory) {
  constexpr const char* doing = "sync the directory of";
  const Fd listed(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!listed) return system_error(errno, doing, "");
  return sync_directory(listed.get(), doing, "");
}

// A directory of the caller's that nobody else has a right to.
Result<bool> is_staging(int directory) {
  TRY_ASSIGN(const struct stat status, status_of(directory, making));
  return S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & of_others) == 0;
}

// Whether what was written to a file since is still to be told by its status.
bool as_before(const ToReplace& old) {
  const Result<struct stat> now = status_of(old.held, replacing);
  return now.ok() && static_cast<std::uint64_t>(now->st_size) == old.size &&
         now->st_mtim.tv_sec == old.modified.seconds &&
         now->st_mtim.tv_nsec == static_cast<long>(old.modified.nanoseconds);
}

}  // namespace

// A file that was synced while it had no name has to be there as a whole once it has one. btrfs
// logs nothing of a file without a name: that of Linux 6.1 has an empty one after a power cut, once
// its directory was synced. What lies below an overlay is not known.
bool makes_nameless(int directory) {
  struct statfs found {};
  if (::fstatfs(directory, &found) != 0) return false;
  constexpr std::array known = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, TMPFS_MAGIC};
  return std::find(known.begin(), known.end(), found.f_type) != known.end();
}

Result<Candidate> Candidate::in(const Kernel& kernel, int directory, std::string scratch) {
  Fd own(::fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (!own) return system_error(errno, making, "");
  return Candidate(kernel, std::move(own), std::move(scratch));
}

// An O_TMPFILE is made in the directory itself: its file system, project and subvolume are those of
// the name.
Result<Candidate> Candidate::file(const Kernel& kernel, int directory, std::string scratch,
                                  Place place) {
  const bool staged = place != Place::free || !makes_nameless(directory);
  TRY(names_may_change(directory, STATX_ATTR_IMMUTABLE | (staged ? STATX_ATTR_APPEND : 0),
                       place == Place::taken ? replacing : making));
  TRY_ASSIGN(Candidate out, in(kernel, directory, std::move(scratch)));
  if (!staged) {
    out.held_ = Fd(::openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (out.held_) return out;
    if (errno != EOPNOTSUPP && errno != EISDIR) return system_error(errno, making, "");
  }
  TRY(out.stage());
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  out.held_ = Fd(::openat(out.stage_.get(), made_name, flags, 0600));
  if (!out.held_) return system_error(errno, making, "");
  out.staged_ = made_name;
  return out;
}

Result<Candidate> Candidate::link(const Kernel& kernel, int directory, std::string scratch,
                                  const std::string& target) {
  TRY(names_may_change(directory, STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND, making));
  TRY_ASSIGN(Candidate out, in(kernel, directory, std::move(scratch)));
  TRY(out.stage());
  if (::symlinkat(target.c_str(), out.stage_.get(), made_name) != 0) {
    return system_error(errno, making, "");
  }
  out.staged_ = made_name;
  TRY_ASSIGN(out.held_, take_hold(kernel, out.stage_.get(), made_name));
  return out;
}

Candidate::~Candidate() {
  if (placed_) {
    if (stage_ && directory_) (void)sync_directory();
    (void)settle();
  } else {
    discard();
  }
}

void Candidate::discard() {
  if (stage_) clear_stage();
  held_.reset();
  directory_.reset();
}

Result<void> Candidate::stage() {
  if (::mkdirat(directory_.get(), scratch_.c_str(), 0700) != 0) return name_error(making);
  Result<Fd> made = take_hold(*kernel_, directory_.get(), scratch_.c_str());
  Result<bool> ours = made.ok() ? is_staging(made->get()) : made.error();
  // Another of root's may have been put there: nobody but root has put anything into the new one.
  if (ours.ok() && *ours) ours = is_empty(*kernel_, made->get(), Type::directory, no_entry);
  if (ours.ok() && *ours) {
    stage_ = std::move(*made);
    return {};
  }
  left_ = ::unlinkat(directory_.get(), scratch_.c_str(), AT_REMOVEDIR) != 0;
  if (!ours.ok()) return ours.error();
  return not_what_was_there(making);
}

std::string Candidate::staged_path() const {
  return stage_ ? scratch_ + '/' + made_name : std::string();
}

bool Candidate::has_staged_name() const {
  if (staged_ == nullptr) return false;
  const Result<bool> own = has_name(stage_.get(), staged_, held_.get(), replacing);
  return own.ok() && *own;
}

// What is in it is the old file or the new one: of both there is another copy.
void Candidate::clear_stage() {
  if (staged_ != nullptr) (void)::unlinkat(stage_.get(), staged_, 0);
  left_ = ::unlinkat(directory_.get(), scratch_.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT;
  stage_.reset();
}

void Candidate::keep_stage() {
  left_ = true;
  left_others_ = scratch_ + '/' + exchanged_name;
  stage_.reset();
}

Result<void> Candidate::fill(const Extent& from, const Sha256::Digest& digest) {
  std::vector<char> room(copied_at_once);
  Sha256 copied;
  std::uint64_t done = 0;
  while (done < from.size) {
    const auto wanted = std::min<std::uint64_t>(room.size(), from.size - done);
    const ssize_t got = ::pread(from.file, room.data(), static_cast<std::size_t>(wanted),
                                static_cast<off_t>(from.begin + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read the copy of", "");
    if (got == 0) break;
    const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
    TRY(write_all(held_.get(), bytes, "write", ""));
    copied.add(bytes);
    done += bytes.size();
  }
  if (done != from.size || copied.digest() != digest)
    return Error{ErrorKind::changed, "use the copy of", "", 0};
  const int reading = kernel_->open_to_read(held_.get());
  if (reading < 0) return system_error(-reading, "open", "");
  held_ = Fd(reading);
  return {};
}

void Candidate::begin_sync() { (void)::sync_file_range(held_.get(), 0, 0, SYNC_FILE_RANGE_WRITE); }

Result<void> Candidate::sync() { return sync_file(held_.get(), "sync", ""); }

Result<void> Candidate::take_place(const char* name, const ToReplace& old) {
  if (old.held < 0) {
    TRY(give_name(name));
    placed_ = true;
    return {};
  }
  if (!as_before(old)) return not_what_was_there(replacing);
  if (::renameat(stage_.get(), made_name, stage_.get(), exchanged_name) != 0) {
    return name_error(replacing);
  }
  staged_ = exchanged_name;
  TRY_ASSIGN(const bool taken,
             exchange_names(stage_.get(), exchanged_name, directory_.get(), name, old.held));
  if (!taken) {
    keep_stage();  // what is in it by now somebody else has put there
    return not_what_was_there(replacing);
  }
  if (!as_before(old)) {
    // What was written last, or what somebody has put there since: there is no other copy of it.
    const bool back =
        ::renameat2(stage_.get(), exchanged_name, directory_.get(), name, RENAME_EXCHANGE) == 0;
    const Result<bool> own = has_name(stage_.get(), exchanged_name, held_.get(), replacing);
    if (!back || !own.ok() || !*own) keep_stage();
    return not_what_was_there(replacing);
  }
  placed_ = true;
  return {};
}

Result<void> Candidate::give_name(const char* name) {
  if (!stage_) {
    if (::linkat(held_.get(), "", directory_.get(), name, AT_EMPTY_PATH) == 0) return {};
    return name_error(making);
  }
  int result = ::renameat2(stage_.get(), made_name, directory_.get(), name, RENAME_NOREPLACE);
  if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
    result = ::linkat(stage_.get(), made_name, directory_.get(), name, 0);
  }
  return result == 0 ? Result<void>() : name_error(making);
}

Result<void> Candidate::sync_directory() const { return sync_names_in(directory_.get()); }

Result<void> Candidate::settle() {
  if (!stage_) return {};
  Result<void> staged = sync_names_in(stage_.get());
  clear_stage();
  return staged;
}

// Who looks may have given up the id of who made it.
bool may_be_scratch(int directory, const char* name) {
  struct stat status {};
  if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
  const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
  return S_ISLNK(status.st_mode) ||
         (S_ISDIR(status.st_mode) && ours && (status.st_mode & of_others) == 0);
}

Result<bool> remove_staging(const Kernel& kernel, int directory, const char* scratch,
                            const HasCopy& has_copy) {
  const Result<Fd> held = take_hold(kernel, directory, scratch);
  if (!held.ok() && held.error().kind == ErrorKind::not_found) return false;
  if (!held.ok()) return held.error();
  TRY_ASSIGN(const bool staging, is_staging(held->get()));
  if (!staging) return false;
  constexpr const char* doing = "remove what was left in";
  const Result<Fd> exchanged = take_hold(kernel, held->get(), exchanged_name);
  if (!exchanged.ok() && exchanged.error().kind != ErrorKind::not_found) return exchanged.error();
  if (exchanged.ok() && !has_copy(exchanged->get())) {
    return Error{ErrorKind::changed, "remove what somebody else had put there, and is now in",
                 std::string(scratch) + '/' + exchanged_name, 0};
  }
  for (const char* const name : {made_name, exchanged_name}) {
    if (::unlinkat(held->get(), name, 0) != 0 && errno != ENOENT) {
      return system_error(errno, doing, "");
    }
  }
  if (::unlinkat(directory, scratch, AT_REMOVEDIR) == 0) return true;
  return system_error(errno, "remove", "");
}

}  // namespace permward
