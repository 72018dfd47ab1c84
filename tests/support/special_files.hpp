// SPDX-License-Identifier: Apache-2.0
// Objects that are neither files nor directories. Devices need root.
#pragma once

#include "support/temp_tree.hpp"

#include <string>

namespace permward::test {

// A socket that somebody bound there. Throws where the system refuses.
void make_socket(const std::string& path);

// One object of each type, named as the policy names the type, with `prefix` before it. Nothing
// can be read from the block device.
void make_every_type(TempTree& tree, const std::string& prefix);

}  // namespace permward::test
