// SPDX-License-Identifier: Apache-2.0
#include "report/table.hpp"

#include "report/escape.hpp"

#include <algorithm>

namespace permward {

void Cell::add(std::string_view text, Style style) {
  text_ += styled(text, style, color_);
  width_ += text_width(text);
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> out(gaps_.size(), 0);
  out.front() = narrowest_;
  for (const std::vector<Cell>& row : rows_) {
    if (row.size() != gaps_.size()) continue;  // a line
    for (std::size_t i = 0; i < row.size(); ++i) out[i] = std::max(out[i], row[i].width());
  }
  return out;
}

std::string Table::text(std::size_t indent) const {
  const std::vector<std::size_t> widest = widths();
  std::string out;
  for (const std::vector<Cell>& row : rows_) {
    std::size_t pending = row.size() == gaps_.size() ? indent : 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].width() > 0) {  // blanks are written only before something
        out.append(pending, ' ').append(row[i].text());
        pending = 0;
      }
      if (widest[i] > 0) pending += widest[i] - std::min(widest[i], row[i].width()) + gaps_[i];
    }
    out += '\n';
  }
  return out;
}

}  // namespace permward
