// SPDX-License-Identifier: Apache-2.0
#include "engine/scratch_name.hpp"

#include <unistd.h>

namespace permward {

std::string scratch_name(std::string_view run, std::uint64_t sequence) {
  return ".permward-" + std::string(run) + '-' + std::to_string(sequence);
}

std::string scratch_name(std::uint64_t index) {
  return scratch_name(std::to_string(::getpid()), index);
}

}  // namespace permward
