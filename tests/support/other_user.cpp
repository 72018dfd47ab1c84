// SPDX-License-Identifier: Apache-2.0
#include "support/other_user.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <grp.h>
#include <iostream>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace permward::test {
namespace {

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

bool become(uid_t uid, gid_t gid) {
  if (geteuid() != 0) return geteuid() == uid && getegid() == gid;
  return setgroups(0, nullptr) == 0 && setresgid(gid, gid, gid) == 0 &&
         setresuid(uid, uid, uid) == 0;
}

// Runs `work` in a child; never returns there.
pid_t start(uid_t uid, gid_t gid, const std::function<int()>& work) {
  std::cout.flush();
  const pid_t parent = getpid();
  const pid_t child = fork();
  require(child >= 0, "fork");
  if (child > 0) return child;
  int status = 255;
  try {
    if (become(uid, gid)) {
      // After the change of ids, which would reset it.
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() == parent) status = work();
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "in a child: %s\n", error.what());
  } catch (...) {
    std::fprintf(stderr, "in a child: an exception\n");
  }
  std::cout.flush();
  _exit(status);
}

}  // namespace

int run_as(uid_t uid, gid_t gid, const std::function<int()>& work) {
  const pid_t child = start(uid, gid, work);
  int status = 0;
  require(waitpid(child, &status, 0) == child, "wait");
  if (!WIFEXITED(status)) throw std::runtime_error("a child died by a signal");
  if (WEXITSTATUS(status) == 255) throw std::runtime_error("a child failed");
  return WEXITSTATUS(status);
}

struct Busy::Shared {
  std::atomic<std::uint64_t> times{0};
  std::atomic<bool> failed{false};
};

Busy::Busy(uid_t uid, gid_t gid, const std::function<bool()>& once) {
  void* const memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  require(memory != MAP_FAILED, "mmap");
  shared_ = new (memory) Shared;
  child_ = start(uid, gid, [this, &once] {
    while (once()) shared_->times.fetch_add(1, std::memory_order_relaxed);
    shared_->failed = true;
    return 1;
  });
  while (shared_->times == 0 && !shared_->failed) usleep(100);
}

Busy::~Busy() {
  (void)kill(child_, SIGKILL);
  (void)waitpid(child_, nullptr, 0);
  (void)munmap(shared_, sizeof(Shared));
}

std::uint64_t Busy::times() const {
  if (shared_->failed) throw std::runtime_error("a child could not go on");
  return shared_->times.load(std::memory_order_relaxed);
}

ExchangeLoop::ExchangeLoop(uid_t uid, const std::string& a, const std::string& b)
    : Busy(uid, uid, [&a, &b] {
        return renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
      }) {}

}  // namespace permward::test
