// SPDX-License-Identifier: Apache-2.0
//
// The text of passwd(5) and group(5) files, read strictly by our own code: the files may be those
// of an image, and whoever made the image chose every byte. Layer `model`; pure: text in, values
// out. Nothing here asks the name service, and an id that cannot be read is never root's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

struct PasswdEntry {
  std::string name;  // a `valid_account_name`
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;  // of the primary group
  std::string home;       // bytes as they stand there: may be empty, relative, or hold `..`
  bool operator==(const PasswdEntry&) const = default;
};

struct GroupEntry {
  std::string name;  // a `valid_account_name`
  std::uint32_t gid = 0;
  std::vector<std::string> members;  // each a `valid_account_name`, in the order of the file
  bool operator==(const GroupEntry&) const = default;
};

// Why a line gave no entry. Empty lines and comments (`#`) are no lines.
enum class BadAccountLine : std::uint8_t {
  nis,       // `+` or `-` in front: NIS is not asked, nsswitch.conf(5)
  too_long,  // more than `longest_account_line` bytes
  nul,       // has a NUL byte
  fields,    // not the seven fields of passwd(5), the four of group(5)
  name,      // no account can be called so
  id,        // no decimal id from 0 to 4294967294
  member,    // a member whom no account can be
};
inline constexpr std::size_t longest_account_line = std::size_t{1} << 20;
inline constexpr std::array<std::string_view, 7> bad_account_line_texts = {
    "NIS is not asked",
    "the line is too long",
    "the line has a NUL byte",
    "the number of fields is wrong",
    "the name is no account's",
    "the id is no number from 0 to 4294967294",
    "a member is no account's name"};
[[nodiscard]] constexpr std::string_view text_of(BadAccountLine why) {
  return bad_account_line_texts[static_cast<std::size_t>(why)];
}

struct SkippedAccountLine {
  std::size_t line = 0;  // from 1
  BadAccountLine why = BadAccountLine::fields;
  bool operator==(const SkippedAccountLine&) const = default;
};

// Of two entries with one name, or one id, the first counts for getpwnam(3), getpwuid(3) and their
// kin; all are kept here, in the order of the file.
template <class Entry>
struct AccountFile {
  std::vector<Entry> entries;
  std::size_t skipped = 0;                        // lines
  std::vector<SkippedAccountLine> first_skipped;  // the first of them, at most `most_reported`

  static constexpr std::size_t most_reported = 16;
};

// Of a file that has more nothing is read. That of a root may be anybody's making: a hundred
// thousand users are in fewer. That of the host is its administrator's.
inline constexpr std::size_t most_account_bytes = std::size_t{8} << 20;
inline constexpr std::size_t most_host_account_bytes = std::size_t{64} << 20;

// A last line without a line feed is a line. Takes time and memory in proportion to the text, whose
// size is for the caller to bound.
[[nodiscard]] AccountFile<PasswdEntry> parse_passwd(std::string_view text);
[[nodiscard]] AccountFile<GroupEntry> parse_group(std::string_view text);

}  // namespace permward
