// SPDX-License-Identifier: Apache-2.0
// The least that anybody can do who looks at paths one by one: resolve each with openat2(2), no
// symlink on the way, statx(2) what was opened, and close it.
#pragma once

#include <cstdint>
#include <string>

namespace permward::bench {

// Of each line of a file, in one thread. The number of paths. Throws std::system_error.
std::uint64_t look_at_each(const std::string& list);

}  // namespace permward::bench
