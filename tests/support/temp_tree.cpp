// SPDX-License-Identifier: Apache-2.0
#include "support/temp_tree.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace permward::test {
namespace {

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

// Gives the owner his rights back, top down, so that an ordinary user can remove what a test
// locked.
void unlock(const std::filesystem::path& directory) {
  ::chmod(directory.c_str(), 0700);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.symlink_status(ignored).type() == std::filesystem::file_type::directory) {
      unlock(entry.path());
    }
  }
}

}  // namespace

TempTree::TempTree(std::string_view parent) {
  std::string base(parent);
  if (base.empty()) {
    const char* tmpdir = std::getenv("TMPDIR");
    base = tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/tmp";
  }
  root_ = std::filesystem::canonical(base).string() + "/permward-XXXXXX";
  require(mkdtemp(root_.data()) != nullptr, "mkdtemp " + root_);
}

TempTree::~TempTree() {
  std::error_code ignored;
  if (geteuid() != 0) unlock(root_);
  std::filesystem::remove_all(root_, ignored);
}

std::string TempTree::path(std::string_view relative) const {
  return root_ + '/' + std::string(relative);
}

void TempTree::make_parents(std::string_view relative) {
  for (auto slash = relative.find('/'); slash != std::string_view::npos;
       slash = relative.find('/', slash + 1)) {
    const std::string parent = path(relative.substr(0, slash));
    if (mkdir(parent.c_str(), 0755) == 0) {
      require(::chmod(parent.c_str(), 0755) == 0, "chmod " + parent);
    } else {
      require(errno == EEXIST, "mkdir " + parent);
    }
  }
}

std::string TempTree::file(std::string_view relative, std::string_view content, mode_t mode) {
  make_parents(relative);
  std::string name = path(relative);
  const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  require(fd >= 0, "create " + name);
  const ssize_t written = write(fd, content.data(), content.size());
  const bool done = written == static_cast<ssize_t>(content.size()) && fchmod(fd, mode) == 0;
  const int error = errno;
  close(fd);
  errno = error;
  require(done, "fill " + name);
  return name;
}

std::string TempTree::directory(std::string_view relative, mode_t mode) {
  make_parents(relative);
  std::string name = path(relative);
  require(mkdir(name.c_str(), 0700) == 0, "mkdir " + name);
  require(::chmod(name.c_str(), mode) == 0, "chmod " + name);
  return name;
}

std::string TempTree::symlink(std::string_view relative, std::string_view target) {
  make_parents(relative);
  std::string name = path(relative);
  require(::symlink(std::string(target).c_str(), name.c_str()) == 0, "symlink " + name);
  return name;
}

std::string TempTree::fifo(std::string_view relative, mode_t mode) {
  make_parents(relative);
  std::string name = path(relative);
  require(mkfifo(name.c_str(), 0600) == 0, "mkfifo " + name);
  require(::chmod(name.c_str(), mode) == 0, "chmod " + name);
  return name;
}

std::string TempTree::hard_link(std::string_view relative, std::string_view existing) {
  make_parents(relative);
  std::string name = path(relative);
  require(linkat(AT_FDCWD, path(existing).c_str(), AT_FDCWD, name.c_str(), 0) == 0, "link " + name);
  return name;
}

void TempTree::chmod(std::string_view relative, mode_t mode) {
  const std::string name = path(relative);
  if (std::filesystem::is_symlink(name)) throw std::invalid_argument("chmod of symlink " + name);
  require(::chmod(name.c_str(), mode) == 0, "chmod " + name);
}

void TempTree::chown(std::string_view relative, uid_t uid, gid_t gid) {
  const std::string name = path(relative);
  require(lchown(name.c_str(), uid, gid) == 0, "chown " + name);
}

std::string TempTree::read(std::string_view relative) const {
  const std::string name = path(relative);
  std::ifstream in(name, std::ios::binary);
  require(in.is_open(), "open " + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace permward::test
