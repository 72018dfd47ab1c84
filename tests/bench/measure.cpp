// SPDX-License-Identifier: Apache-2.0
#include "bench/measure.hpp"

#include "bench/clock.hpp"
#include "bench/stopped.hpp"

#include <algorithm>
#include <utility>

namespace permward::bench {
namespace {

// Of at least one value.
Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

}  // namespace

Ran together(const Ran& first, const Ran& second) {
  return {first.wall_s + second.wall_s, first.cpu_s + second.cpu_s,
          std::max(first.max_rss_kb, second.max_rss_kb)};
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

Spread spread(const Side& side, double Ran::*figure) {
  std::vector<double> values;
  for (const Ran& ran : side.rounds) values.push_back(ran.*figure);
  return spread_of(std::move(values));
}

double ratio(const Comparison& comparison, const Side& side, double Ran::*figure) {
  const std::vector<Ran>& first = comparison.sides.front().rounds;
  std::vector<double> values;
  for (std::size_t i = 0; i < side.rounds.size(); ++i) {
    values.push_back(side.rounds[i].*figure / first[i].*figure);
  }
  return spread_of(std::move(values)).median;
}

}  // namespace permward::bench
