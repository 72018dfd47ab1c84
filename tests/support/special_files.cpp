// SPDX-License-Identifier: Apache-2.0
#include "support/special_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace permward::test {
namespace {

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

}  // namespace

void make_socket(const std::string& path) {
  // An address holds few bytes: the way is gone first.
  const std::string::size_type slash = path.rfind('/');
  const int back = open(".", O_PATH | O_CLOEXEC);
  require(back >= 0 && chdir(path.substr(0, slash).c_str()) == 0, "enter the way to " + path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1, slash + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool bound =
      fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  close(fd);
  const bool returned = fchdir(back) == 0;
  close(back);
  errno = error;
  require(bound && returned, "bind " + path);
}

void make_every_type(TempTree& tree, const std::string& prefix) {
  tree.file(prefix + "file");
  tree.directory(prefix + "directory");
  tree.symlink(prefix + "symlink", "nowhere");
  tree.fifo(prefix + "fifo");
  make_socket(tree.path(prefix + "socket"));
  const auto device = [&](const char* name, mode_t type, dev_t number) {
    const std::string path = tree.path(prefix + name);
    require(mknod(path.c_str(), type | 0600, number) == 0, "mknod " + path);
  };
  device("char", S_IFCHR, makedev(1, 5));
  device("block", S_IFBLK, makedev(7, 250));
}

}  // namespace permward::test
