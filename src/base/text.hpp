// SPDX-License-Identifier: Apache-2.0
//
// Bytes that others choose (file names above all), made fit for people and for JSON.
// Layer `base`; pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

// One code point of UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes, 1 to 4
};

// The code point that starts at `offset`, or nothing where the bytes there are not UTF-8.
// `offset` < text.size().
[[nodiscard]] std::optional<CodePoint> decode_utf8(std::string_view text, std::size_t offset);

// Appends `value` (a valid code point) to `out`.
void append_utf8(std::string& out, char32_t value);

// The offset of the first byte that is not valid UTF-8, or nothing.
[[nodiscard]] std::optional<std::size_t> invalid_utf8(std::string_view text);

// `bytes` with everything escaped that could deceive a reader or a terminal: control characters
// (C0, DEL, C1), bytes that are not UTF-8, bidirectional controls, zero-width, invisible and line
// separating characters, and the backslash itself. One byte becomes `\xHH`, a code point above
// U+007F `\u{H…}`, a backslash `\\`; so different input gives different output.
[[nodiscard]] std::string printable(std::string_view bytes);

// RFC 4648, section 4, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

// The distance between two words: insertions, deletions, replacements and exchanges of neighbours
// (optimal string alignment). Words of over 64 bytes are as far apart as anything can be.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word` that is at most two edits away (one, for words of under four
// bytes) and not the word itself; the first of equals. Empty where there is none.
template <class Range>
[[nodiscard]] std::string_view nearest(std::string_view word, const Range& candidates) {
  std::string_view best;
  std::size_t best_distance = word.size() < 4 ? 2 : 3;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance == 0 || distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace permward
