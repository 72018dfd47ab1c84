// SPDX-License-Identifier: Apache-2.0
// What the tests of whole checks share: a rule of a policy, and lines of a report.
#pragma once

#include "support/checked.hpp"

#include <string>
#include <vector>

namespace permward::test {

using Lines = std::vector<std::string>;

inline std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

}  // namespace permward::test
