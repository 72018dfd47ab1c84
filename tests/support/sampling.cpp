// SPDX-License-Identifier: Apache-2.0
#include "support/sampling.hpp"

#include <cstdlib>
#include <iostream>

namespace permward::test {

bool run_all() {
  const char* value = std::getenv("PERMWARD_TEST_ALL");
  return value != nullptr && std::string_view(value) == "1";
}

std::size_t sample(std::size_t sampled, std::size_t all, std::string_view what) {
  if (run_all() || sampled >= all) return all;
  std::cout << "sampled: " << sampled << " of " << all << ' ' << what << std::endl;
  return sampled;
}

}  // namespace permward::test
