// SPDX-License-Identifier: Apache-2.0
// Programs and functions that take turns, what each round took, and how that is shown.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace permward::bench {

struct Ran {
  double wall_s = 0;
  double cpu_s = 0;
  long max_rss_kb = 0;  // 0: of no process of its own
};

// Runs a program, found by PATH, to its end, its output into `log`. Throws unless it exits with 0,
// and after a signal (`stopped.hpp`).
Ran run(const std::vector<std::string>& command, const std::string& log);

// Adds up what passes between `start` and `stop`: wall time, and CPU time of this process.
class Stopwatch {
 public:
  void start();
  void stop();
  [[nodiscard]] Ran ran() const { return ran_; }

 private:
  Ran ran_;
  double wall_ = 0;
  double cpu_ = 0;
};

// One of those that take turns.
struct Side {
  std::string name;
  std::function<Ran()> round;
  std::vector<Ran> rounds = {};
};

// The first side is what the others are measured against.
struct Comparison {
  std::string work;
  std::vector<Side> sides;
};

// Each side once to warm the caches, which is not counted; then in turns.
void take_turns(Comparison& comparison, std::size_t rounds);

void print(std::ostream& out, const Comparison& comparison);
void write_json(std::ostream& out, const Comparison& comparison);

}  // namespace permward::bench
