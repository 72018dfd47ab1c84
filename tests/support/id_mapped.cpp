// SPDX-License-Identifier: Apache-2.0
#include "support/id_mapped.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace permward::test {
namespace {

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

bool write_file(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done =
      fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return done;
}

// A descriptor of one that a child has made and that outlives it. `map`: of user_namespaces(7).
int user_namespace(const std::string& map) {
  std::array<int, 2> ready{};
  std::array<int, 2> done{};
  require(pipe2(ready.data(), O_CLOEXEC) == 0 && pipe2(done.data(), O_CLOEXEC) == 0, "pipe");
  const pid_t child = fork();
  require(child >= 0, "fork");
  char byte = 0;
  if (child == 0) {
    close(done[1]);
    byte = unshare(CLONE_NEWUSER) == 0 ? 'y' : 'n';
    (void)!write(ready[1], &byte, 1);
    (void)!read(done[0], &byte, 1);
    _exit(0);
  }
  close(ready[1]);
  close(done[0]);
  const std::string process = "/proc/" + std::to_string(child);
  int out = -1;
  if (read(ready[0], &byte, 1) == 1 && byte == 'y' && write_file(process + "/uid_map", map) &&
      write_file(process + "/gid_map", map)) {
    out = open((process + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC);
  }
  const int error = errno;
  close(done[1]);
  close(ready[0]);
  (void)waitpid(child, nullptr, 0);
  errno = error;
  require(out >= 0, "make a user namespace");
  return out;
}

}  // namespace

IdMapped::IdMapped(const std::string& source, std::string point, unsigned shift)
    : point_(std::move(point)) {
  const int names = user_namespace("0 " + std::to_string(shift) + " 1000\n");
  const int tree = open_tree(AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  struct mount_attr attributes {};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<unsigned>(names);
  const bool mounted =
      tree >= 0 && mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0 &&
      move_mount(tree, "", AT_FDCWD, point_.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0;
  const int error = errno;
  close(names);
  close(tree);
  errno = error;
  require(mounted, "map the ids of " + source);
}

IdMapped::~IdMapped() { (void)umount2(point_.c_str(), MNT_DETACH); }

}  // namespace permward::test
