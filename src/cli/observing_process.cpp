// SPDX-License-Identifier: Apache-2.0
#include "cli/observing_process.hpp"

#include "base/text.hpp"
#include "cli/messages.hpp"
#include "cli/process.hpp"
#include "cli/signals.hpp"
#include "model/codes.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error(errno, "make", "a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// What a terminal sends comes to both processes, and one that is sent to the other alone is passed
// on by the flag: twice would be once too often.
void leave_signals_to_parent() {
  for (const int number : stopping_signals) (void)std::signal(number, SIG_IGN);
}

// Where it could not go on its reports are not whole, and nobody is to be told that they are.
ExitStatus observe_here(Outputs& outputs, const Observe& observe, const ObserverAccount& account) {
  try {
    const ExitStatus status = observe(become_observer(account));
    outputs.end(status);
    return status;
  } catch (const std::exception& error) {  // of the libraries, and of the allocator
    complain_of_end(error);
  }
  return ExitStatus::incomplete;
}

[[noreturn]] void run_child(Outputs& outputs, Pipe pipe, pid_t parent,
                            const ObserverAccount& account, const Observe& observe) {
  leave_signals_to_parent();
  pipe.read.reset();
  outputs.send_to(std::move(pipe.write));
  const ExitStatus status = observe_here(
      outputs,
      [&](const Result<Shortfalls>& lowered) {
        // A change of ids clears it (prctl(2)), so that it comes after that.
        (void)::prctl(PR_SET_PDEATHSIG, static_cast<long>(SIGKILL), 0L, 0L, 0L);
        if (::getppid() != parent) return ExitStatus::incomplete;
        return observe(lowered);
      },
      account);
  end_process(status);
}

// Its status; none where somebody else took it, or SIGCHLD is ignored (waitpid(2)).
std::optional<int> wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return status;
}

std::string how_it_ended(std::optional<int> status) {
  if (!status) return "in a way that cannot be told";
  if (WIFSIGNALED(*status)) {
    return std::string("by the signal ") + ::sigabbrev_np(WTERMSIG(*status));
  }
  return "with the status " + std::to_string(WEXITSTATUS(*status));
}

Result<ExitStatus> receive(Outputs& outputs, Fd pipe, pid_t child) {
  const Outputs::Received received = outputs.receive(pipe.get());
  pipe.reset();
  std::string how = "since the process that looks ended " + how_it_ended(wait_for(child));
  if (received.status) return *received.status;
  if (received.error) return *received.error;
  if (received.began) how += ", before its reports were whole";
  return Error{ErrorKind::io, "look", std::move(how), 0};
}

}  // namespace

ObserverAccount observer_of(const System& system) {
  return system.root.given() ? ObserverAccount{} : observer_account();
}

Result<ExitStatus> in_observing_process(Outputs& outputs, const ObserverAccount& account,
                                        const Observe& observe, WriterKeeps keeps) {
  TRY_ASSIGN(Pipe pipe, make_pipe());
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return system_error(errno, "start", "a process that looks");
  if (child == 0) run_child(outputs, std::move(pipe), self, account, observe);
  pipe.write.reset();
  if (keeps == WriterKeeps::what_reports_take) TRY(keep_rights(Rights::reads_and_tells));
  return receive(outputs, std::move(pipe.read), child);
}

Diagnostics shortfall_warnings(const Shortfalls& shortfalls) {
  Diagnostics out;
  for (const std::string& shortfall : shortfalls) {
    out.push_back(
        make_diagnostic(Code::observer_rights,
                        "permward looks with the rights that it was started with: " + shortfall,
                        "what it may not see is an error of the object"));
  }
  return out;
}

}  // namespace permward
