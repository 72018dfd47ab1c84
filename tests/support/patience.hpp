// SPDX-License-Identifier: Apache-2.0
// How long tests wait, where a machine is emulated and all takes many times as long.
#pragma once

#include <chrono>
#include <cstdlib>

namespace permward::test {

// How many times slower this machine is than any: `PERMWARD_TEST_SLOWNESS`, a whole number, 1
// without it.
inline int slowness() {
  const char* const text = std::getenv("PERMWARD_TEST_SLOWNESS");
  const int times = text != nullptr ? std::atoi(text) : 1;
  return times > 1 ? times : 1;
}

// The time within which a thing must be done here that takes `limit` at most.
inline std::chrono::milliseconds patience(std::chrono::milliseconds limit) {
  return limit * slowness();
}

}  // namespace permward::test
