// SPDX-License-Identifier: Apache-2.0
#include "store/random_number.hpp"

#include <sys/random.h>

namespace permward {

std::uint16_t random_number() {
  std::uint16_t out = 0;
  if (::getrandom(&out, sizeof out, 0) != sizeof out) out = 0;
  return out;
}

}  // namespace permward
