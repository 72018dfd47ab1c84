// SPDX-License-Identifier: Apache-2.0
// Files of accounts, as an image would bring them: whatever they hold, what is read of them is well
// formed, and every line is an entry, skipped with a reason, or none.
#include "model/account_file.hpp"
#include "model/accounts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace permward;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Entry>
void check_lines(const AccountFile<Entry>& file, std::string_view text) {
  const auto feeds = std::count(text.begin(), text.end(), '\n');
  const std::size_t lines = static_cast<std::size_t>(feeds) + 1;
  require(file.entries.size() + file.skipped <= lines);
  require(file.first_skipped.size() <= file.skipped);
  std::size_t last = 0;
  for (const SkippedAccountLine& line : file.first_skipped) {
    require(line.line > last && line.line <= lines);
    last = line.line;
  }
}

// A root that is read stands in the text as one.
void check_root(std::uint32_t id, std::string_view text) {
  require(id <= greatest_id);
  require(id != 0 || text.find(":0:") != text.npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto users = parse_passwd(text);
  check_lines(users, text);
  for (const PasswdEntry& entry : users.entries) {
    require(valid_account_name(entry.name));
    require(entry.home.find_first_of(std::string_view(":\n\0", 3)) == entry.home.npos);
    check_root(entry.uid, text);
    check_root(entry.gid, text);
  }
  const auto groups = parse_group(text);
  check_lines(groups, text);
  for (const GroupEntry& entry : groups.entries) {
    require(valid_account_name(entry.name));
    check_root(entry.gid, text);
    for (const std::string& member : entry.members) require(valid_account_name(member));
  }
  return 0;
}
