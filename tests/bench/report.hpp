// SPDX-License-Identifier: Apache-2.0
// How what was measured is shown: while it is measured, to programs, and in docs/performance.md.
#pragma once

#include "bench/machine.hpp"
#include "bench/measure.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace permward::bench {

struct Report {
  Machine machine;
  std::size_t files = 0;  // of the tree; 0: none was needed
  std::size_t directories = 0;
  std::size_t rounds = 0;
  std::vector<Comparison> comparisons;
  std::vector<std::pair<std::string, std::string>> versions;  // of the packages of others
};

// One comparison, for a terminal.
void print(std::ostream& out, const Comparison& comparison);

// All of it, each round's figures too.
void write_json(std::ostream& out, const Report& report);

// Where and how it was measured, and the table.
void write_markdown(std::ostream& out, const Report& report);

}  // namespace permward::bench
