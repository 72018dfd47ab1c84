// SPDX-License-Identifier: Apache-2.0
// The least that anybody can do who hashes files: open each, read it to its end through one buffer
// a thread, and give that to libcrypto's SHA-256. Nothing is compared.
#pragma once

#include <cstdint>
#include <string>

namespace permward::bench {

// Of each file that a line of `list` names; the threads take them in turn. The number of bytes.
// Throws std::system_error.
std::uint64_t hash_each(const std::string& list, unsigned threads);

}  // namespace permward::bench
