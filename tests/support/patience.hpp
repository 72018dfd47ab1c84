// SPDX-License-Identifier: Apache-2.0
// How long tests wait, where a machine is emulated and all takes many times as long.
#pragma once

#include <chrono>
#include <cstdlib>

namespace permward::test {

// The time within which a thing must be done that takes `limit` at most: so many times that as
// `PERMWARD_TEST_SLOWNESS` says, a whole number, 1 without it.
inline std::chrono::milliseconds patience(std::chrono::milliseconds limit) {
  const char* const text = std::getenv("PERMWARD_TEST_SLOWNESS");
  const int slowness = text != nullptr ? std::atoi(text) : 1;
  return limit * (slowness > 1 ? slowness : 1);
}

}  // namespace permward::test
