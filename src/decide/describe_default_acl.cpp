// SPDX-License-Identifier: Apache-2.0
#include "decide/acl_words.hpp"
#include "decide/describe.hpp"
#include "decide/rights.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

class DefaultAclDescriber {
 public:
  DefaultAclDescriber(const Policy& policy, const DefaultAclWant& want, const Observed& observed,
                      const AccountNames& names)
      : want_(want), acl_(observed.default_acl.value) {
    for (const AclWantEntry& entry : want.named) {
      add_wanted(entry_text(policy, entry, entry.permissions, names));
    }
    add_base(AclTag::user_obj, want.user_obj, names);
    add_base(AclTag::group_obj, want.group_obj, names);
    add_base(AclTag::other, want.other, names);
    add_base(AclTag::mask, want.mask, names);
    add_present(names, false);
    // A mask that nobody states goes without saying, unless it is all that is wrong.
    if (want.mask || !differences().empty()) return;
    const auto mask = wanted_default_mask(want, observed);
    if (mask) add_base(AclTag::mask, static_cast<std::uint8_t>(*mask), names);
    add_present(names, true);
  }

  [[nodiscard]] std::string expected() const { return acl_text(wanted_); }
  [[nodiscard]] std::string actual() const {
    return present_.empty() && !acl_.empty() ? "none of these" : present_acl_text(present_);
  }

  // What is extra, what lacks, what differs, in the order of acl(5).
  [[nodiscard]] std::string differences() const {
    AclDifferences out;
    for (const EntryText& entry : present_) {
      if (find_entry(wanted_, entry.entry) == nullptr) out.add_extra("extra " + entry.text());
    }
    for (const EntryText& entry : wanted_) {
      const EntryText* there = find_entry(present_, entry.entry);
      if (there == nullptr) {
        out.add("missing " + entry.text());
      } else if (there->entry.permissions != entry.entry.permissions) {
        out.add(entry.who + ": has " + permissions_text(there->entry.permissions) + ", not " +
                permissions_text(entry.entry.permissions));
      }
    }
    return out.text();
  }

 private:
  // Two names of one account are one entry.
  void add_wanted(EntryText entry) {
    const EntryText* same = find_entry(wanted_, entry.entry);
    if (same == nullptr || same->who != entry.who) wanted_.push_back(std::move(entry));
  }

  void add_base(AclTag tag, std::optional<std::uint8_t> permissions, const AccountNames& names) {
    if (permissions) wanted_.push_back(entry_text(AclEntry{tag, *permissions, 0}, names));
  }

  // Named entries, and of the others those that the demand names.
  void add_present(const AccountNames& names, bool mask) {
    present_.clear();
    for (std::size_t i = 0; i < acl_.size(); ++i) {
      const AclEntry entry = acl_[i];
      const bool shown = entry.named() || want_.none() || (mask && entry.tag == AclTag::mask) ||
                         find_entry(wanted_, entry) != nullptr;
      if (shown) present_.push_back(entry_text(entry, names));
    }
    const auto order = [](const EntryText& a, const EntryText& b) {
      return acl_order(a.entry, b.entry);
    };
    std::sort(present_.begin(), present_.end(), order);
    std::sort(wanted_.begin(), wanted_.end(), order);
  }

  const DefaultAclWant& want_;
  const AclView& acl_;
  std::vector<EntryText> wanted_;
  std::vector<EntryText> present_;
};

std::string why_unverified(const Policy& policy, const DefaultAclWant& want,
                           const Readout<AclView>& acl) {
  if (acl.state == Read::unreadable) return unreadable_acl(acl);
  std::string why = unresolved_entries(policy, want.named);
  if (!why.empty()) return why;
  return std::string(acl.state == Read::unsupported ? no_acls_here : empty_mask);
}

}  // namespace

Description describe_default_acl(const Policy& policy, const DefaultAclWant& want,
                                 const Observed& observed, Status status,
                                 const AccountNames& names) {
  const DefaultAclDescriber describer(policy, want, observed, names);
  const bool unreadable = observed.default_acl.state == Read::unreadable;
  Description out;
  out.expected = describer.expected();
  out.actual = unreadable ? "unknown" : describer.actual();
  out.message = status == Status::error ? why_unverified(policy, want, observed.default_acl)
                                        : describer.differences();
  return out;
}

}  // namespace permward
