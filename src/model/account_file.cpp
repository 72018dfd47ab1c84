// SPDX-License-Identifier: Apache-2.0
#include "model/account_file.hpp"

#include "model/accounts.hpp"

#include <algorithm>
#include <optional>

namespace permward {
namespace {

constexpr std::size_t passwd_fields = 7;
constexpr std::size_t group_fields = 4;

// The fields between colons; nothing where there are more or fewer than `N`.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> fields_of(std::string_view line) {
  if (std::count(line.begin(), line.end(), ':') != std::ptrdiff_t{N} - 1) return std::nullopt;
  std::array<std::string_view, N> out;
  for (std::string_view& field : out) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    field = line.substr(0, colon);
    line.remove_prefix(std::min(colon + 1, line.size()));
  }
  return out;
}

// What any line can be wrong in.
std::optional<BadAccountLine> bad_line(std::string_view line) {
  if (line.front() == '+' || line.front() == '-') return BadAccountLine::nis;
  if (line.size() > longest_account_line) return BadAccountLine::too_long;
  if (line.find('\0') != line.npos) return BadAccountLine::nul;
  return std::nullopt;
}

std::optional<BadAccountLine> read(std::string_view line, PasswdEntry& out) {
  const auto fields = fields_of<passwd_fields>(line);
  if (!fields) return BadAccountLine::fields;
  const auto& [name, password, uid, gid, gecos, home, shell] = *fields;
  if (!valid_account_name(name)) return BadAccountLine::name;
  const auto user = id_of_text(uid);
  const auto group = id_of_text(gid);
  if (!user || !group) return BadAccountLine::id;
  out.name = name;
  out.uid = *user;
  out.gid = *group;
  out.home = home;
  return std::nullopt;
}

std::optional<BadAccountLine> read(std::string_view line, GroupEntry& out) {
  const auto fields = fields_of<group_fields>(line);
  if (!fields) return BadAccountLine::fields;
  const auto& [name, password, gid, members] = *fields;
  if (!valid_account_name(name)) return BadAccountLine::name;
  const auto id = id_of_text(gid);
  if (!id) return BadAccountLine::id;
  out.name = name;
  out.gid = *id;
  for (std::size_t at = 0; at < members.size();) {
    const std::size_t comma = std::min(members.find(',', at), members.size());
    const std::string_view member = members.substr(at, comma - at);
    // A comma too many is no member, as for getgrnam(3).
    if (!member.empty() && !valid_account_name(member)) return BadAccountLine::member;
    if (!member.empty()) out.members.emplace_back(member);
    at = comma + 1;
  }
  return std::nullopt;
}

template <class Entry>
AccountFile<Entry> parse(std::string_view text) {
  AccountFile<Entry> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    Entry entry;
    auto why = bad_line(line);
    if (!why) why = read(line, entry);
    if (!why) {
      out.entries.push_back(std::move(entry));
      continue;
    }
    ++out.skipped;
    if (out.first_skipped.size() < AccountFile<Entry>::most_reported) {
      out.first_skipped.push_back({number, *why});
    }
  }
  return out;
}

}  // namespace

AccountFile<PasswdEntry> parse_passwd(std::string_view text) { return parse<PasswdEntry>(text); }
AccountFile<GroupEntry> parse_group(std::string_view text) { return parse<GroupEntry>(text); }

}  // namespace permward
