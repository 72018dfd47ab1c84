// SPDX-License-Identifier: Apache-2.0
#include "report/escape.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace permward {

std::string shown_path(std::string_view path) {
  const std::string text = printable(path);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool misleading = text[i] == ' ' && (i + 1 == text.size() || text[i + 1] == ' ');
    if (misleading) {
      out += "\\x20";
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string shown_text(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t backslash = text.find('\\');
    out += printable(text.substr(0, backslash));
    if (backslash == text.npos) return out;
    out += '\\';
    text.remove_prefix(backslash + 1);
  }
}

std::string json_text(std::string_view bytes) {
  return invalid_utf8(bytes) ? printable(bytes) : std::string(bytes);
}

std::string json_lines(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::size_t newline = lines.find('\n');
    out += json_text(lines.substr(0, newline));
    if (newline == std::string_view::npos) break;
    out += '\n';
    lines.remove_prefix(newline + 1);
  }
  return out;
}

std::size_t text_width(std::string_view text) {
  const auto begins_code_point = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_code_point));
}

}  // namespace permward
