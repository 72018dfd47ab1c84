// SPDX-License-Identifier: Apache-2.0
#include "report/diff_text.hpp"

#include "report/escape.hpp"

#include <algorithm>

namespace permward {
namespace {

Style style_of_line(std::string_view line, bool in_hunk) {
  if (!in_hunk) return Style::bold;
  if (line.starts_with('@')) return Style::info;
  if (line.starts_with('+')) return Style::good;
  return line.starts_with('-') ? Style::bad : Style::plain;
}

std::string shown_line(std::string_view line) {
  std::string out;
  while (true) {
    const std::size_t tab = line.find('\t');
    out += shown_text(line.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    out += '\t';
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

std::string shown_diff(std::string_view diff, std::size_t indent, Color color) {
  std::string out;
  bool in_hunk = false;
  while (!diff.empty()) {
    const std::string_view line = diff.substr(0, diff.find('\n'));
    in_hunk = in_hunk || line.starts_with('@');
    out.append(indent, ' ');
    out += styled(shown_line(line), style_of_line(line, in_hunk), color);
    out += '\n';
    diff.remove_prefix(std::min(diff.size(), line.size() + 1));
  }
  return out;
}

}  // namespace permward
