// SPDX-License-Identifier: Apache-2.0
// The content of files and the entries of directories, read beside those who change them.
#include "os/content.hpp"

#include "model/pattern.hpp"
#include "os/entries.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/patience.hpp"
#include "support/programs.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace permward;
using namespace permward::test;

namespace {

Fd held(const std::string& path) {
  Fd fd(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  REQUIRE(fd);
  return fd;
}

Readout<Sha256::Digest> digest_of(const Kernel& kernel, const std::string& path,
                                  const std::atomic<bool>* stop = nullptr) {
  return content_digest(kernel, held(path).get(), stop);
}

std::string by_sha256sum(const std::string& path) {
  return run_program({"sha256sum", "--zero", path}).substr(0, 64);
}

// Runs `work` again and again until this goes.
class Meanwhile {
 public:
  template <class Work>
  explicit Meanwhile(Work work) {
    thread_ = std::thread([this, work] {
      while (!end_.load()) work();
    });
  }
  ~Meanwhile() {
    end_.store(true);
    thread_.join();
  }
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;

 private:
  std::atomic<bool> end_{false};
  std::thread thread_;
};

Component literal(const std::string& name) { return {Component::Kind::literal, name, {}, {}}; }

}  // namespace

TEST_CASE("digests are those of sha256sum, whatever the size") {
  const Kernel kernel;
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().file("f");
    for (const std::size_t size : {0U, 1U, 4096U, 262144U, 262145U, 3000000U}) {
      std::ofstream(path) << std::string(size, 'x');
      const auto digest = digest_of(kernel, path);
      REQUIRE(digest.state == Read::value);
      REQUIRE(hex(digest.value) == by_sha256sum(path));
    }
  }
}

TEST_CASE("a file that is nothing but a hole is refused at once - T70") {
  const Kernel kernel;
  ImageMount mount(FileSystem::xfs);
  const std::string path = mount.tree().file("f");
  REQUIRE(truncate(path.c_str(), off_t{7} << 60) == 0);
  const auto digest = digest_of(kernel, path);
  REQUIRE(digest.state == Read::unreadable);
  REQUIRE(digest.error == EFBIG);
}

TEST_CASE("a copy may be of any holes, up to as many bytes as are asked for") {
  const Kernel kernel;
  ImageMount mount(FileSystem::tmpfs);
  const std::string path = mount.tree().file("f");
  constexpr std::uint64_t size = std::uint64_t{1025} << 20;
  REQUIRE(truncate(path.c_str(), off_t{size}) == 0);
  const Fd file(open(path.c_str(), O_PATH | O_CLOEXEC));
  const auto copied = [&](std::uint64_t most, Holes holes) {
    return copy_content(kernel, file.get(), most, -1, 0, nullptr, holes);
  };
  REQUIRE(copied(size, Holes::any).ok());
  REQUIRE(copied(size - 1, Holes::any).error().number == EFBIG);
  REQUIRE(copied(size, Holes::bounded).error().number == EFBIG);
}

TEST_CASE("a file that is cut and grown while it is hashed is said to be written to - T71") {
  const Kernel kernel;
  ImageMount mount(FileSystem::tmpfs);
  const std::string path = mount.tree().file("f");
  REQUIRE(truncate(path.c_str(), off_t{50} << 20) == 0);
  const Meanwhile cutting([&path] {
    (void)!truncate(path.c_str(), 0);
    (void)!truncate(path.c_str(), off_t{50} << 20);
  });
  std::size_t busy = 0;
  const auto end = std::chrono::steady_clock::now() + patience(std::chrono::seconds(30));
  while (busy == 0 && std::chrono::steady_clock::now() < end) {
    const auto digest = digest_of(kernel, path);
    if (digest.state == Read::value) continue;  // one of the two, in between
    REQUIRE(digest.error == EBUSY);
    ++busy;
  }
  REQUIRE(busy > 0);
}

TEST_CASE("whoever wants to stop is not kept by a long file") {
  const Kernel kernel;
  ImageMount mount(FileSystem::tmpfs);
  const std::string path = mount.tree().file("f");
  REQUIRE(truncate(path.c_str(), off_t{900} << 20) == 0);
  const std::atomic<bool> stop{true};
  const auto digest = digest_of(kernel, path, &stop);
  REQUIRE(digest.state == Read::unreadable);
  REQUIRE(digest.error == EINTR);
}

TEST_CASE("content under somebody's write lease is an error and not waited for - T68") {
  const Kernel kernel;
  ImageMount mount(FileSystem::ext4);
  const std::string path = mount.tree().file("f");
  const Fd leased(open(path.c_str(), O_RDWR | O_CLOEXEC));
  // The lease is asked to end by a signal; this process holds it.
  std::signal(SIGIO, SIG_IGN);  // NOLINT(cert-err33-c): what was set before does not matter
  REQUIRE(fcntl(leased.get(), F_SETLEASE, F_WRLCK) == 0);
  const auto digest = digest_of(kernel, path);
  REQUIRE(digest.state == Read::unreadable);
  REQUIRE(digest.error == EWOULDBLOCK);
}

TEST_CASE("access times stay as they are") {
  const Kernel kernel;
  ImageMount mount(FileSystem::ext4);
  const std::string path = mount.tree().file("f");
  const timespec long_ago[2] = {{1000, 0}, {2000, 0}};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), long_ago, 0) == 0);
  REQUIRE(digest_of(kernel, path).state == Read::value);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  REQUIRE(status.st_atim.tv_sec == 1000);
}

TEST_CASE("entries are counted for each demand, and the first by their bytes are named") {
  const Kernel kernel;
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().directory("d");
    for (const char* one : {"e", "c", "b", "a", "\xff", ".hidden"}) {
      mount.tree().file(std::string("d/") + one);
    }
    const EntriesWant some{{literal("a"), literal("b"), literal("nothing")}};
    const EntriesWant none{};
    const auto seen = unlisted_entries(kernel, held(path).get(), {&some, &none});
    REQUIRE(seen.state == Read::value);
    REQUIRE(seen.value.at(0).count == 4);
    REQUIRE(seen.value.at(0).first == std::vector<std::string>{".hidden", "c", "e"});
    REQUIRE(seen.value.at(1).count == 6);
    REQUIRE(seen.value.at(1).first == std::vector<std::string>{".hidden", "a", "b"});
  }
}
