// SPDX-License-Identifier: Apache-2.0
#include "store/tar_layout.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace permward {
namespace {

// Places in a header.
constexpr std::size_t size_at = 124;
constexpr std::size_t size_digits = 12;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t checksum_digits = 6;
constexpr std::size_t type_at = 156;
constexpr char extended_type = 'x';

constexpr std::size_t most_records = std::size_t{4} << 20;  // bytes of an extended header

bool is_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// Octal digits, or, where the first bit is set, base 256.
std::optional<std::uint64_t> number_of(std::string_view field) {
  std::uint64_t out = 0;
  if ((static_cast<unsigned char>(field.front()) & 0x80) == 0) {
    std::from_chars(field.begin(), field.end(), out, 8);
    return out;
  }
  for (const char c : field.substr(field.size() - sizeof out)) {
    out = out << 8 | static_cast<unsigned char>(c);
  }
  return out <= INT64_MAX ? std::optional(out) : std::nullopt;
}

// "30 mtime=1795688100.123456789\n": the length of all of it, a space, a name, "=", a value.
struct Record {
  std::string_view name;
  std::string_view value;
};

std::optional<Record> take_record(std::string_view& records) {
  std::size_t length = 0;
  const auto digits = std::from_chars(records.begin(), records.end(), length);
  const auto used = static_cast<std::size_t>(digits.ptr - records.begin());
  if (digits.ec != std::errc{} || length <= used + 1 || length > records.size()) {
    return std::nullopt;
  }
  const std::string_view text = records.substr(used + 1, length - used - 2);
  const std::size_t equals = text.find('=');
  const bool whole = records[used] == ' ' && records[length - 1] == '\n';
  if (!whole || equals == text.npos) return std::nullopt;
  records.remove_prefix(length);
  return Record{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

bool TarLayout::follow(std::string_view bytes) {
  while (whole_ && !bytes.empty()) {
    std::string_view taken;
    switch (in_) {
      case In::header:
        taken = bytes.substr(0, block - used_);
        whole_ = take_header(taken);
        break;
      case In::content:
        taken = bytes.substr(0, left_);
        whole_ = take_content(taken);
        break;
      case In::padding:
        taken = bytes.substr(0, left_);
        left_ -= taken.size();
        whole_ = is_zero(taken);
        if (left_ == 0) in_ = In::header;
        break;
      case In::end:
        taken = bytes;
        zeros_ += taken.size();
        whole_ = is_zero(taken);
        break;
    }
    bytes.remove_prefix(taken.size());
  }
  return whole_;
}

bool TarLayout::ended() const { return whole_ && in_ == In::end && zeros_ >= 2 * block; }

bool TarLayout::take_header(std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), header_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ += bytes.size();
  if (used_ < block) return true;
  used_ = 0;
  return begin_member();
}

bool TarLayout::begin_member() {
  const std::string_view header(header_.data(), header_.size());
  if (is_zero(header)) {
    in_ = In::end;
    zeros_ = block;
    return true;
  }
  // All else of a header is in the sum, which readers compare.
  const std::string_view sum = header.substr(checksum_at, checksum_digits);
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  if (!std::all_of(sum.begin(), sum.end(), is_octal)) return false;
  if (header[checksum_at + checksum_digits] != '\0') return false;
  if (header[checksum_at + checksum_digits + 1] != ' ') return false;
  const char type = header[type_at];
  is_extended_ = type == extended_type;
  auto size = number_of(header.substr(size_at, size_digits));
  if (!is_extended_ && next_size_) size = std::exchange(next_size_, std::nullopt);
  if (!size || (is_extended_ && *size > most_records)) return false;
  if (!is_extended_ && type != '0' && *size != 0) return false;
  left_ = *size;
  padding_ = (block - left_ % block) % block;
  if (left_ != 0) {
    in_ = In::content;
    return true;
  }
  return end_content();
}

bool TarLayout::take_content(std::string_view bytes) {
  left_ -= bytes.size();
  if (is_extended_) records_ += bytes;
  return left_ != 0 || end_content();
}

bool TarLayout::end_content() {
  left_ = padding_;
  in_ = left_ != 0 ? In::padding : In::header;
  return !is_extended_ || read_records();
}

// Only what says where the next member ends counts here.
bool TarLayout::read_records() {
  const std::string records = std::exchange(records_, {});
  std::string_view left = records;
  while (!left.empty()) {
    const auto record = take_record(left);
    if (!record) return false;
    if (record->name != "size") continue;
    std::uint64_t size = 0;
    const auto read = std::from_chars(record->value.begin(), record->value.end(), size);
    if (read.ec != std::errc{} || read.ptr != record->value.end() || size > INT64_MAX) return false;
    next_size_ = size;
  }
  return true;
}

}  // namespace permward
