// SPDX-License-Identifier: Apache-2.0
// Playing an older kernel, or a container's seccomp filter.
#pragma once

#include <vector>

namespace permward::test {

// From now on these system calls fail with that errno, in this process and its threads and
// children. It cannot be taken back: call it in a child. Throws where it is not to be had.
void refuse_calls(const std::vector<unsigned>& numbers, int error);

}  // namespace permward::test
