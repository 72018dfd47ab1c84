// SPDX-License-Identifier: Apache-2.0
#include "store/archive_seal.hpp"

#include <algorithm>
#include <array>

namespace permward {
namespace {

constexpr std::string_view compressed_frame("\x28\xb5\x2f\xfd", 4);
// Those that are skipped have one of 16 numbers, which differ in the lowest bits of the first byte.
constexpr std::string_view skipped_frame("\x50\x2a\x4d\x18", 4);
constexpr std::size_t size_of_size = 4;
constexpr std::size_t size_of_checksum = 4;
constexpr std::uint32_t size_of_digest = seal_size - skipped_frame.size() - size_of_size;

// Of some bytes, the lowest first.
std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t out = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    out = out << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return out;
}

bool is_skipped(std::string_view magic) {
  return (static_cast<unsigned char>(magic[0]) & 0xf0U) == 0x50U &&
         magic.substr(1) == skipped_frame.substr(1);
}

}  // namespace

std::string seal_of(const Sha256::Digest& before) {
  std::string out(skipped_frame);
  out += static_cast<char>(size_of_digest);
  out.append(size_of_size - 1, '\0');
  out.append(reinterpret_cast<const char*>(before.data()), before.size());
  return out;
}

bool SealSearch::holds() const {
  return in_ == In::end || (in_ == In::frame && part_.empty() && left_ == 0);
}

void SealSearch::follow(std::string_view bytes) {
  while (!bytes.empty() && in_ != In::broken) {
    if (in_ == In::end) {
      in_ = In::broken;
      return;
    }
    const std::uint64_t wanted = left_ > 0 ? left_ : part_size() - part_.size();
    const std::string_view some = bytes.substr(0, std::min<std::uint64_t>(wanted, bytes.size()));
    bytes.remove_prefix(some.size());
    if (left_ > 0) {
      before_.add(some);
      left_ -= some.size();
      continue;
    }
    part_ += some;
    if (part_.size() == part_size()) take_part();
  }
}

std::size_t SealSearch::part_size() const {
  switch (in_) {
    case In::frame:
      return compressed_frame.size();
    case In::descriptor:
      return 1;
    case In::block:
      return 3;
    case In::skipped:
      return skipped_frame.size() + size_of_size;
    case In::seal:
      return seal_size;
    case In::end:
    case In::broken:
      break;
  }
  return 0;
}

void SealSearch::take_part() {
  switch (in_) {
    case In::frame:
      return take_frame();
    case In::descriptor:
      return take_descriptor();
    case In::block:
      return take_block();
    case In::skipped:
      return take_skipped();
    case In::seal:
      in_ = part_ == seal_of(before_.digest()) ? In::end : In::broken;
      return;
    case In::end:
    case In::broken:
      return;
  }
}

void SealSearch::go_on(In next, std::uint64_t passed_over) {
  before_.add(part_);
  part_.clear();
  left_ = passed_over;
  in_ = next;
}

void SealSearch::take_frame() {
  if (part_ == compressed_frame) return go_on(In::descriptor, 0);
  in_ = is_skipped(part_) ? In::skipped : In::broken;
}

// RFC 8878, 3.1.1.1: how long the rest of the header is.
void SealSearch::take_descriptor() {
  const std::uint32_t flags = number_in(part_);
  const bool one_segment = (flags >> 5 & 1) != 0;
  checksum_ = (flags >> 2 & 1) != 0;
  const std::uint32_t window = one_segment ? 0 : 1;
  const std::uint32_t dictionary = std::array{0U, 1U, 2U, 4U}[flags & 3];
  const std::uint32_t content_size = std::array{one_segment ? 1U : 0U, 2U, 4U, 8U}[flags >> 6];
  go_on(In::block, std::uint64_t{window} + dictionary + content_size);
}

// RFC 8878, 3.1.1.2: a block that repeats one byte has just that.
void SealSearch::take_block() {
  const std::uint32_t header = number_in(part_);
  const bool last = (header & 1) != 0;
  const bool repeats = (header >> 1 & 3) == 1;
  const std::uint64_t size = repeats ? 1 : header >> 3;
  const std::uint64_t checksum = last && checksum_ ? size_of_checksum : 0;
  go_on(last ? In::frame : In::block, size + checksum);
}

void SealSearch::take_skipped() {
  const std::uint32_t size = number_in(std::string_view(part_).substr(skipped_frame.size()));
  if (size == size_of_digest) {
    in_ = In::seal;
  } else {
    go_on(In::frame, size);
  }
}

}  // namespace permward
