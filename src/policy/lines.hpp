// SPDX-License-Identifier: Apache-2.0
//
// Places in a text: byte offsets, lines, and columns counted in characters or in bytes. toml++
// counts characters, the contract of diagnostics bytes. Layer `policy`; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace permward {

class Lines {
 public:
  struct Place {
    std::uint32_t line = 1;    // from 1
    std::uint32_t column = 1;  // in bytes, from 1
  };

  Lines() = default;
  // `text` must outlive this; at most 4 GiB. Where it is not UTF-8, only columns in bytes are
  // right.
  explicit Lines(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] Place place(std::size_t offset) const;  // offset <= text().size()
  // The byte offset of a place that counts characters. Past the end of the text: its end.
  [[nodiscard]] std::size_t offset(std::uint32_t line, std::uint32_t character) const;
  // The same place as a column in bytes. Fast where a line has one byte a character.
  [[nodiscard]] Place place(std::uint32_t line, std::uint32_t character) const;
  // Without its line break.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;

 private:
  struct Start {
    std::uint32_t byte;
    std::uint32_t character;  // how many characters stand before
  };

  std::string_view text_;
  std::vector<Start> starts_{{0, 0}};   // of each line
  std::vector<std::uint32_t> anchors_;  // the offset of every `anchor_distance`th character
};

}  // namespace permward
