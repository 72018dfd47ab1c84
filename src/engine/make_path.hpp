// SPDX-License-Identifier: Apache-2.0
//
// Layer `engine`.
#pragma once

#include <functional>
#include <string>

namespace permward {

// An object's path after links among its directories; asked for only where it is needed, since most
// objects' never is.
using MakePath = std::function<std::string()>;

}  // namespace permward
