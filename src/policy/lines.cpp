// SPDX-License-Identifier: Apache-2.0
#include "policy/lines.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr std::uint32_t anchor_distance = 256;

bool begins_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

Lines::Lines(std::string_view text) : text_(text) {
  std::uint32_t character = 0;
  for (std::uint32_t at = 0; at < text.size(); ++at) {
    if (!begins_a_character(text[at])) continue;
    if (character % anchor_distance == 0) anchors_.push_back(at);
    ++character;
    if (text[at] == '\n') starts_.push_back({at + 1, character});
  }
}

Lines::Place Lines::place(std::size_t offset) const {
  const auto after =
      std::upper_bound(starts_.begin(), starts_.end(), offset,
                       [](std::size_t value, const Start& start) { return value < start.byte; });
  const auto line = static_cast<std::uint32_t>(after - starts_.begin());
  return {line, static_cast<std::uint32_t>(offset - std::prev(after)->byte + 1)};
}

std::size_t Lines::offset(std::uint32_t line, std::uint32_t character) const {
  if (line == 0 || line > starts_.size()) return text_.size();
  const std::uint32_t index = starts_[line - 1].character + std::max(character, 1U) - 1;
  if (index / anchor_distance >= anchors_.size()) return text_.size();
  std::size_t at = anchors_[index / anchor_distance];
  for (std::uint32_t left = index % anchor_distance; left > 0 && at < text_.size(); --left) {
    do ++at;
    while (at < text_.size() && !begins_a_character(text_[at]));
  }
  return at;
}

Lines::Place Lines::place(std::uint32_t line, std::uint32_t character) const {
  if (line > 0 && line < starts_.size()) {
    const Start& begin = starts_[line - 1];
    const Start& end = starts_[line];
    if (end.byte - begin.byte == end.character - begin.character) return {line, character};
  }
  return place(offset(line, character));
}

std::string_view Lines::line(std::uint32_t line) const {
  if (line == 0 || line > starts_.size()) return {};
  const std::size_t begin = starts_[line - 1].byte;
  const std::size_t end = line < starts_.size() ? starts_[line].byte - 1 : text_.size();
  std::string_view out = text_.substr(begin, end - begin);
  if (out.ends_with('\r')) out.remove_suffix(1);
  return out;
}

}  // namespace permward
