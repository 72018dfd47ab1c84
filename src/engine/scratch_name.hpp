// SPDX-License-Identifier: Apache-2.0
//
// The names under which something is made before it takes another's place. Layer
// `engine`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

// Whether it may be one of the names below.
[[nodiscard]] inline bool has_scratch_prefix(std::string_view name) {
  return name.starts_with(".permward-");
}

// For a change of a run in the journal, so that whoever finds the run killed knows what may have
// been left beside its objects.
[[nodiscard]] std::string scratch_name(std::string_view run, std::uint64_t sequence);
// For a run that nothing is written down of.
[[nodiscard]] std::string scratch_name(std::uint64_t index);

}  // namespace permward
