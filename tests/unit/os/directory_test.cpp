// SPDX-License-Identifier: Apache-2.0
#include "os/directory.hpp"

#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using permward::test::TempTree;

namespace {

// The kernel as it is and as an older one.
std::vector<Kernel> kernels() {
  std::vector<Kernel> out(2);
  out[1].pretend_no_openat2();
  out[1].pretend_no_getxattrat();
  return out;
}

Fd hold(const std::string& path) {
  Fd fd(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  REQUIRE(fd);
  return fd;
}

// Every name with the type that the listing gave, in the order of names.
template <std::size_t N>
std::vector<std::string> listed(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(fd);
  alignas(8) std::array<std::byte, N> buffer{};
  Listing listing(fd.get(), buffer);
  std::vector<std::string> out;
  for (;;) {
    const Result<std::optional<DirectoryEntry>> entry = listing.next();
    REQUIRE(entry.ok());
    if (!entry->has_value()) break;
    const std::optional<Type> type = (*entry)->type;
    out.push_back((*entry)->name + std::string(" ") + (type ? std::string(name(*type)) : "?"));
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool close_on_exec(const Fd& fd) { return (fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0; }

}  // namespace

TEST_CASE("a listing has every entry once, whatever the buffer holds") {
  TempTree tree;
  REQUIRE(listed<1024>(tree.root()).empty());
  std::vector<std::string> expected;
  for (int i = 0; i < 700; ++i) {
    const std::string name =
        std::string(static_cast<std::size_t>(1 + i % 250), 'n') + std::to_string(i);
    tree.file(name);
    expected.push_back(name + " file");
  }
  tree.file("..almost");
  tree.file(".hidden");
  tree.file("...");
  tree.directory("d");
  tree.symlink("l", "d");
  tree.fifo("p");
  for (const char* one :
       {"..almost file", ".hidden file", "... file", "d directory", "l symlink", "p fifo"}) {
    expected.emplace_back(one);
  }
  std::sort(expected.begin(), expected.end());
  REQUIRE(listed<1024>(tree.root()) == expected);
  REQUIRE(listed<65536>(tree.root()) == expected);
}

TEST_CASE("a listing of a directory that has been removed is not found - T105") {
  TempTree tree;
  const Fd fd(open(tree.directory("d").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(rmdir(tree.path("d").c_str()) == 0);
  alignas(8) std::array<std::byte, 1024> buffer{};
  Listing listing(fd.get(), buffer);
  const Result<std::optional<DirectoryEntry>> entry = listing.next();
  REQUIRE_FALSE(entry.ok());
  REQUIRE(entry.error().kind == ErrorKind::not_found);
}

TEST_CASE("a descriptor that cannot be listed is an error") {
  TempTree tree;
  const Fd fd = hold(tree.root());
  alignas(8) std::array<std::byte, 1024> buffer{};
  Listing listing(fd.get(), buffer);
  REQUIRE(listing.next().error().kind == ErrorKind::io);
}

TEST_CASE("only directories are opened and no link is followed - T01 T33") {
  TempTree tree;
  tree.directory("d/sub");
  tree.file("file");
  tree.fifo("fifo");
  tree.symlink("link", "d");
  tree.symlink("dangling", "nowhere");
  const Fd where = hold(tree.root());
  for (const Kernel& kernel : kernels()) {
    for (const auto& open : {open_directory, open_directory_to_search}) {
      INFO((open == open_directory ? "to list" : "to search"));
      const Result<Fd> d = open(kernel, where.get(), "d", Crossing::refused);
      REQUIRE(d.ok());
      REQUIRE(close_on_exec(*d));
      REQUIRE(open(kernel, d->get(), "sub", Crossing::refused).ok());
      for (const char* one : {"file", "fifo", "gone"}) {
        INFO(one);
        const Result<Fd> other = open(kernel, where.get(), one, Crossing::refused);
        REQUIRE_FALSE(other.ok());
        REQUIRE(other.error().kind == ErrorKind::not_found);
      }
      for (const char* one : {"link", "dangling"}) {
        INFO(one);
        const Result<Fd> other = open(kernel, where.get(), one, Crossing::refused);
        REQUIRE_FALSE(other.ok());
        // An older kernel calls a link no directory.
        REQUIRE((other.error().kind == ErrorKind::insecure_path ||
                 other.error().kind == ErrorKind::not_found));
      }
    }
  }
}

TEST_CASE("who may not list a directory may search it") {
  if (geteuid() == 0) SKIP_TEST("root may list everything");
  TempTree tree;
  tree.directory("d/sub");
  tree.chmod("d", 0311);
  const Fd where = hold(tree.root());
  for (const Kernel& kernel : kernels()) {
    REQUIRE(open_directory(kernel, where.get(), "d", Crossing::refused).error().kind ==
            ErrorKind::denied);
    const Result<Fd> d = open_directory_to_search(kernel, where.get(), "d", Crossing::refused);
    REQUIRE(d.ok());
    REQUIRE(open_directory(kernel, d->get(), "sub", Crossing::refused).ok());
  }
}

TEST_CASE("listing a directory leaves its access time alone") {
  TempTree tree;
  const std::string d = tree.directory("d");
  tree.file("d/f");
  const std::array<timespec, 2> old{timespec{1000, 0}, timespec{2000, 0}};
  REQUIRE(utimensat(AT_FDCWD, d.c_str(), old.data(), 0) == 0);
  const Kernel kernel;
  const Fd where = hold(tree.root());
  const Result<Fd> fd = open_directory(kernel, where.get(), "d", Crossing::refused);
  REQUIRE(fd.ok());
  alignas(8) std::array<std::byte, 1024> buffer{};
  Listing listing(fd->get(), buffer);
  while (listing.next()->has_value()) {
  }
  struct stat status {};
  REQUIRE(stat(d.c_str(), &status) == 0);
  REQUIRE(status.st_atim.tv_sec == 1000);
}

TEST_CASE("anything can be held and nothing is opened by it - T33 T68") {
  TempTree tree;
  tree.file("file", "", 0);
  tree.fifo("fifo");
  tree.symlink("link", "nowhere");
  tree.directory("d", 0);
  const Fd where = hold(tree.root());
  for (const Kernel& kernel : kernels()) {
    for (const char* one : {"file", "fifo", "link", "d"}) {
      INFO(one);
      const Result<Fd> held = take_hold(kernel, where.get(), one);
      REQUIRE(held.ok());
      REQUIRE(close_on_exec(*held));
      REQUIRE((fcntl(held->get(), F_GETFL) & O_PATH) != 0);
      struct stat by_name {};
      struct stat by_hold {};
      REQUIRE(fstatat(where.get(), one, &by_name, AT_SYMLINK_NOFOLLOW) == 0);
      REQUIRE(fstat(held->get(), &by_hold) == 0);
      REQUIRE(by_name.st_ino == by_hold.st_ino);
    }
    REQUIRE(take_hold(kernel, where.get(), "gone").error().kind == ErrorKind::not_found);
  }
  if (geteuid() == 0) tree.chmod("d", 0700);
}

TEST_CASE("the text of a held link is read whole") {
  TempTree tree;
  const Kernel kernel;
  const Fd where = hold(tree.root());
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{257}, std::size_t{4000}}) {
    const std::string text(length, 't');
    tree.symlink("l" + std::to_string(length), text);
    const Result<Fd> held = take_hold(kernel, where.get(), ("l" + std::to_string(length)).c_str());
    REQUIRE(held.ok());
    const Result<std::string> read = link_text(held->get());
    REQUIRE(read.ok());
    REQUIRE(*read == text);
  }
  tree.file("f");
  const Result<Fd> file = take_hold(kernel, where.get(), "f");
  REQUIRE_FALSE(link_text(file->get()).ok());
}

TEST_CASE("the root directory can be listed") {
  const Fd held(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Result<Fd> root = open_root_directory(held.get());
  REQUIRE(root.ok());
  REQUIRE(close_on_exec(*root));
  alignas(8) std::array<std::byte, 1024> buffer{};
  Listing listing(root->get(), buffer);
  REQUIRE(listing.next()->has_value());
}

TEST_CASE("inodes are found under the names that they have now - T105") {
  TempTree tree;
  struct stat status {};
  REQUIRE(stat(tree.file("d/before").c_str(), &status) == 0);
  tree.file("d/other");
  const Fd fd(open(tree.path("d").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(rename(tree.path("d/before").c_str(), tree.path("d/after").c_str()) == 0);
  const Kernel kernel;
  const auto names = [&] {
    const Result<InodeNames> found = find_inodes(kernel, fd.get(), {status.st_ino, 1});
    REQUIRE(found.ok());
    return *found;
  };
  REQUIRE(names() == InodeNames{{status.st_ino, "after"}});
  REQUIRE(unlink(tree.path("d/after").c_str()) == 0);
  REQUIRE(names().empty());
  REQUIRE(unlink(tree.path("d/other").c_str()) == 0);
  REQUIRE(rmdir(tree.path("d").c_str()) == 0);
  REQUIRE(names().empty());
}

TEST_CASE("a link is removed if it has one of the texts, and nothing else is") {
  TempTree tree;
  tree.file("f");
  tree.directory("d");
  for (const char* name : {"old", "new", "other"}) tree.symlink(name, name);
  const Fd fd(open(tree.path("").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto removed = [&](const char* name) {
    const Result<bool> out = remove_link(fd.get(), name, {"old", "new"});
    REQUIRE(out.ok());
    return *out;
  };
  for (const char* name : {"f", "d", "other", "gone"}) REQUIRE_FALSE(removed(name));
  for (const char* name : {"old", "new"}) {
    REQUIRE(removed(name));
    REQUIRE_FALSE(removed(name));
  }
  struct stat status {};
  for (const char* name : {"f", "d", "other"})
    REQUIRE(lstat(tree.path(name).c_str(), &status) == 0);
}
