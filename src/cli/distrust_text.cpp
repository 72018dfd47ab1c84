// SPDX-License-Identifier: Apache-2.0
#include "cli/distrust_text.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "model/codes.hpp"

namespace permward {
namespace {

constexpr std::size_t most_named = 5;

std::string principal_text(AccountKind kind, std::uint32_t id, NameService& names) {
  const std::string name = names.name_of(kind, id);
  return std::string(permward::name(kind)) + " " +
         (name.empty() ? std::to_string(id) : printable(name));
}

std::string_view what(Distrust::Way way) {
  switch (way) {
    case Distrust::Way::may_replace:
      return " may replace what lies in this directory, and so the policy";
    case Distrust::Way::may_add:
      return " may add policies to this directory";
    case Distrust::Way::owns_link:
      return " owns this link, and so decides what the policy is";
    case Distrust::Way::may_write:
      break;
  }
  return " may write this policy";
}

}  // namespace

std::string principals_text(const Principals& who, NameService& names) {
  if (who.anyone) return "everyone";
  std::vector<std::string> parts;
  for (const std::uint32_t uid : who.users) {
    if (parts.size() < most_named) parts.push_back(principal_text(AccountKind::user, uid, names));
  }
  for (const std::uint32_t gid : who.groups) {
    if (parts.size() < most_named) parts.push_back(principal_text(AccountKind::group, gid, names));
  }
  if (const std::size_t all = who.users.size() + who.groups.size(); all > parts.size()) {
    parts.push_back(std::to_string(all - parts.size()) + " others");
  }
  return listed(parts, "and");
}

Diagnostics distrust_warnings(const std::vector<Distrust>& distrust, NameService& names) {
  Diagnostics out;
  for (const Distrust& one : distrust) {
    Diagnostic warning = make_diagnostic(
        Code::untrusted_policy, principals_text(one.who, names).append(what(one.way)),
        "a policy should be root's alone; --allow-untrusted-policy accepts it");
    warning.file = one.component;
    out.push_back(std::move(warning));
  }
  return out;
}

}  // namespace permward
