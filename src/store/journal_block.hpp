// SPDX-License-Identifier: Apache-2.0
//
// Changes and outcomes as the bytes of one row, a block: a row for each would cost more than making
// the changes. Layer `store`, and private to the .cpp files of `Journal`; pure.
//
// A member of a block is told by what differs from the one before it, the first from a
// value-initialized one:
//
//   change:   lifted (the bits, a byte), path, inode, state before, state intended
//   outcome:  flags (1: had an effect, 2: has a state after, 4: the status is that of the one
//             before), sequence − that before − 1, status unless 4, inode, time of the change,
//             state after if 2
//
//   path:     bytes at its beginning that are those of the path before, their number; the rest
//   inode:    flags (1: has a birth time, 2: its device is that of the one before), device unless
//             2, inode − that before, birth time if 1
//   time:     seconds − those of the time before, nanoseconds
//   state:    `state_text`; empty where it is that of the one before
//   text:     its length, its bytes
//
// What the one before does not have, a birth time or a state after, is zeros and `absent`.
// Numbers are unsigned LEB128 of 64 bits in as few bytes as can be; differences are modulo 2^64,
// the sign in the lowest bit. (DWARF 5, 7.6; protobuf.dev/programming-guides/encoding, "ZigZag")
#pragma once

#include "store/journal_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// A block is full when it has so many members, or these take so much room, in about bytes: what is
// read at once to find one. Its last member may be of any size.
inline constexpr std::size_t most_in_block = 1024;
inline constexpr std::size_t full_block = std::size_t{512} << 10;

// What a sequence number takes is 32 bits.
inline constexpr std::uint64_t greatest_sequence = std::numeric_limits<std::uint32_t>::max();

// The block of as many as fit from the front of those, at least one, replaces what is in `block`.
// Returns their number. Neither span is empty.
[[nodiscard]] std::size_t write_block(std::string& block, std::span<const Change> changes);
[[nodiscard]] std::size_t write_block(std::string& block, std::span<const Outcome> outcomes);

// What a block was made of. Nothing where it could not have been: its members are more or fewer
// than `count`, than 1 to `most_in_block`, or than are in a full block; there are bytes left; a
// path is not absolute or not in its simplest form (".." or a NUL is in it, or a "/" at its end), a
// sequence number is out of 1 to 2^32 - 1, nanoseconds are no fraction of a second, a state is
// none; what was lifted is not immutable or append-only.
[[nodiscard]] std::optional<std::vector<Change>> read_changes(std::string_view block,
                                                              std::size_t count);
[[nodiscard]] std::optional<std::vector<Outcome>> read_outcomes(std::string_view block,
                                                                std::size_t count);

}  // namespace permward
