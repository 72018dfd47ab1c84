// SPDX-License-Identifier: Apache-2.0
// The least that anybody can do who looks at every object of a tree: list each directory, statx(2)
// each entry by (directory, name), and, where asked, its access ACL. Nothing is compared or kept.
#pragma once

#include <cstdint>
#include <string>

namespace permward::bench {

enum class Reads { status, status_and_acl };

// The number of objects, the top included. Throws std::system_error.
std::uint64_t walk(const std::string& top, unsigned threads, Reads reads);

}  // namespace permward::bench
