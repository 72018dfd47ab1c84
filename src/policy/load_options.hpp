// SPDX-License-Identifier: Apache-2.0
//
// Layer `policy`; values only.
#pragma once

namespace permward {

struct LoadOptions {
  bool lint = false;  // also warn of what is only advice: for `validate`
};

}  // namespace permward
