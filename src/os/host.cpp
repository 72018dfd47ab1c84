// SPDX-License-Identifier: Apache-2.0
#include "os/host.hpp"

#include <array>
#include <unistd.h>

namespace permward {

std::string host_name() {
  std::array<char, 256> name{};
  // One byte less than there is: a name that was cut need not end.
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

}  // namespace permward
