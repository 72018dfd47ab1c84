// SPDX-License-Identifier: Apache-2.0
#include "policy/syntax_error.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string>

namespace permward {
namespace {

struct Advice {
  std::string_view said;  // part of toml++'s message
  std::string_view help;
};

constexpr Advice advice[] = {
    {"could not determine value type", "text stands in quotes, as in 'owner = \"root\"'"},
    {"cannot redefine", "a key stands once in its table, and a table once"},
    {"encountered end-of-file", "a bracket or a quote is not closed"},
    {"unescaped control characters", "a string in single or double quotes ends in its line"},
    {"key or closing '}'", "an inline table stands in one line"},
    {"dangling comma", "an inline table ends without a comma"},
    {"escape sequence", "a string in single quotes takes backslashes as they are"},
    {"expected a comment or whitespace", "a line has one key and one value"},
    {"expected keys, tables", "a line has a key, '=' and a value, or a table's name in brackets"},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `mode = 0644`: the mistake that everybody makes once.
std::string quoted_mode(std::string_view text, std::size_t offset) {
  std::size_t begin = std::min(offset, text.size());
  while (begin > 0 && is_digit(text[begin - 1])) --begin;
  std::size_t end = begin;
  while (end < text.size() && is_digit(text[end])) ++end;
  return "a mode is written in quotes: \"" + std::string(text.substr(begin, end - begin)) + '"';
}

std::string help_for(std::string_view message, std::string_view text, std::size_t offset) {
  if (message.find("leading zero") != message.npos) return quoted_mode(text, offset);
  for (const Advice& one : advice) {
    if (message.find(one.said) != message.npos) return std::string(one.help);
  }
  return {};
}

// toml++ has escapes of its own: backslashes stay.
std::string escaped(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t backslash = text.find('\\');
    out += printable(text.substr(0, backslash));
    if (backslash == text.npos) return out;
    out += '\\';
    text.remove_prefix(backslash + 1);
  }
}

}  // namespace

TextError syntax_error(std::string_view description, std::string_view text, std::size_t offset) {
  if (description.starts_with("Error while parsing ")) {
    const std::size_t colon = description.find(": ");
    if (colon != description.npos) description.remove_prefix(colon + 2);
  }
  if (description.ends_with('.')) description.remove_suffix(1);
  std::string message = escaped(description);
  if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') {
    message[0] = static_cast<char>(message[0] | 0x20);
  }
  std::string help = help_for(message, text, offset);
  return {Code::syntax, std::move(message), std::move(help), offset};
}

}  // namespace permward
