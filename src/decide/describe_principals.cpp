// SPDX-License-Identifier: Apache-2.0
#include "decide/describe_principals.hpp"

#include "base/words.hpp"

#include <cstddef>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t most_named = 5;

}  // namespace

std::string principals_text(const Principals& who, const AccountNames& names) {
  if (who.anyone) return "everyone";
  std::vector<std::string> parts;
  for (const std::uint32_t id : who.users) {
    if (parts.size() < most_named) parts.push_back("user " + names.text(AccountKind::user, id));
  }
  for (const std::uint32_t id : who.groups) {
    if (parts.size() < most_named) parts.push_back("group " + names.text(AccountKind::group, id));
  }
  const std::size_t all = who.users.size() + who.groups.size();
  if (all > parts.size()) parts.push_back(std::to_string(all - parts.size()) + " others");
  return listed(parts, "and");
}

std::string trust_text(const Principals& who, const AccountNames& names) {
  if (who.anyone) return "\"*\"";
  std::string out;
  const auto add = [&out](const std::string& word) {
    if (!out.empty()) out += ", ";
    out += '"' + word + '"';
  };
  for (const std::uint32_t id : who.users) add(names.text(AccountKind::user, id));
  for (const std::uint32_t id : who.groups) add("@" + names.text(AccountKind::group, id));
  return out;
}

}  // namespace permward
