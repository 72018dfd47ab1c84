// SPDX-License-Identifier: Apache-2.0
#include "model/mode.hpp"

#include <bit>
#include <string_view>

namespace permward {

unsigned settled(unsigned mode, const ModeTable& table) {
  for (int round = 0; round < 3; ++round) {
    const unsigned next = corrected(mode, table.rows[execute_index(mode)]);
    if (next == mode) break;
    mode = next;
  }
  return mode;
}

void merge(ModeTable& table, const ModeTable& extra, std::uint16_t parts) {
  table.parts = static_cast<std::uint16_t>(table.parts | (extra.parts & parts));
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    ModeRow& row = table.rows[i];
    row.set = static_cast<std::uint16_t>(row.set | (extra.rows[i].set & parts));
    row.clear = static_cast<std::uint16_t>(row.clear | (extra.rows[i].clear & parts));
  }
}

namespace {

ModeTable same_for_all(std::uint16_t parts, ModeRow row) {
  ModeTable table;
  table.parts = parts;
  table.rows.fill(row);
  return table;
}

}  // namespace

ModeWant ModeWant::exact(std::uint16_t mode) {
  ModeWant want = bounds(mode, true, mode, true);
  want.form = Form::exact;
  return want;
}

ModeWant ModeWant::bounds(std::uint16_t at_most, bool above, std::uint16_t at_least, bool below) {
  ModeWant want;
  want.form = Form::bounds;
  want.bounded_above = above;
  want.bounded_below = below;
  want.at_most = above ? at_most : all_mode_bits;
  want.at_least = below ? at_least : std::uint16_t{0};
  const auto forbidden = static_cast<std::uint16_t>(all_mode_bits & ~want.at_most);
  const std::uint16_t parts = above ? all_mode_bits : want.at_least;
  want.of_files = same_for_all(parts, {want.at_least, forbidden});
  want.of_directories = want.of_files;
  return want;
}

std::string mode_text(unsigned mode) {
  std::string text(4, '0');
  for (std::size_t i = 4; i-- > 0; mode >>= 3) text[i] = static_cast<char>('0' + (mode & 7));
  return text;
}

namespace {

std::string letters(unsigned bits, std::string_view class_letter, unsigned shift, unsigned set_id) {
  std::string rights;
  if ((bits >> shift & 4) != 0) rights += 'r';
  if ((bits >> shift & 2) != 0) rights += 'w';
  if ((bits >> shift & 1) != 0) rights += 'x';
  if ((bits & set_id) != 0) rights += 's';
  return rights.empty() ? "" : std::string(class_letter) + ':' + rights + ' ';
}

constexpr int most_bits_listed = 6;

}  // namespace

std::string mode_bits_text(unsigned bits) {
  if (bits == all_mode_bits) return "all bits";
  if (std::popcount(bits) > most_bits_listed) {
    return "all bits but " + mode_bits_text(all_mode_bits & ~bits);
  }
  std::string out =
      letters(bits, "u", 6, 04000) + letters(bits, "g", 3, 02000) + letters(bits, "o", 0, 0);
  if ((bits & 01000) != 0) return out + 't';
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace permward
