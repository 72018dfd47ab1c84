// SPDX-License-Identifier: Apache-2.0
#include "cli/distrust_text.hpp"

#include "base/text.hpp"
#include "decide/describe_principals.hpp"
#include "model/codes.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace permward {
namespace {

// What the warnings of one kind have in common.
struct Wording {
  Code code;
  std::string_view what;
  std::string_view link;  // what its owner decides
  std::string_view file;  // of what somebody may write
  std::string_view help;
};

constexpr std::string_view alone = "--offline says that nobody else acts on this tree";

constexpr std::array<Wording, 4> wordings = {{
    {Code::untrusted_policy, "the policy", "what the policy is", "this policy",
     "a policy should be root's alone; --allow-untrusted-policy accepts it"},
    {Code::untrusted_root, "the root", "where the root lies", "the root", alone},
    {Code::untrusted_names, "what names mean", "what names mean",
     "this file, and so what names mean", alone},
    {Code::untrusted_policy, "the settings", "what the settings are", "these settings",
     "settings should be root's alone; --allow-untrusted-policy accepts them"},
}};

std::string what_they_do(Distrust::Way way, const Wording& wording) {
  switch (way) {
    case Distrust::Way::may_replace:
      return " may replace what lies in this directory, and so " + std::string(wording.what);
    case Distrust::Way::may_add:
      return " may add policies to this directory";
    case Distrust::Way::owns_link:
      return " owns this link, and so decides " + std::string(wording.link);
    case Distrust::Way::may_write:
      break;
  }
  return " may write " + std::string(wording.file);
}

}  // namespace

std::string principals_text(const Principals& who, NameService& service) {
  AccountNames names;
  const auto learn = [&](AccountKind kind, std::uint32_t id) {
    names.learn(kind, id, printable(service.name_of(kind, id)));
  };
  for (const std::uint32_t id : who.users) learn(AccountKind::user, id);
  for (const std::uint32_t id : who.groups) learn(AccountKind::group, id);
  return principals_text(who, names);
}

Diagnostics distrust_warnings(const std::vector<Distrust>& distrust, Decides what,
                              NameService& names) {
  const Wording& wording = wordings[static_cast<std::size_t>(what)];
  Diagnostics out;
  for (const Distrust& one : distrust) {
    Diagnostic warning = make_diagnostic(
        wording.code, principals_text(one.who, names).append(what_they_do(one.way, wording)),
        std::string(wording.help));
    warning.file = one.component;
    out.push_back(std::move(warning));
  }
  return out;
}

}  // namespace permward
