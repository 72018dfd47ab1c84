// SPDX-License-Identifier: Apache-2.0
#include "store/lock.hpp"

#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace {

StateDir opened(const TempTree& tree) {
  auto directory = StateDir::open(tree.root(), StateDir::Missing::is_error);
  REQUIRE(directory.ok());
  return std::move(*directory);
}

// A process that has taken the lock and does nothing else.
class Holder {
 public:
  Holder(const StateDir& directory, const char* command) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      const auto lock = Lock::take(directory, command);
      (void)!::write(ready[1], lock.ok() ? "y" : "n", 1);
      while (true) ::pause();
    }
    char answer = 0;
    REQUIRE(::read(ready[0], &answer, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
    REQUIRE(answer == 'y');
  }
  ~Holder() { kill_it(); }
  void kill_it() {
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    pid = -1;
  }
  pid_t pid = -1;
};

std::string why_not(const StateDir& directory) {
  const auto lock = Lock::take(directory, "undo");
  REQUIRE_FALSE(lock.ok());
  REQUIRE(lock.error().kind == ErrorKind::io);
  REQUIRE(lock.error().number == EWOULDBLOCK);
  REQUIRE(lock.error().subject == directory.path_of("lock"));
  return lock.error().doing;
}

}  // namespace

TEST_CASE("a lock that another process holds names its process and command") {
  TempTree tree;
  const StateDir directory = opened(tree);
  const Holder holder(directory, "apply --policy x.toml");
  REQUIRE(why_not(directory) == "take the lock, which process " + std::to_string(holder.pid) +
                                    " (apply --policy x.toml) holds,");
}

TEST_CASE("the lock of a process that was killed is no lock") {
  TempTree tree;
  const StateDir directory = opened(tree);
  Holder holder(directory, "apply");
  holder.kill_it();
  REQUIRE_FALSE(tree.read("lock").empty());
  REQUIRE(Lock::take(directory, "undo").ok());
}

TEST_CASE("a lock that was let go can be taken, and names nobody") {
  TempTree tree;
  const StateDir directory = opened(tree);
  for (int i = 0; i < 3; ++i) {
    const auto lock = Lock::take(directory, "apply");
    REQUIRE(lock.ok());
    REQUIRE(tree.read("lock") == std::to_string(::getpid()) + "\napply\n");
    REQUIRE_FALSE(Lock::take(directory, "undo").ok());
  }
  REQUIRE(tree.read("lock").empty());
}

TEST_CASE("what the lock's file says is shown escaped, and garbage names nobody") {
  TempTree tree;
  const StateDir directory = opened(tree);
  const auto lock = Lock::take(directory, "apply");
  REQUIRE(lock.ok());
  const auto said = [&](std::string_view text) {
    std::ofstream(tree.path("lock")) << text;  // the same file, and so the same lock
    return why_not(directory);
  };
  const std::string nobody = "take the lock, which another process holds,";
  REQUIRE(said("12\n\x1b[31mred\n") == "take the lock, which process 12 (\\x1b[31mred) holds,");
  REQUIRE(said("12\n") == "take the lock, which process 12 holds,");
  REQUIRE(said("12\n\n") == "take the lock, which process 12 holds,");
  for (const char* garbage : {"", "\n", "12", "0\nx\n", "-1\nx\n", " 1\nx\n", "12 \nx\n",
                              "99999999999999\nx\n", "\xff\xfe\n", "command\n12\n"}) {
    INFO(garbage);
    REQUIRE(said(garbage) == nobody);
  }
  REQUIRE(said(std::string(100'000, '\0')) == nobody);
  REQUIRE(said("7\n" + std::string(100'000, 'x')).size() < 300);
}

TEST_CASE("of a command the first line is kept, and no more than there is room for") {
  TempTree tree;
  const StateDir directory = opened(tree);
  const std::string pid = std::to_string(::getpid());
  {
    const auto lock = Lock::take(directory, "apply\nsecond");
    REQUIRE(tree.read("lock") == pid + "\napply\n");
  }
  const auto lock = Lock::take(directory, std::string(1000, 'x'));
  REQUIRE(tree.read("lock") == pid + "\n" + std::string(Lock::most_command, 'x') + "\n");
}

TEST_CASE("the lock's file is 0600 whatever the umask") {
  for (const mode_t mask : {0U, 0777U}) {
    if (::geteuid() != 0 && mask != 0) continue;
    TempTree tree;
    const mode_t before = ::umask(mask);
    const auto lock = Lock::take(opened(tree), "apply");
    ::umask(before);
    REQUIRE(lock.ok());
    struct stat facts {};
    REQUIRE(::lstat(tree.path("lock").c_str(), &facts) == 0);
    REQUIRE((facts.st_mode & 07777) == 0600);
  }
}

TEST_CASE("a lock that is a link, no file, or somebody else's is refused") {
  TempTree tree;
  const StateDir directory = opened(tree);
  const auto refused = [&] {
    const auto lock = Lock::take(directory, "apply");
    const bool insecure = !lock.ok() && lock.error().kind == ErrorKind::insecure_path;
    REQUIRE(::remove(tree.path("lock").c_str()) == 0);
    return insecure;
  };
  tree.file("victim", "precious");
  tree.symlink("lock", "victim");
  REQUIRE(refused());
  tree.symlink("lock", "nothing");
  REQUIRE(refused());
  tree.fifo("lock", 0600);
  REQUIRE(refused());
  tree.directory("lock");
  REQUIRE(refused());
  tree.file("lock", "", 0666);
  REQUIRE(refused());
  if (::geteuid() == 0) {
    tree.file("lock", "", 0600);
    tree.chown("lock", 7001, 7001);
    REQUIRE(refused());
  }
  REQUIRE(tree.read("victim") == "precious");
}
