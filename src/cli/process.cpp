// SPDX-License-Identifier: Apache-2.0
#include "cli/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace permward {
namespace {

void require(bool done) {
  if (done) return;
  constexpr std::string_view message = "permward: the process could not be prepared to run\n";
  // There may be no stderr to say so.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
  ::_exit(static_cast<int>(ExitStatus::incomplete));
}

// In a mode that every use of it fails: stdin cannot be read, stdout and stderr cannot be written.
void open_if_closed(int fd, int mode) {
  if (::fcntl(fd, F_GETFD) >= 0) return;
  require(errno == EBADF);
  require(::open("/dev/null", mode) == fd);  // the lowest number that is free
}

// Libraries allocate where nothing may be thrown: nlohmann's values, where they are destroyed.
[[noreturn]] void end_at_once() {
  constexpr std::string_view message =
      "permward: could not go on: an error that nothing could take\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
  ::_exit(static_cast<int>(ExitStatus::incomplete));
}

}  // namespace

// Where an instrumented build keeps what it counted; elsewhere there is none (gcov(1)).
extern "C" void __gcov_dump() __attribute__((weak));  // NOLINT: the name is not ours

void end_process(ExitStatus status) {
  if (__gcov_dump != nullptr) __gcov_dump();
  (void)std::fflush(stderr);
  ::_exit(static_cast<int>(status));
}

void prepare_process() {
  std::set_terminate(end_at_once);
  open_if_closed(STDIN_FILENO, O_WRONLY);
  open_if_closed(STDOUT_FILENO, O_RDONLY);
  open_if_closed(STDERR_FILENO, O_RDONLY);
  ::umask(077);
  require(std::signal(SIGCHLD, SIG_DFL) != SIG_ERR);
  const struct rlimit none {};
  require(::setrlimit(RLIMIT_CORE, &none) == 0);
  require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

}  // namespace permward
