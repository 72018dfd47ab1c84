// SPDX-License-Identifier: Apache-2.0
//
// The system calls that this C library has no name for, whether the running kernel has them, and a
// procfs that can be trusted. Layer `os`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "os/unmapped_ids.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace permward {

// openat2(2)'s resolve flags that are asked for here.
struct Resolve {
  static constexpr std::uint64_t no_links = 0x02 | 0x04;  // RESOLVE_NO_MAGICLINKS, NO_SYMLINKS
  static constexpr std::uint64_t no_mount = 0x01;         // RESOLVE_NO_XDEV
};

// One bit that threads may set.
class SharedFlag {
 public:
  SharedFlag() = default;
  SharedFlag(SharedFlag&& other) noexcept : set_(other.get()) {}
  SharedFlag& operator=(SharedFlag&& other) noexcept {
    set_.store(other.get(), std::memory_order_relaxed);
    return *this;
  }
  void set() { set_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool get() const { return set_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> set_{false};
};

// Probed once, then shared by all threads; every member function may be called from any of them.
// A probe that answers ENOSYS or EPERM means "absent": seccomp filters of containers give either.
class Kernel {
 public:
  Kernel();

  [[nodiscard]] bool has_openat2() const { return has_openat2_; }
  [[nodiscard]] bool has_getxattrat() const { return has_getxattrat_; }

  // openat2(2). EAGAIN, which a rename somewhere may cause, is tried again a few times. Where the
  // kernel has no openat2, openat(2) with O_NOFOLLOW: `name` must then be one component. Returns
  // the descriptor, or -errno.
  [[nodiscard]] int open_at(int directory, const char* name, int flags,
                            std::uint64_t resolve) const;

  // getxattrat(2) (Linux 6.13) without following a link in `name`. Returns the length, or -errno.
  // Only where `has_getxattrat`.
  [[nodiscard]] long xattr_at(int directory, const char* name, const char* attribute,
                              std::span<std::byte> buffer) const;

  // The same of any descriptor, O_PATH ones too, through self/fd of the trusted procfs; -EBADF
  // where there is none. Where the kernel has no getxattrat the thread's working directory is
  // moved: call it only in threads that have one of their own.
  [[nodiscard]] long xattr_of(int descriptor, const char* attribute,
                              std::span<std::byte> buffer) const;

  // The mode of any descriptor's object, O_PATH ones too: fchmodat2(2) (Linux 6.6), elsewhere
  // fchmodat(2) through self/fd of the trusted procfs, -EBADF where there is none. Never of a
  // symlink: kernels differ over what that does. Returns 0, or -errno.
  [[nodiscard]] int set_mode_of(int descriptor, unsigned mode) const;

  // setxattrat(2) and removexattrat(2) (Linux 6.13) of any descriptor's object, through self/fd of
  // the trusted procfs; -EBADF where there is none. Where the kernel has them not the thread's
  // working directory is moved: call them only in threads that have one of their own. Return 0, or
  // -errno.
  [[nodiscard]] int set_xattr_of(int descriptor, const char* attribute,
                                 std::span<const std::byte> value) const;
  [[nodiscard]] int remove_xattr_of(int descriptor, const char* attribute) const;

  // The names of all extended attributes of any descriptor's object, each with a NUL after it:
  // listxattrat(2) (Linux 6.13), elsewhere listxattr(2) from a working directory that is moved, as
  // above. Returns the length, or -errno.
  [[nodiscard]] long xattr_names_of(int descriptor, std::span<char> buffer) const;

  // O_NOATIME, or 0 once that was refused to this process: it is for whoever owns a file, or has
  // CAP_FOWNER (open(2)), and a refusal costs a call each time.
  [[nodiscard]] int no_access_time() const;
  // Takes note of an open(2) with `flags` that failed with `error`. True: try again, without.
  [[nodiscard]] bool refused_access_time(int flags, int error) const;

  // The file or directory behind any descriptor, open for reading through self/fd, and its access
  // time left alone where the caller may. Never of FIFOs and devices, which act on it. Returns the
  // new descriptor, or -errno: -EWOULDBLOCK where another process holds a write lease.
  [[nodiscard]] int open_to_read(int descriptor) const;

  // The inode flags of chattr(1) (`FS_*_FL` of linux/fs.h) of a file or directory, which is opened
  // for reading. Returns them, or -errno: -ENOTTY or -EOPNOTSUPP where the file system keeps none,
  // or those of `open_to_read`.
  [[nodiscard]] long inode_flags_of(int descriptor) const;

  // Sets and clears some of them, of a file or directory, which is opened for reading; the others
  // stay as they are, and where nothing is to be changed nothing is written. A file system may
  // leave out in silence what it does not keep. Returns 0, or -errno: those of `inode_flags_of`.
  [[nodiscard]] int change_inode_flags_of(int descriptor, unsigned set, unsigned clear) const;

  // The root of a procfs of our own (fsopen(2)), or /proc where it proved to be one; none: no
  // descriptor.
  [[nodiscard]] int procfs() const { return procfs_.get(); }

  [[nodiscard]] const UnmappedIds& unmapped_ids() const { return unmapped_ids_; }

  // For tests and for what plays an older kernel: as if the call were absent.
  void pretend_no_openat2() { has_openat2_ = false; }
  void pretend_no_getxattrat() { has_getxattrat_ = false; }
  void pretend_no_setxattrat() { has_setxattrat_ = false; }
  void pretend_no_removexattrat() { has_removexattrat_ = false; }
  void pretend_no_listxattrat() { has_listxattrat_ = false; }
  void pretend_no_fchmodat2() { has_fchmodat2_ = false; }
  void pretend_unmapped(const UnmappedIds& ids) { unmapped_ids_ = ids; }

 private:
  Fd procfs_;
  UnmappedIds unmapped_ids_;
  mutable SharedFlag access_times_move_;
  bool has_openat2_ = false;
  bool has_getxattrat_ = false;
  bool has_setxattrat_ = false;
  bool has_removexattrat_ = false;
  bool has_listxattrat_ = false;
  bool has_fchmodat2_ = false;
};

// Gives the calling thread a working directory of its own, so that moving it is seen by no other
// thread. False where that is refused.
[[nodiscard]] bool separate_working_directory();

// Makes `directory` the calling thread's working directory; nothing else in the program moves one.
// Returns 0, or -errno.
[[nodiscard]] int move_to(int directory);

// Another number after each time that the calling thread's working directory was moved, never 0: by
// it somebody who has moved it knows whether it is still there.
using Whereabouts = std::uint64_t;
[[nodiscard]] Whereabouts whereabouts();

// While it is there, the calling thread may move its working directory. No other thread sees it,
// or, where one of its own is refused, all do until this goes.
class MovableWorkingDirectory {
 public:
  MovableWorkingDirectory();
  ~MovableWorkingDirectory();
  MovableWorkingDirectory(const MovableWorkingDirectory&) = delete;
  MovableWorkingDirectory& operator=(const MovableWorkingDirectory&) = delete;

 private:
  Fd before_;  // where it cannot be moved alone
};

}  // namespace permward
