// SPDX-License-Identifier: Apache-2.0
#include "bench/measure.hpp"

#include "bench/stopped.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <iomanip>
#include <ostream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace permward::bench {
namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::vector<double> sorted(const Side& side, double Ran::*what) {
  std::vector<double> values;
  for (const Ran& ran : side.rounds) values.push_back(ran.*what);
  std::sort(values.begin(), values.end());
  return values;
}

double median(const Side& side, double Ran::*what) {
  const std::vector<double> values = sorted(side, what);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double ratio(const Comparison& comparison, const Side& side, double Ran::*what) {
  return median(side, what) / median(comparison.sides.front(), what);
}

long max_rss_kb(const Side& side) {
  long most = 0;
  for (const Ran& ran : side.rounds) most = std::max(most, ran.max_rss_kb);
  return most;
}

// Median, lowest and highest.
std::string spread(const Side& side, double Ran::*what) {
  const std::vector<double> values = sorted(side, what);
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << median(side, what) << " (" << values.front() << '-'
       << values.back() << ')';
  return text.str();
}

void write_list(std::ostream& out, const Side& side, double Ran::*what) {
  out << '[';
  for (std::size_t i = 0; i < side.rounds.size(); ++i) {
    out << (i == 0 ? "" : ", ") << side.rounds[i].*what;
  }
  out << ']';
}

}  // namespace

Ran run(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);

  const double start = seconds(CLOCK_MONOTONIC);
  pid_t child = -1;
  const int error =
      posix_spawnp(&child, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "run " + command[0]);

  int status = 0;
  rusage usage{};
  // A signal that ends this program reaches the child too, or is passed on.
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "wait");
    kill(child, SIGTERM);
  }
  const double took = seconds(CLOCK_MONOTONIC) - start;
  check_stopped();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::ostringstream text;
    text << command[0] << (WIFEXITED(status) ? " exited with " : " was killed by signal ")
         << (WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)) << " and said:\n"
         << std::ifstream(log).rdbuf();
    throw std::runtime_error(text.str());
  }
  return {took, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss};
}

void Stopwatch::start() {
  wall_ = seconds(CLOCK_MONOTONIC);
  cpu_ = seconds(CLOCK_PROCESS_CPUTIME_ID);
}

void Stopwatch::stop() {
  ran_.wall_s += seconds(CLOCK_MONOTONIC) - wall_;
  ran_.cpu_s += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_;
}

void take_turns(Comparison& comparison, std::size_t rounds) {
  for (Side& side : comparison.sides) side.round();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (Side& side : comparison.sides) {
      side.rounds.push_back(side.round());
      check_stopped();
    }
  }
}

void print(std::ostream& out, const Comparison& comparison) {
  out << '\n'
      << comparison.work << '\n'
      << std::left << std::setw(42) << "" << std::setw(22) << "wall (s)" << std::setw(22)
      << "CPU (s)" << std::right << std::setw(10) << "wall x" << std::setw(8) << "CPU x"
      << std::setw(10) << "RSS (MB)" << '\n';
  for (const Side& side : comparison.sides) {
    out << "  " << std::left << std::setw(40) << side.name << std::setw(22)
        << spread(side, &Ran::wall_s) << std::setw(22) << spread(side, &Ran::cpu_s) << std::right
        << std::fixed << std::setprecision(2) << std::setw(10)
        << ratio(comparison, side, &Ran::wall_s) << std::setw(8)
        << ratio(comparison, side, &Ran::cpu_s) << std::setw(10);
    if (const long rss = max_rss_kb(side); rss != 0) {
      out << rss / 1024;
    } else {
      out << '-';
    }
    out << std::endl;
  }
}

void write_json(std::ostream& out, const Comparison& comparison) {
  out << std::fixed << std::setprecision(6) << "{\"work\": \"" << comparison.work
      << "\", \"sides\": [";
  for (const Side& side : comparison.sides) {
    out << (&side == &comparison.sides.front() ? "" : ",") << "\n      {\"name\": \"" << side.name
        << "\", \"wall_ratio\": " << ratio(comparison, side, &Ran::wall_s)
        << ", \"cpu_ratio\": " << ratio(comparison, side, &Ran::cpu_s)
        << ", \"max_rss_kb\": " << max_rss_kb(side)
        << ",\n       \"wall_median_s\": " << median(side, &Ran::wall_s)
        << ", \"cpu_median_s\": " << median(side, &Ran::cpu_s) << ",\n       \"wall_s\": ";
    write_list(out, side, &Ran::wall_s);
    out << ",\n       \"cpu_s\": ";
    write_list(out, side, &Ran::cpu_s);
    out << '}';
  }
  out << "]}";
}

}  // namespace permward::bench
