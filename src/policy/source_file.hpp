// SPDX-License-Identifier: Apache-2.0
//
// Layer `policy`; values only.
#pragma once

#include <string>

namespace permward {

struct SourceFile {
  std::string name;  // as it was named
  std::string text;
};

}  // namespace permward
