// SPDX-License-Identifier: Apache-2.0
// Programs and functions that take turns, and what each round took. What runs a program is in
// `run.hpp`, how the figures are shown in `report.hpp`.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace permward::bench {

struct Ran {
  double wall_s = 0;
  double cpu_s = 0;
  double max_rss_kb = 0;  // 0: of no process of its own
};

// One after the other: times are added, of the memory the higher counts.
[[nodiscard]] Ran together(const Ran& first, const Ran& second);

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
  std::string package = {};  // of others that it is a program of, by Debian's name; empty: our own
  std::vector<Ran> rounds = {};
};

// The first side is what the others are measured against.
struct Comparison {
  std::string work;
  std::vector<Side> sides;
  std::vector<std::string> left_out = {};  // programs that are not there
};

// Each side once to warm the caches, which is not counted; then in turns, A B A B.
void take_turns(Comparison& comparison, std::size_t rounds);

struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

// One figure over all rounds of a side, of which there is at least one.
[[nodiscard]] Spread spread(const Side& side, double Ran::*figure);

// How many times that of the first side: the median over the rounds of each round's own ratio, so
// that a machine that gets slower meanwhile counts for nothing. NaN where the first took none.
[[nodiscard]] double ratio(const Comparison& comparison, const Side& side, double Ran::*figure);

}  // namespace permward::bench
