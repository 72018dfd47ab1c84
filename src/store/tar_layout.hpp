// SPDX-License-Identifier: Apache-2.0
//
// What readers of tar archives pass over: the rest of a member's last block, the end of the
// archive, the end of a checksum. Layer `store`; pure. In an archive of permward none of that says
// anything, so that a byte of it that differs is damage. The format: pax in POSIX.1-2017 (`pax`,
// EXTENDED DESCRIPTION), with the sizes in base 256 of GNU tar.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

class TarLayout {
 public:
  // The next bytes of the archive. False from then on where something of them is not as it is
  // written: something in a padding, an extended header that is too large or cannot be read, a type
  // of member with content that has none.
  [[nodiscard]] bool follow(std::string_view bytes);

  // Whether it has ended, with the two blocks of zeros that end an archive, or more of them, as
  // some write to fill a record.
  [[nodiscard]] bool ended() const;

 private:
  static constexpr std::size_t block = 512;  // bytes

  enum class In : std::uint8_t { header, content, padding, end };

  bool take_header(std::string_view bytes);
  bool take_content(std::string_view bytes);
  bool begin_member();
  bool end_content();
  bool read_records();

  In in_ = In::header;
  bool whole_ = true;
  std::array<char, block> header_{};
  std::size_t used_ = 0;                    // of the header
  std::uint64_t left_ = 0;                  // of the content, then of the padding, bytes
  std::size_t padding_ = 0;                 // behind the content, bytes
  std::uint64_t zeros_ = 0;                 // at the end, bytes
  bool is_extended_ = false;                // the member is an extended header of the next one
  std::string records_;                     // of that
  std::optional<std::uint64_t> next_size_;  // as that says
};

}  // namespace permward
