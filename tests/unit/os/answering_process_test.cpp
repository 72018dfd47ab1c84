// SPDX-License-Identifier: Apache-2.0
#include "os/answering_process.hpp"

#include "support/catch.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace permward;
using namespace std::chrono_literals;

namespace {

constexpr auto long_enough = 1h;
constexpr auto soon = 50ms;

// Answers with the question itself, once or twice; some it obeys.
std::string echo(std::string_view question) {
  if (question == "hang") std::this_thread::sleep_for(long_enough);
  if (question == "die") ::_exit(1);
  if (question == "throw") throw std::bad_alloc();
  if (question == "raise") {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) (void)std::raise(number);
  }
  if (question == "pid") return std::to_string(::getpid());
  if (question == "descriptors") {
    std::string out;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      out += std::filesystem::read_symlink(entry.path(), gone).string() + "\n";
    }
    return out;
  }
  return std::string(question) + std::string(question);
}

AnsweringProcess started() { return AnsweringProcess::start(echo).value(); }

int error_of(AnsweringProcess& process, std::string_view question,
             AnsweringProcess::Clock::duration within = long_enough) {
  const auto answer = process.ask(question, within, nullptr);
  return answer ? 0 : answer.error().number;
}

}  // namespace

TEST_CASE("one question after the other is answered, of any size") {
  AnsweringProcess process = started();
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 4'096, 3'000'000}) {
    const std::string question(size, 'x');
    REQUIRE(process.ask(question, long_enough, nullptr).value() == question + question);
  }
}

TEST_CASE("who does not answer in time is given up") {
  AnsweringProcess process = started();
  REQUIRE(error_of(process, "hang", soon) == ETIMEDOUT);
}

TEST_CASE("nobody waits for an answer who is to stop") {
  AnsweringProcess process = started();
  std::atomic<bool> stop{false};
  std::thread stopper([&stop] {
    std::this_thread::sleep_for(soon);
    stop = true;
  });
  const auto answer = process.ask("hang", long_enough, &stop);
  stopper.join();
  REQUIRE(answer.error().number == ECANCELED);
}

TEST_CASE("a process that ends before it has answered is an error of that question") {
  for (const char* question : {"die", "throw"}) {
    AnsweringProcess process = started();
    REQUIRE(error_of(process, question) == EPIPE);
  }
}

TEST_CASE("a process that is let go is gone, and was waited for") {
  pid_t pid = 0;
  {
    AnsweringProcess process = started();
    pid = std::stoi(process.ask("pid", long_enough, nullptr).value());
    REQUIRE(::kill(pid, 0) == 0);
  }
  REQUIRE(::waitpid(pid, nullptr, WNOHANG) < 0);
  REQUIRE(errno == ECHILD);
}

TEST_CASE("what a terminal sends does not reach it") {
  AnsweringProcess process = started();
  REQUIRE(error_of(process, "raise") == 0);
}

TEST_CASE("it holds nothing of the process that started it") {
  const Fd of_the_starter(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  AnsweringProcess process = started();
  const std::string held = process.ask("descriptors", long_enough, nullptr).value();
  INFO(held);
  std::size_t sockets = 0;
  std::istringstream lines(held);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("socket:")) {
      ++sockets;
    } else {
      const bool expected = line == "/dev/null" || line.starts_with("/proc/") || line.empty();
      REQUIRE(expected);
    }
  }
  REQUIRE(sockets == 1);
}

TEST_CASE("a process that was forked off is not the one that started it") {
  AnsweringProcess process = started();
  REQUIRE(process.own());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(process.own() ? 1 : 0);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(error_of(process, "still there") == 0);
}
