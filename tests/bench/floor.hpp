// SPDX-License-Identifier: Apache-2.0
// The least that anybody can do who looks at every object of a tree: list each directory, statx(2)
// each entry by (directory, name), and, where asked, its access ACL. Nothing is compared or kept.
// And the least of who corrects: the same, and where a file is not as wanted, chown(2) and
// chmod(2).
#pragma once

#include <cstdint>
#include <string>

namespace permward::bench {

enum class Reads { status, status_and_acl };

// The number of objects, the top included. Throws std::system_error.
std::uint64_t walk(const std::string& top, unsigned threads, Reads reads);

// Of a file.
struct Wanted {
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint16_t mode = 0;
};

// As `Tree` makes them, for root, and what they are corrected from: other in all three.
inline constexpr Wanted as_made{0, 0, 0644};
inline constexpr Wanted damaged{1, 1, 0666};

// In one thread. The number of regular files that were otherwise. Throws std::system_error.
std::uint64_t correct(const std::string& top, const Wanted& wanted);

}  // namespace permward::bench
