// SPDX-License-Identifier: Apache-2.0
#include "os/kernel.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace permward {
namespace {

// Numbers that all architectures share (since 5.0 new calls get one number); glibc 2.36 lacks some.
constexpr long openat2_call = 437;
constexpr long fchmodat2_call = 452;
constexpr long setxattrat_call = 463;
constexpr long getxattrat_call = 464;
constexpr long listxattrat_call = 465;
constexpr long removexattrat_call = 466;
constexpr long fsopen_call = 430;
constexpr long fsconfig_call = 431;
constexpr long fsmount_call = 432;

constexpr unsigned fsconfig_set_string = 1;
constexpr unsigned fsconfig_create = 6;
constexpr unsigned long procfs_root_inode = 1;
constexpr int tries_after_eagain = 8;

// struct open_how of openat2(2).
struct OpenHow {
  std::uint64_t flags;
  std::uint64_t mode;
  std::uint64_t resolve;
};

// struct xattr_args of getxattrat(2) and setxattrat(2).
struct XattrArguments {
  alignas(8) std::uint64_t value;
  std::uint32_t size;
  std::uint32_t flags;
};

bool absent(int error) { return error == ENOSYS || error == EPERM; }

bool probe_openat2() {
  OpenHow how{O_PATH | O_CLOEXEC, 0, 0};
  const long fd = ::syscall(openat2_call, AT_FDCWD, "/", &how, sizeof how);
  if (fd >= 0) (void)::close(static_cast<int>(fd));
  return fd >= 0 || !absent(errno);
}

bool probe_getxattrat() {
  XattrArguments arguments{0, 0, 0};
  const long got = ::syscall(getxattrat_call, -1, "x", 0, "user.x", &arguments, sizeof arguments);
  return got >= 0 || !absent(errno);
}

bool probe_setxattrat() {
  XattrArguments arguments{0, 0, 0};
  return ::syscall(setxattrat_call, -1, "x", 0, "user.x", &arguments, sizeof arguments) == 0 ||
         !absent(errno);
}

bool probe_removexattrat() {
  return ::syscall(removexattrat_call, -1, "x", 0, "user.x") == 0 || !absent(errno);
}

bool probe_listxattrat() {
  return ::syscall(listxattrat_call, -1, "x", 0, nullptr, 0) >= 0 || !absent(errno);
}

bool probe_fchmodat2() { return ::syscall(fchmodat2_call, -1, "x", 0, 0) == 0 || !absent(errno); }

// The magic link to what a descriptor holds, as a name in a procfs.
using DescriptorLink = std::array<char, 32>;
DescriptorLink link_to(int descriptor) {
  DescriptorLink link{};
  std::snprintf(link.data(), link.size(), "self/fd/%d", descriptor);
  return link;
}

int done_or_error(long result) { return result == 0 ? 0 : -errno; }

bool is_procfs(int fd) {
  struct statfs about {};
  struct stat status {};
  return ::fstatfs(fd, &about) == 0 && about.f_type == PROC_SUPER_MAGIC &&
         ::fstat(fd, &status) == 0 && status.st_ino == procfs_root_inode;
}

// A mount of our own cannot be overlaid by anybody. Needs CAP_SYS_ADMIN over the PID namespace.
Fd private_procfs() {
  Fd context(static_cast<int>(::syscall(fsopen_call, "proc", 1 /* FSOPEN_CLOEXEC */)));
  if (!context) return {};
  // Nothing of /proc but the processes is needed; kernels before 5.8 do not know the option.
  (void)::syscall(fsconfig_call, context.get(), fsconfig_set_string, "subset", "pid", 0);
  if (::syscall(fsconfig_call, context.get(), fsconfig_create, nullptr, nullptr, 0) != 0) return {};
  Fd mount(static_cast<int>(::syscall(fsmount_call, context.get(), 1 /* FSMOUNT_CLOEXEC */,
                                      0xf /* RO NOSUID NODEV NOEXEC */)));
  return mount && is_procfs(mount.get()) ? std::move(mount) : Fd();
}

Fd usual_procfs() {
  Fd fd(::open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return fd && is_procfs(fd.get()) ? std::move(fd) : Fd();
}

}  // namespace

Kernel::Kernel()
    : procfs_(private_procfs()),
      has_openat2_(probe_openat2()),
      has_getxattrat_(probe_getxattrat()),
      has_setxattrat_(probe_setxattrat()),
      has_removexattrat_(probe_removexattrat()),
      has_listxattrat_(probe_listxattrat()),
      has_fchmodat2_(probe_fchmodat2()) {
  if (!procfs_) procfs_ = usual_procfs();
  unmapped_ids_ = read_unmapped_ids(procfs_.get());
}

int Kernel::open_at(int directory, const char* name, int flags, std::uint64_t resolve) const {
  if (!has_openat2_) {
    const int fd = ::openat(directory, name, flags | O_NOFOLLOW);
    return fd >= 0 ? fd : -errno;
  }
  OpenHow how{static_cast<std::uint64_t>(static_cast<unsigned>(flags)), 0, resolve};
  for (int tries = 0;; ++tries) {
    const long fd = ::syscall(openat2_call, directory, name, &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    if ((errno != EAGAIN && errno != EINTR) || tries == tries_after_eagain) return -errno;
  }
}

long Kernel::xattr_at(int directory, const char* name, const char* attribute,
                      std::span<std::byte> buffer) const {
  XattrArguments arguments{reinterpret_cast<std::uint64_t>(buffer.data()),
                           static_cast<std::uint32_t>(buffer.size()), 0};
  const long got = ::syscall(getxattrat_call, directory, name, AT_SYMLINK_NOFOLLOW, attribute,
                             &arguments, sizeof arguments);
  return got >= 0 ? got : -errno;
}

long Kernel::xattr_of(int descriptor, const char* attribute, std::span<std::byte> buffer) const {
  if (!procfs_) return -EBADF;
  const DescriptorLink link = link_to(descriptor);
  if (has_getxattrat_) {
    // The magic link is followed: AT_SYMLINK_NOFOLLOW would read the link's own attributes.
    XattrArguments arguments{reinterpret_cast<std::uint64_t>(buffer.data()),
                             static_cast<std::uint32_t>(buffer.size()), 0};
    const long got = ::syscall(getxattrat_call, procfs_.get(), link.data(), 0, attribute,
                               &arguments, sizeof arguments);
    return got >= 0 ? got : -errno;
  }
  if (const int moved = move_to(procfs_.get()); moved != 0) return moved;
  const ssize_t got = ::getxattr(link.data(), attribute, buffer.data(), buffer.size());
  return got >= 0 ? got : -errno;
}

int Kernel::set_mode_of(int descriptor, unsigned mode) const {
  if (has_fchmodat2_) {
    return done_or_error(::syscall(fchmodat2_call, descriptor, "", mode, AT_EMPTY_PATH));
  }
  if (!procfs_) return -EBADF;
  return done_or_error(::fchmodat(procfs_.get(), link_to(descriptor).data(), mode, 0));
}

int Kernel::set_xattr_of(int descriptor, const char* attribute,
                         std::span<const std::byte> value) const {
  if (!procfs_) return -EBADF;
  const DescriptorLink link = link_to(descriptor);
  if (has_setxattrat_) {
    XattrArguments arguments{reinterpret_cast<std::uint64_t>(value.data()),
                             static_cast<std::uint32_t>(value.size()), 0};
    return done_or_error(::syscall(setxattrat_call, procfs_.get(), link.data(), 0, attribute,
                                   &arguments, sizeof arguments));
  }
  if (const int moved = move_to(procfs_.get()); moved != 0) return moved;
  return done_or_error(::setxattr(link.data(), attribute, value.data(), value.size(), 0));
}

int Kernel::remove_xattr_of(int descriptor, const char* attribute) const {
  if (!procfs_) return -EBADF;
  const DescriptorLink link = link_to(descriptor);
  if (has_removexattrat_) {
    return done_or_error(::syscall(removexattrat_call, procfs_.get(), link.data(), 0, attribute));
  }
  if (const int moved = move_to(procfs_.get()); moved != 0) return moved;
  return done_or_error(::removexattr(link.data(), attribute));
}

long Kernel::xattr_names_of(int descriptor, std::span<char> buffer) const {
  if (!procfs_) return -EBADF;
  const DescriptorLink link = link_to(descriptor);
  if (has_listxattrat_) {
    const long got =
        ::syscall(listxattrat_call, procfs_.get(), link.data(), 0, buffer.data(), buffer.size());
    return got >= 0 ? got : -errno;
  }
  if (const int moved = move_to(procfs_.get()); moved != 0) return moved;
  const ssize_t got = ::listxattr(link.data(), buffer.data(), buffer.size());
  return got >= 0 ? got : -errno;
}

int Kernel::no_access_time() const { return access_times_move_.get() ? 0 : O_NOATIME; }

bool Kernel::refused_access_time(int flags, int error) const {
  const bool refused = error == EPERM && (flags & O_NOATIME) != 0;
  if (refused) access_times_move_.set();
  return refused;
}

int Kernel::open_to_read(int descriptor) const {
  if (!procfs_) return -EBADF;
  const DescriptorLink link = link_to(descriptor);
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | no_access_time();
  const int fd = ::openat(procfs_.get(), link.data(), flags);
  if (fd >= 0) return fd;
  const int error = errno;
  return refused_access_time(flags, error) ? open_to_read(descriptor) : -error;
}

long Kernel::inode_flags_of(int descriptor) const {
  const int opened = open_to_read(descriptor);
  if (opened < 0) return opened;
  const Fd fd(opened);
  // The kernel writes an int, whatever the name of the call says (ioctl_iflags(2)).
  unsigned flags = 0;
  return ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0 ? static_cast<long>(flags) : -errno;
}

int Kernel::change_inode_flags_of(int descriptor, unsigned set, unsigned clear) const {
  const int opened = open_to_read(descriptor);
  if (opened < 0) return opened;
  const Fd fd(opened);
  unsigned before = 0;
  if (::ioctl(fd.get(), FS_IOC_GETFLAGS, &before) != 0) return -errno;
  unsigned after = (before & ~clear) | set;
  return after == before ? 0 : done_or_error(::ioctl(fd.get(), FS_IOC_SETFLAGS, &after));
}

namespace {

thread_local Whereabouts moves = 1;

}  // namespace

int move_to(int directory) {
  ++moves;
  return done_or_error(::fchdir(directory));
}

Whereabouts whereabouts() { return moves; }

bool separate_working_directory() { return ::unshare(CLONE_FS) == 0; }

MovableWorkingDirectory::MovableWorkingDirectory() {
  if (separate_working_directory()) return;
  before_.reset(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

MovableWorkingDirectory::~MovableWorkingDirectory() {
  if (before_) (void)move_to(before_.get());
}

}  // namespace permward
