// SPDX-License-Identifier: Apache-2.0
//
// Rows whose columns line up, for reports that people read. Layer `report`; pure.
#pragma once

#include "report/style.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {

// Text of several styles that knows how wide it is. What others wrote in it is escaped already.
class Cell {
 public:
  explicit Cell(Color color) : color_(color) {}
  void add(std::string_view text, Style style = Style::plain);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t width() const { return width_; }

 private:
  Color color_;
  std::string text_;
  std::size_t width_ = 0;
};

// Of the blocks of a report, one of which follows the other: their values line up, mostly.
inline constexpr std::size_t narrowest_aspect = 6;
inline constexpr std::size_t block_indent = 2;

// A column without anything in it takes no room; nothing ends in blanks.
class Table {
 public:
  // `gaps`: the blanks after each column, the last one's too. `narrowest`: of the first column.
  Table(std::vector<std::size_t> gaps, std::size_t narrowest)
      : gaps_(std::move(gaps)), narrowest_(narrowest) {}

  // As many cells as there are gaps.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  // Between the rows, as it is.
  void add_line(const Cell& line) { rows_.push_back({line}); }

  // A line a row, with `indent` blanks before each row; lines are not indented.
  [[nodiscard]] std::string text(std::size_t indent) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<std::size_t> gaps_;
  std::size_t narrowest_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace permward
