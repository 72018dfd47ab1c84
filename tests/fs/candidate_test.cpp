// SPDX-License-Identifier: Apache-2.0
// New files and links that take a name: what is there at each moment, and what is left.
#include "os/candidate.hpp"

#include "os/directory.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Place = Candidate::Place;
using Names = std::vector<std::string>;

constexpr const char* scratch = ".scratch";

Fd holding(const std::string& path) { return Fd(::open(path.c_str(), O_PATH | O_NOFOLLOW)); }

ToReplace as_it_is(const Fd& held) {
  struct stat status {};
  REQUIRE(::fstatat(held.get(), "", &status, AT_EMPTY_PATH) == 0);
  return {held.get(),
          {status.st_mtim.tv_sec, static_cast<std::uint32_t>(status.st_mtim.tv_nsec)},
          static_cast<std::uint64_t>(status.st_size)};
}

Names names_in(const std::string& directory) {
  Names out;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    out.push_back(entry.path().filename());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// A file of the test's own with that content.
struct Source {
  explicit Source(std::string_view text)
      : file(::memfd_create("source", MFD_CLOEXEC)), digest(Sha256().add(text).digest()) {
    REQUIRE(::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    extent = {file.get(), 0, text.size()};
  }
  Fd file;
  Extent extent;
  Sha256::Digest digest;
};

Candidate filled(const Kernel& kernel, const Fd& directory, Place place, const Source& source) {
  auto out = Candidate::file(kernel, directory.get(), scratch, place);
  REQUIRE(out.ok());
  REQUIRE(out->fill(source.extent, source.digest).ok());
  REQUIRE(out->sync().ok());
  return std::move(*out);
}

}  // namespace

TEST_CASE("a file that is to be there is there as a whole, and nothing beside it") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const Kernel kernel;
    const Source source("new content");
    const Fd directory = holding(mount.tree().root());
    for (const Place place : {Place::free, Place::free_and_staged}) {
      Candidate made = filled(kernel, directory, place, source);
      // Not every file system has all of what was synced without a name after a power cut.
      const bool nameless = file_system == FileSystem::ext4 || file_system == FileSystem::xfs ||
                            file_system == FileSystem::tmpfs;
      CHECK(made.staged_path().empty() == (nameless && place == Place::free));
      REQUIRE(made.take_place("a", {}).ok());
      REQUIRE(made.sync_directory().ok());
      REQUIRE(made.settle().ok());
      CHECK(mount.tree().read("a") == "new content");
      CHECK(names_in(mount.tree().root()) == Names{"a"});
      CHECK_FALSE(made.left_scratch());
      REQUIRE(::unlink(mount.path("a").c_str()) == 0);
    }
  }
}

TEST_CASE("what somebody has made meanwhile is never replaced") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const Kernel kernel;
    const Source source("new content");
    const Fd directory = holding(mount.tree().root());
    mount.tree().file("a", "of the administrator");
    for (const Place place : {Place::free, Place::free_and_staged}) {
      {
        Candidate made = filled(kernel, directory, place, source);
        const auto taken = made.take_place("a", {});
        REQUIRE_FALSE(taken.ok());
        CHECK(taken.error().kind == ErrorKind::changed);
        CHECK(taken.error().number == EEXIST);
      }
      CHECK(mount.tree().read("a") == "of the administrator");
      CHECK(names_in(mount.tree().root()) == Names{"a"});
    }
    auto link = Candidate::link(kernel, directory.get(), scratch, "target");
    REQUIRE(link.ok());
    CHECK_FALSE(link->take_place("a", {}).ok());
    CHECK(mount.tree().read("a") == "of the administrator");
  }
}

TEST_CASE("what is there is replaced in one step, whatever it is, and is gone then") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const Kernel kernel;
    const Source source("new content");
    const Fd directory = holding(mount.tree().root());
    for (const bool link : {false, true}) {
      if (link) {
        mount.tree().symlink("a", "elsewhere");
      } else {
        mount.tree().file("a", "old");
      }
      const Fd old = holding(mount.path("a"));
      Candidate made = filled(kernel, directory, Place::taken, source);
      CHECK(made.staged_path() == ".scratch/new");
      REQUIRE(made.take_place("a", as_it_is(old)).ok());
      CHECK(names_in(mount.tree().root()) == Names{".scratch", "a"});
      REQUIRE(made.sync_directory().ok());
      REQUIRE(made.settle().ok());
      CHECK(mount.tree().read("a") == "new content");
      CHECK(names_in(mount.tree().root()) == Names{"a"});
      auto back = Candidate::link(kernel, directory.get(), scratch, "target");
      REQUIRE(back.ok());
      const Fd replaced = holding(mount.path("a"));
      REQUIRE(back->take_place("a", as_it_is(replaced)).ok());
      REQUIRE(back->settle().ok());
      CHECK(std::filesystem::read_symlink(mount.path("a")) == "target");
      CHECK(names_in(mount.tree().root()) == Names{"a"});
      REQUIRE(::unlink(mount.path("a").c_str()) == 0);
    }
  }
}

TEST_CASE("what is not what was to be replaced keeps its name") {
  ImageMount mount(FileSystem::ext4);
  const Kernel kernel;
  const Source source("new content");
  const Fd directory = holding(mount.tree().root());
  mount.tree().file("a", "old");
  const Fd old = holding(mount.path("a"));
  {
    Candidate made = filled(kernel, directory, Place::taken, source);
    REQUIRE(::rename(mount.path("a").c_str(), mount.path("b").c_str()) == 0);
    mount.tree().file("a", "another");
    const auto taken = made.take_place("a", as_it_is(old));
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().kind == ErrorKind::changed);
  }
  CHECK(mount.tree().read("a") == "another");
  CHECK(mount.tree().read("b") == "old");
  CHECK(names_in(mount.tree().root()) == Names{"a", "b"});
}

TEST_CASE("what was written to since a copy was kept keeps its name") {
  ImageMount mount(FileSystem::ext4);
  const Kernel kernel;
  const Source source("new content");
  const Fd directory = holding(mount.tree().root());
  mount.tree().file("a", "old");
  const Fd old = holding(mount.path("a"));
  const ToReplace kept = as_it_is(old);
  {
    Candidate made = filled(kernel, directory, Place::taken, source);
    std::ofstream(mount.path("a")) << "newer";
    const auto taken = made.take_place("a", kept);
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().kind == ErrorKind::changed);
  }
  CHECK(mount.tree().read("a") == "newer");
  CHECK(names_in(mount.tree().root()) == Names{"a"});
}

TEST_CASE("bytes that are not those that were kept are no content") {
  ImageMount mount(FileSystem::tmpfs);
  const Kernel kernel;
  const Source source("new content");
  const Fd directory = holding(mount.tree().root());
  for (const Extent& wrong : {Extent{source.file.get(), 1, 10}, Extent{source.file.get(), 0, 10},
                              Extent{source.file.get(), 0, 12}}) {
    auto made = Candidate::file(kernel, directory.get(), scratch, Place::taken);
    REQUIRE(made.ok());
    const auto done = made->fill(wrong, source.digest);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::changed);
  }
  CHECK(names_in(mount.tree().root()).empty());
}

TEST_CASE("nobody can reach what is staged, and a name that is taken is left alone") {
  ImageMount mount(FileSystem::ext4);
  const Kernel kernel;
  const Fd directory = holding(mount.tree().root());
  {
    auto made = Candidate::file(kernel, directory.get(), scratch, Place::taken);
    REQUIRE(made.ok());
    struct stat facts {};
    REQUIRE(::stat(mount.path(scratch).c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0700);
    CHECK(facts.st_uid == 0);
  }
  mount.tree().file(scratch, "of somebody");
  const auto made = Candidate::file(kernel, directory.get(), scratch, Place::taken);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().kind == ErrorKind::changed);
  CHECK(mount.tree().read(scratch) == "of somebody");
}

TEST_CASE("what a killed process has staged goes, and nothing that only has the name") {
  ImageMount mount(FileSystem::ext4);
  const Kernel kernel;
  const Fd directory = holding(mount.tree().root());
  bool copied = true;
  const auto has_copy = [&copied](int /*held*/) { return copied; };
  const auto removed = [&] {
    const auto out = remove_staging(kernel, directory.get(), scratch, has_copy);
    REQUIRE(out.ok());
    return *out;
  };
  CHECK_FALSE(removed());
  mount.tree().file(".scratch/new", "half");
  mount.tree().chmod(scratch, 0700);
  CHECK(removed());
  CHECK(names_in(mount.tree().root()).empty());
  mount.tree().file(".scratch/old", "of somebody else");
  mount.tree().chmod(scratch, 0700);
  copied = false;
  const auto left = remove_staging(kernel, directory.get(), scratch, has_copy);
  REQUIRE_FALSE(left.ok());
  CHECK(left.error().kind == ErrorKind::changed);
  CHECK(mount.tree().read(".scratch/old") == "of somebody else");
  copied = true;
  CHECK(removed());
  mount.tree().directory(scratch, 0700);
  CHECK(removed());
  mount.tree().directory(scratch, 0755);
  CHECK_FALSE(removed());
  mount.tree().chmod(scratch, 0700);
  mount.tree().chown(scratch, 1001, 1001);
  CHECK_FALSE(removed());
  REQUIRE(::rmdir(mount.path(scratch).c_str()) == 0);
  mount.tree().symlink(scratch, "elsewhere");
  CHECK_FALSE(removed());
  CHECK(names_in(mount.tree().root()) == Names{scratch});
}

TEST_CASE("a program can be executed as soon as it is back") {
  ImageMount mount(FileSystem::tmpfs);
  const Kernel kernel;
  const Source source("#!/bin/sh\nexit 7\n");
  const Fd directory = holding(mount.tree().root());
  Candidate made = filled(kernel, directory, Place::free, source);
  REQUIRE(::fchmod(made.get(), 0755) == 0);
  REQUIRE(made.take_place("a", {}).ok());
  // The candidate is still held: nobody writes to it.
  CHECK(std::system(mount.path("a").c_str()) == 7 << 8);
}
