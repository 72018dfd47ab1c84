// SPDX-License-Identifier: Apache-2.0
#include "os/report_file.hpp"

#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace fs = std::filesystem;

namespace {

std::size_t entries(const TempTree& tree) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(tree.root()), fs::directory_iterator()));
}

ReportFile opened(const std::string& path) {
  auto file = ReportFile::open(path);
  REQUIRE(file.ok());
  return std::move(*file);
}

}  // namespace

TEST_CASE("T32 a report file is 0600 whatever the umask, and whole when it appears") {
  TempTree tree;
  const mode_t before = ::umask(0);
  ReportFile file = opened(tree.path("report"));
  REQUIRE(entries(tree) == 0);
  file.write("first ");
  file.write(std::string(200'000, 'x'));
  REQUIRE_FALSE(fs::exists(tree.path("report")));
  REQUIRE(file.commit().ok());
  ::umask(before);
  REQUIRE(tree.read("report") == "first " + std::string(200'000, 'x'));
  struct stat facts {};
  REQUIRE(::lstat(tree.path("report").c_str(), &facts) == 0);
  REQUIRE((facts.st_mode & 07777) == 0600);
  REQUIRE(entries(tree) == 1);
}

TEST_CASE("the file before stays until the new one is whole, and is replaced, not written into") {
  TempTree tree;
  tree.file("report", "old", 0644);
  tree.hard_link("other name", "report");
  {
    ReportFile abandoned = opened(tree.path("report"));
    abandoned.write(std::string(200'000, 'x'));
    REQUIRE(entries(tree) == 3);
  }
  REQUIRE(entries(tree) == 2);
  REQUIRE(tree.read("report") == "old");
  ReportFile file = opened(tree.path("report"));
  file.write("new");
  REQUIRE(file.commit().ok());
  REQUIRE(tree.read("report") == "new");
  REQUIRE(tree.read("other name") == "old");
}

TEST_CASE("an empty report is an empty file") {
  TempTree tree;
  REQUIRE(opened(tree.path("report")).commit().ok());
  REQUIRE(tree.read("report").empty());
}

TEST_CASE("of a symlink the link is replaced, never what it leads to") {
  TempTree tree;
  tree.file("victim", "precious");
  tree.symlink("report", "victim");
  tree.symlink("device", "/dev/null");
  for (const char* name : {"report", "device"}) {
    ReportFile file = opened(tree.path(name));
    file.write("new");
    REQUIRE(file.commit().ok());
    REQUIRE(fs::is_regular_file(fs::symlink_status(tree.path(name))));
  }
  REQUIRE(tree.read("victim") == "precious");
}

TEST_CASE("a FIFO is written into and stays one") {
  TempTree tree;
  const std::string path = tree.fifo("report");
  std::string read;
  std::thread reader([&] {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    char buffer[64];
    for (ssize_t count; (count = ::read(fd, buffer, sizeof buffer)) > 0;) {
      read.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(fd);
  });
  ReportFile file = opened(path);
  file.write("through");
  REQUIRE(file.commit().ok());
  reader.join();
  REQUIRE(read == "through");
  REQUIRE(fs::is_fifo(path));
}

TEST_CASE("a FIFO of somebody else's gets no report") {
  if (::geteuid() != 0) SKIP_TEST("needs root, to give a FIFO to others");
  TempTree tree;
  const std::string path = tree.fifo("report", 0666);
  tree.chown("report", 7001, 7001);
  // Nobody reads it: to open it would be to wait.
  auto file = ReportFile::open(path);
  REQUIRE_FALSE(file.ok());
  REQUIRE(file.error().kind == ErrorKind::insecure_path);
}

TEST_CASE("names of descriptors are the descriptors, even where they are regular files") {
  TempTree tree;
  const Fd target(::open(tree.file("target").c_str(), O_WRONLY | O_CLOEXEC));
  for (const char* prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    ReportFile file = opened(prefix + std::to_string(target.get()));
    file.write("x");
    REQUIRE(file.commit().ok());
  }
  REQUIRE(tree.read("target") == "xx");
  REQUIRE(entries(tree) == 1);
  REQUIRE(opened("-").commit().ok());
  REQUIRE(opened("/dev/stdout").commit().ok());
  REQUIRE(opened("/dev/stderr").commit().ok());
  REQUIRE(ReportFile::open("/dev/fd/4000").error().number == EBADF);
}

TEST_CASE("what cannot become a report file is refused before the run") {
  TempTree tree;
  tree.directory("dir");
  const auto number = [](const std::string& path) { return ReportFile::open(path).error().number; };
  REQUIRE(number(tree.path("dir")) == EISDIR);
  REQUIRE(number(tree.path("dir/")) == EISDIR);
  REQUIRE(number(tree.path("dir/..")) == EISDIR);
  REQUIRE(number("") == EISDIR);
  REQUIRE(number(tree.path("absent/report")) == ENOENT);
  if (::geteuid() != 0) {
    tree.directory("locked", 0555);
    REQUIRE(number(tree.path("locked/report")) == EACCES);
  }
}

TEST_CASE("a report that could not be written leaves the old one and nothing else") {
  TempTree tree;
  tree.file("report", "old");
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ReportFile file = opened(tree.path("report"));
  struct rlimit small = before;
  small.rlim_cur = 100'000;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  for (int i = 0; i < 10; ++i) file.write(std::string(50'000, 'x'));
  const auto committed = file.commit();
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(committed.ok());
  REQUIRE(committed.error().number == EFBIG);
  REQUIRE(committed.error().subject == tree.path("report"));
  REQUIRE(tree.read("report") == "old");
  REQUIRE(entries(tree) == 1);
}

TEST_CASE("a report that is begun again is the other one alone, unless some of it is out") {
  TempTree tree;
  ReportFile file = opened(tree.path("report"));
  file.write(std::string(200'000, 'x'));  // more than it keeps to itself
  REQUIRE(file.begin_again());
  REQUIRE(entries(tree) == 0);
  file.write("the other");
  REQUIRE(file.commit().ok());
  CHECK(fs::file_size(tree.path("report")) == 9);
  CHECK(entries(tree) == 1);

  ReportFile device = opened("/dev/null");
  device.write("x");
  CHECK(device.begin_again());
  device.write(std::string(200'000, 'x'));
  CHECK_FALSE(device.begin_again());
}

TEST_CASE("a device that is full fails the report") {
  ReportFile file = opened("/dev/full");
  file.write("x");
  REQUIRE(file.commit().error().number == ENOSPC);
}

TEST_CASE("two names of one file are known for one") {
  TempTree tree;
  tree.directory("d");
  const ReportFile file = opened(tree.path("d/r"));
  REQUIRE(file.takes_place_of(opened(tree.path(".//d/../d/r"))));
  REQUIRE_FALSE(file.takes_place_of(opened(tree.path("d/r2"))));
  REQUIRE_FALSE(file.takes_place_of(opened(tree.path("r"))));
  // What is written into as it is can take several.
  REQUIRE_FALSE(opened("/dev/null").takes_place_of(opened("/dev/null")));
  REQUIRE_FALSE(opened("-").takes_place_of(opened("/dev/stdout")));
}
