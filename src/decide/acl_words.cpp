// SPDX-License-Identifier: Apache-2.0
#include "decide/acl_words.hpp"

#include "base/text.hpp"
#include "decide/describe.hpp"

#include <algorithm>
#include <utility>

namespace permward {

EntryText entry_text(const AclEntry& entry, const AccountNames& names) {
  switch (entry.tag) {
    case AclTag::user:
      return {entry, "user:" + names.text(AccountKind::user, entry.id)};
    case AclTag::group:
      return {entry, "group:" + names.text(AccountKind::group, entry.id)};
    case AclTag::user_obj:
      return {entry, "user:"};
    case AclTag::group_obj:
      return {entry, "group:"};
    case AclTag::mask:
      return {entry, "mask:"};
    case AclTag::other:
      break;
  }
  return {entry, "other:"};
}

EntryText entry_text(const Policy& policy, const AclWantEntry& entry, unsigned permissions,
                     const AccountNames& names) {
  AclEntry out{entry.tag, static_cast<std::uint8_t>(permissions), 0};
  if (!out.named()) return entry_text(out, names);
  const Account& account = policy.accounts[entry.account];
  if (!account.found()) {
    return {out, std::string(name(account.kind)) + ":" + printable(account.text)};
  }
  out.id = account.id;
  return entry_text(out, names);
}

const EntryText* find_entry(const std::vector<EntryText>& entries, const AclEntry& wanted) {
  for (const EntryText& entry : entries) {
    if (entry.entry.tag == wanted.tag && entry.entry.id == wanted.id) return &entry;
  }
  return nullptr;
}

namespace {

std::string and_more(std::size_t count) {
  return count > most_told ? " and " + std::to_string(count - most_told) + " more" : "";
}

}  // namespace

std::string acl_text(std::vector<EntryText> entries) {
  if (entries.empty()) return "none";
  std::sort(entries.begin(), entries.end(),
            [](const EntryText& a, const EntryText& b) { return acl_order(a.entry, b.entry); });
  std::string out;
  for (const EntryText& entry : entries) {
    if (!out.empty()) out += ',';
    out += entry.text();
  }
  return out;
}

std::string present_acl_text(std::vector<EntryText> entries) {
  const std::size_t count = entries.size();
  if (count > most_told) {
    std::partial_sort(
        entries.begin(), entries.begin() + most_told, entries.end(),
        [](const EntryText& a, const EntryText& b) { return acl_order(a.entry, b.entry); });
    entries.resize(most_told);
  }
  return acl_text(std::move(entries)) + and_more(count);
}

void AclDifferences::add_extra(std::string part) {
  if (++extra_ > most_told) return;
  last_extra_ = parts_.size();
  parts_.push_back(std::move(part));
}

std::string AclDifferences::text() const {
  std::vector<std::string> parts = parts_;
  if (extra_ > most_told) parts[last_extra_] += and_more(extra_);
  return joined(parts, "; ");
}

}  // namespace permward
