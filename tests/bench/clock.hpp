// SPDX-License-Identifier: Apache-2.0
// Times as seconds.
#pragma once

#include <ctime>
#include <sys/time.h>

namespace permward::bench {

// Now, by clock_gettime(2).
inline double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace permward::bench
