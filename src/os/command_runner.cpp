// SPDX-License-Identifier: Apache-2.0
#include "os/command_runner.hpp"

#include "base/fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr const char* search_path =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::chrono::duration<int, std::milli> glance{5};
constexpr seconds to_tell{5};  // that it ended
constexpr int not_started = -1;

// What the process apart says: the status, whether it timed out, and the output; of a program that
// could not be started `not_started`, and the errno in the place of the status.
std::string answer_text(int kind, int number, const std::string& output) {
  std::string out(2 * sizeof(int), '\0');
  std::memcpy(out.data(), &kind, sizeof kind);
  std::memcpy(out.data() + sizeof kind, &number, sizeof number);
  return out + output;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find('\0');
    out.emplace_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

// In the program's own process. What it inherits is as at the start of any: the one that answers
// leaves signals alone.
[[noreturn]] void become(const std::vector<std::string>& arguments, int output, int told) {
  std::vector<char*> words;
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  std::array<char*, 3> environment = {const_cast<char*>(search_path), const_cast<char*>("LC_ALL=C"),
                                      nullptr};
  sigset_t none;
  (void)::sigemptyset(&none);
  // With the one that waits for it.
  const bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::setsid() >= 0 &&
                     ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0 &&
                     ::chdir("/") == 0 && ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
  ::umask(022);
  (void)::clearenv();
  (void)::putenv(environment[0]);
  (void)::putenv(environment[1]);
  if (ready) ::execvpe(words.front(), words.data(), environment.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(told, &error, sizeof error);
  ::_exit(127);
}

// What there is to read now. False: there is nothing more, or will be.
bool read_some(int output, std::string& said) {
  std::array<char, 4096> room{};
  const ssize_t got = ::read(output, room.data(), room.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) return false;
  const std::size_t fits = CommandRunner::most_output - said.size();
  said.append(room.data(), std::min(static_cast<std::size_t>(got), fits));
  return true;
}

// Until the program has ended, or the time has; what it has begun may go on, and keep its output
// open. True: it ended in time.
bool wait_for(pid_t process, int output, Clock::time_point end, int& status, std::string& said) {
  for (bool open = true;;) {
    const pid_t reaped = ::waitpid(process, &status, WNOHANG);
    pollfd asked{open ? output : -1, POLLIN, 0};
    const int ready = ::poll(&asked, 1, reaped == 0 ? glance.count() : 0);
    if (ready > 0) open = read_some(output, said);
    if (reaped != 0 && (reaped > 0 || errno != EINTR) && ready <= 0) return true;
    if (Clock::now() >= end) return false;
  }
}

std::string run_one(const std::vector<std::string>& arguments, seconds within) {
  std::array<int, 2> output{};
  std::array<int, 2> told{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return answer_text(not_started, errno, "");
  const Fd reading(output[0]);
  Fd writing(output[1]);
  if (::pipe2(told.data(), O_CLOEXEC) != 0) return answer_text(not_started, errno, "");
  const Fd hearing(told[0]);
  Fd telling(told[1]);
  const auto end = Clock::now() + within;
  const pid_t process = ::fork();
  if (process < 0) return answer_text(not_started, errno, "");
  if (process == 0) become(arguments, writing.get(), telling.get());
  writing.reset();
  telling.reset();
  int error = 0;
  const bool started = ::read(hearing.get(), &error, sizeof error) != sizeof error;
  std::string said;
  int status = 0;
  const bool in_time = wait_for(process, reading.get(), end, status, said);
  if (!in_time) {
    (void)::kill(-process, SIGKILL);
    (void)::kill(process, SIGKILL);
    (void)::waitpid(process, &status, 0);
  }
  if (!started) return answer_text(not_started, error, "");
  const int ended = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return answer_text(in_time ? 0 : 1, ended, said);
}

}  // namespace

Result<CommandRunner> CommandRunner::start() {
  TRY_ASSIGN(AnsweringProcess process,
             AnsweringProcess::start([](std::string_view question) -> std::string {
               std::vector<std::string> words = split(question);
               const std::string limit = std::move(words.front());
               words.erase(words.begin());
               int within = 0;
               (void)std::from_chars(limit.data(), limit.data() + limit.size(), within);
               return run_one(words, seconds{within});
             }));
  return CommandRunner(std::move(process));
}

Result<CommandRunner::Ended> CommandRunner::run(const std::vector<std::string>& arguments,
                                                seconds within, const std::atomic<bool>* stop) {
  std::string question = std::to_string(within.count());
  for (const std::string& word : arguments) question.append(1, '\0').append(word);
  if (!process_) return system_error(ECANCELED, "run", arguments.front());
  Result<std::string> asked = process_->ask(question, within + to_tell, stop);
  if (!asked.ok()) {
    process_.reset();  // its answer would be taken for that to the next question
    return std::move(asked).error();
  }
  const std::string& answer = *asked;
  int kind = 0;
  Ended out;
  if (answer.size() < 2 * sizeof(int)) return system_error(EPROTO, "run", arguments.front());
  std::memcpy(&kind, answer.data(), sizeof kind);
  std::memcpy(&out.status, answer.data() + sizeof kind, sizeof out.status);
  if (kind == not_started) return system_error(out.status, "run", arguments.front());
  out.timed_out = kind != 0;
  out.output = answer.substr(2 * sizeof(int));
  return out;
}

}  // namespace permward
