// SPDX-License-Identifier: Apache-2.0
// Comparisons of `permward check` with the floor of its reading.
#pragma once

#include "bench/cases.hpp"
#include "bench/floor.hpp"
#include "bench/run.hpp"

#include <string>
#include <vector>

namespace permward::bench {

// `permward check` with a policy, quietly: all is in policy.
Command check_command(const Options& options, const std::string& policy, unsigned threads);

// 1, and what is asked for if that is more.
std::vector<unsigned> thread_counts(const Options& options);

// The floor that reads what `reads` says, and `check`, which runs with as many threads.
Comparison compare_with_floor(const Options& options, const Tree& tree, const std::string& work,
                              Reads reads, unsigned threads, const Command& check);

}  // namespace permward::bench
