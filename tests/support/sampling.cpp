// SPDX-License-Identifier: Apache-2.0
#include "support/sampling.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace permward::test {

namespace {

// What is compiled with sanitizers is slower by about that.
#if defined(PERMWARD_INSTRUMENTED)
constexpr std::size_t slowness = 4;
#else
constexpr std::size_t slowness = 1;
#endif

}  // namespace

bool run_all() {
  const char* value = std::getenv("PERMWARD_TEST_ALL");
  return value != nullptr && std::string_view(value) == "1";
}

std::size_t sample(std::size_t sampled, std::size_t all, std::string_view what) {
  if (run_all()) return all;
  sampled = std::max<std::size_t>(sampled / slowness, 1);
  if (sampled >= all) return all;
  std::cout << "sampled: " << sampled << " of " << all << ' ' << what << std::endl;
  return sampled;
}

}  // namespace permward::test
