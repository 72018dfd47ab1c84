// SPDX-License-Identifier: Apache-2.0
#include "os/kernel.hpp"

#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace {

std::string working_directory() {
  std::array<char, PATH_MAX> path{};
  return getcwd(path.data(), path.size()) != nullptr ? path.data() : "none";
}

}  // namespace

TEST_CASE("an extended attribute is read by name and by hold, with and without the newer call") {
  TempTree tree;
  const std::string file = tree.file("f");
  if (setxattr(file.c_str(), "user.permward", "value", 5, 0) != 0) {
    REQUIRE(errno == EOPNOTSUPP);  // /tmp keeps none
    return;
  }
  tree.symlink("l", "f");
  const Fd where(open(tree.root().c_str(), O_PATH | O_CLOEXEC));
  const Fd held(open(file.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const Fd link(open(tree.path("l").c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  for (const bool old_kernel : {false, true}) {
    // A thread of its own may move its working directory.
    std::thread([&] {
      REQUIRE(separate_working_directory());
      Kernel kernel;
      if (old_kernel) kernel.pretend_no_getxattrat();
      std::array<std::byte, 16> buffer{};
      if (kernel.has_getxattrat()) {
        REQUIRE(kernel.xattr_at(where.get(), "f", "user.permward", buffer) == 5);
        REQUIRE(std::memcmp(buffer.data(), "value", 5) == 0);
        REQUIRE(kernel.xattr_at(where.get(), "f", "user.none", buffer) == -ENODATA);
        REQUIRE(kernel.xattr_at(where.get(), "gone", "user.permward", buffer) == -ENOENT);
        // Of the link itself, which has none.
        REQUIRE(kernel.xattr_at(where.get(), "l", "user.permward", buffer) < 0);
      }
      buffer.fill(std::byte{0});
      REQUIRE(kernel.xattr_of(held.get(), "user.permward", buffer) == 5);
      REQUIRE(std::memcmp(buffer.data(), "value", 5) == 0);
      REQUIRE(kernel.xattr_of(held.get(), "user.none", buffer) == -ENODATA);
      REQUIRE(kernel.xattr_of(held.get(), "user.permward", std::span(buffer).first(4)) == -ERANGE);
      // What the held link is, is not looked for behind it.
      REQUIRE(kernel.xattr_of(link.get(), "user.permward", buffer) < 0);
      REQUIRE(kernel.xattr_of(-1, "user.permward", buffer) < 0);
    }).join();
  }
}

TEST_CASE(
    "an extended attribute is set, listed and removed by hold, without any of the newer calls") {
  TempTree tree;
  const std::string file = tree.file("f");
  const Fd held(open(file.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  std::array<std::byte, 5> value{};
  std::memcpy(value.data(), "value", value.size());
  for (unsigned absent = 0; absent < 8; ++absent) {  // each by itself: a filter may refuse just one
    std::thread([&] {
      REQUIRE(separate_working_directory());
      Kernel kernel;
      if ((absent & 1) != 0) kernel.pretend_no_setxattrat();
      if ((absent & 2) != 0) kernel.pretend_no_removexattrat();
      if ((absent & 4) != 0) kernel.pretend_no_listxattrat();
      const int set = kernel.set_xattr_of(held.get(), "user.permward", value);
      if (set == -EOPNOTSUPP) return;  // /tmp keeps none
      REQUIRE(set == 0);
      std::array<char, 16> buffer{};
      REQUIRE(getxattr(file.c_str(), "user.permward", buffer.data(), buffer.size()) == 5);
      REQUIRE(std::string(buffer.data()) == "value");
      std::array<char, 4096> names{};
      const long length = kernel.xattr_names_of(held.get(), names);
      REQUIRE(length > 0);
      const std::string listed(names.data(), static_cast<std::size_t>(length));
      REQUIRE(listed.find(std::string("user.permward", 14)) != listed.npos);
      REQUIRE(kernel.xattr_names_of(-1, names) < 0);
      REQUIRE(kernel.set_xattr_of(-1, "user.permward", value) < 0);
      REQUIRE(kernel.remove_xattr_of(-1, "user.permward") < 0);
      REQUIRE(kernel.remove_xattr_of(held.get(), "user.permward") == 0);
      REQUIRE(kernel.remove_xattr_of(held.get(), "user.permward") == -ENODATA);
    }).join();
  }
}

TEST_CASE("the mode of what is held is set, with and without the newer call") {
  TempTree tree;
  const std::string file = tree.file("f");
  const Fd held(open(file.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const Fd opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  for (const bool old_kernel : {false, true}) {
    Kernel kernel;
    if (old_kernel) kernel.pretend_no_fchmodat2();
    unsigned mode = 0600;
    for (const int descriptor : {held.get(), opened.get()}) {
      REQUIRE(kernel.set_mode_of(descriptor, ++mode) == 0);
      struct stat status {};
      REQUIRE(stat(file.c_str(), &status) == 0);
      REQUIRE((status.st_mode & 07777) == mode);
    }
    REQUIRE(kernel.set_mode_of(-1, 0600) < 0);
  }
}

TEST_CASE("a thread that moves its working directory moves nobody else's") {
  const std::string before = working_directory();
  TempTree tree;
  std::thread([&] {
    const MovableWorkingDirectory movable;
    REQUIRE(chdir(tree.root().c_str()) == 0);
    REQUIRE(working_directory() == tree.root());
  }).join();
  REQUIRE(working_directory() == before);
}

TEST_CASE("the procfs that is trusted is one") {
  const Kernel kernel;
  REQUIRE(kernel.procfs() >= 0);
  std::array<char, 64> target{};
  REQUIRE(readlinkat(kernel.procfs(), "self", target.data(), target.size()) > 0);
  REQUIRE(target.data() == std::to_string(getpid()));
}
