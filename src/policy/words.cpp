// SPDX-License-Identifier: Apache-2.0
#include "policy/words.hpp"

#include "base/text.hpp"

namespace permward {
namespace {

constexpr std::size_t longest_quote = 80;

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string quoted(std::string_view text) {
  std::size_t end = text.size();
  if (end > longest_quote) {
    end = longest_quote;
    while (end > longest_quote - 3 && continues_a_character(text[end])) --end;
  }
  return "'" + printable(text.substr(0, end)) + (end < text.size() ? "…'" : "'");
}

std::string one_of(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += quoted(words[i]);
  }
  return out;
}

}  // namespace permward
