// SPDX-License-Identifier: Apache-2.0
#include "bench/run.hpp"

#include "base/fd.hpp"
#include "bench/clock.hpp"
#include "bench/stopped.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace permward::bench {
namespace {

// The descriptor on which `run_for_another` tells what it has measured.
constexpr int tells = 3;

struct Told {
  int status = 0;  // as wait4(2) has it
  Ran ran;
};

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void write_to(int descriptor, const std::string& file) {
    posix_spawn_file_actions_addopen(&actions_, descriptor, file.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t spawn(char** words, const posix_spawn_file_actions_t* actions) {
  pid_t child = -1;
  const int error = posix_spawnp(&child, words[0], actions, nullptr, words, environ);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), std::string("run ") + words[0]);
  }
  return child;
}

// A signal that ends this program is passed on: it need not have reached the child too.
int wait_for(pid_t child, rusage& usage) {
  int status = 0;
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "wait");
    kill(child, SIGTERM);
  }
  return status;
}

std::string ending(int status) {
  return WIFEXITED(status) ? " exited with " + std::to_string(WEXITSTATUS(status))
                           : " was killed by signal " + std::to_string(WTERMSIG(status));
}

[[noreturn]] void fail(const Command& command, const std::string& how, const std::string& log) {
  std::ostringstream text;
  text << command.words[0] << how << " and said:\n" << std::ifstream(log).rdbuf();
  throw std::runtime_error(text.str());
}

// Runs it by another process; nothing if that one could not.
std::optional<Told> run_by_another(const Command& command, const std::string& log) {
  std::string program = "/proc/self/exe";
  std::string verb = "run";
  std::vector<char*> words = {program.data(), verb.data()};
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  FileActions actions;
  actions.write_to(2, log);
  if (command.output.empty()) {
    actions.duplicate(2, 1);
  } else {
    actions.write_to(1, command.output);
  }
  actions.duplicate(theirs.get(), tells);
  rusage unused{};
  wait_for(spawn(words.data(), actions.get()), unused);
  theirs.reset();
  Told told;
  if (read(ours.get(), &told, sizeof told) != ssize_t{sizeof told}) return std::nullopt;
  return told;
}

}  // namespace

Ran run(const Command& command, const std::string& log) {
  const std::optional<Told> told = run_by_another(command, log);
  check_stopped();
  if (!told) fail(command, " could not be run", log);
  const std::vector<int>& statuses = command.statuses;
  if (!WIFEXITED(told->status) ||
      std::find(statuses.begin(), statuses.end(), WEXITSTATUS(told->status)) == statuses.end()) {
    fail(command, ending(told->status), log);
  }
  return told->ran;
}

int run_for_another(char** words) {
  catch_signals();
  fcntl(tells, F_SETFD, FD_CLOEXEC);
  Told told;
  rusage usage{};
  const double start = seconds(CLOCK_MONOTONIC);
  const pid_t child = spawn(words, nullptr);
  told.status = wait_for(child, usage);
  told.ran = {seconds(CLOCK_MONOTONIC) - start, seconds(usage.ru_utime) + seconds(usage.ru_stime),
              static_cast<double>(usage.ru_maxrss)};
  return write(tells, &told, sizeof told) == ssize_t{sizeof told} ? 0 : 1;
}

Command inner_command(std::vector<std::string> words) {
  words.insert(words.begin(), "/proc/self/exe");
  return {.words = std::move(words)};
}

std::optional<std::string> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string file = directory + '/' + name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

}  // namespace permward::bench
