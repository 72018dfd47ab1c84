// SPDX-License-Identifier: Apache-2.0
#include "os/root.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace permward {
namespace {

Result<Fd> hold_directory(const std::string& path) {
  Fd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open directory", path);
  return fd;
}

Result<struct statx> identity_of(int fd, const std::string& path) {
  struct statx out {};
  if (::statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO | STATX_MNT_ID, &out) != 0) {
    return system_error(errno, "look at", path);
  }
  return out;
}

bool same_place(const struct statx& a, const struct statx& b) {
  return a.stx_mnt_id == b.stx_mnt_id && a.stx_dev_major == b.stx_dev_major &&
         a.stx_dev_minor == b.stx_dev_minor && a.stx_ino == b.stx_ino;
}

}  // namespace

Result<Root> Root::host() {
  TRY_ASSIGN(Fd fd, hold_directory("/"));
  return Root(std::move(fd), "/", false);
}

Result<Root> Root::open(const std::string& path, PolicyTrust& way) {
  TRY_ASSIGN(const OpenedPolicy walked, way.open(path));
  if (walked.type != Type::directory) return system_error(ENOTDIR, "open directory", path);
  TRY_ASSIGN(Fd fd, hold_directory(path));
  TRY_ASSIGN(const struct statx judged, identity_of(walked.fd.get(), path));
  TRY_ASSIGN(const struct statx led_to, identity_of(fd.get(), path));
  // What was judged is what the names of links say; the kernel goes elsewhere by a magic one.
  if (!same_place(judged, led_to)) {
    return Error{ErrorKind::insecure_path, "take for a root what a magic link leads to,", path, 0};
  }
  return Root(std::move(fd), path, true);
}

}  // namespace permward
