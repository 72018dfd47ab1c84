// SPDX-License-Identifier: Apache-2.0
// What `./dev bench` is asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <thread>

namespace permward::bench {

struct Options {
  std::string permward;
  std::string json;
  std::string directory;
  std::string only;  // a part; empty: all
  std::size_t files = 100000;
  std::size_t rounds = 7;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

}  // namespace permward::bench
