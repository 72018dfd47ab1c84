// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "decide/acl_words.hpp"
#include "decide/describe.hpp"
#include "decide/rights.hpp"
#include "decide/wanted.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace permward {

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string unresolved(const Account& account) {
  const std::string what = std::string(name(account.kind)) + " '" + printable(account.text) + "'";
  if (account.state == Account::State::unread) {
    return what + " cannot be looked up in " + std::string(account_file(account.kind)) + ": " +
           std::strerror(account.error);
  }
  if (account.state != Account::State::failed) return "there is no " + what;
  std::string out = "the name service did not answer about " + what;
  if (account.error == ETIMEDOUT) return out + " in time";
  if (account.error != 0) out.append(": ").append(std::strerror(account.error));
  return out;
}

std::string unreadable_acl(const Readout<AclView>& acl) {
  return std::string("the ACL could not be read: ") + std::strerror(acl.error);
}

std::string unresolved_entries(const Policy& policy, const std::vector<AclWantEntry>& entries) {
  for (const AclWantEntry& entry : entries) {
    const Account& account = policy.accounts[entry.account];
    if (!account.found()) return unresolved(account);
  }
  return "";
}

namespace {

class AclDescriber {
 public:
  // `demanded`: the object of which an `X` is read, and a mask computed.
  AclDescriber(const Policy& policy, const Demand& demand, const AclWant& want,
               const Observed& observed, const Observed& demanded, const AccountNames& names)
      : policy_(policy),
        demand_(demand),
        want_(want),
        observed_(observed),
        demanded_(demanded),
        names_(names) {}

  Description describe(Status status) {
    Description out;
    out.expected = expected();
    out.actual = actual();
    out.message = status == Status::error ? error() : difference();
    return out;
  }

 private:
  [[nodiscard]] std::vector<EntryText> present() const {
    std::vector<EntryText> out;
    for (std::size_t i = 0; i < observed_.acl.value.size(); ++i) {
      const AclEntry entry = observed_.acl.value[i];
      const bool shown = entry.named() || (entry.tag == AclTag::mask && shows_mask());
      if (shown) out.push_back(entry_text(entry, names_));
    }
    return out;
  }

  [[nodiscard]] EntryText wanted(const AclWantEntry& entry) const {
    return entry_text(policy_, entry, stated_rights(entry, demanded_), names_);
  }

  [[nodiscard]] std::vector<EntryText> wanted(const std::vector<AclWantEntry>& entries,
                                              const std::optional<AclWantEntry>& mask) const {
    std::vector<EntryText> out;
    for (const AclWantEntry& entry : entries) {
      const EntryText text = wanted(entry);
      // Two names of one account are one entry.
      const bool again = std::any_of(out.begin(), out.end(), [&text](const EntryText& other) {
        return other.entry == text.entry && other.who == text.who;
      });
      if (!again) out.push_back(text);
    }
    if (mask) {
      out.push_back(wanted(*mask));
    } else if (computes_mask() && shows_mask()) {
      AclWantEntry computed;
      computed.tag = AclTag::mask;
      computed.permissions = static_cast<std::uint8_t>(wanted_mask(want_, demand_, demanded_));
      out.push_back(wanted(computed));
    }
    return out;
  }

  [[nodiscard]] bool exact() const { return want_.form == AclWant::Form::exact; }
  [[nodiscard]] bool computes_mask() const { return exact() && !want_.at_most.empty(); }

  // A mask that nobody states goes without saying, unless it is all that is wrong.
  [[nodiscard]] bool shows_mask() const {
    if (want_.mask_at_most || want_.mask_at_least) return true;
    return exact() && named_as_wanted();
  }

  [[nodiscard]] bool named_as_wanted() const {
    std::vector<AclEntry> there;
    for (std::size_t i = 0; i < observed_.acl.value.size(); ++i) {
      if (observed_.acl.value[i].named()) there.push_back(observed_.acl.value[i]);
    }
    std::vector<AclEntry> asked;
    for (const AclWantEntry& entry : want_.at_most) asked.push_back(wanted(entry).entry);
    std::sort(there.begin(), there.end(), acl_order);
    std::sort(asked.begin(), asked.end(), acl_order);
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    return there == asked;
  }

  [[nodiscard]] std::string expected() const {
    if (exact()) return acl_text(wanted(want_.at_most, want_.mask_at_most));
    std::string out;
    if (want_.bounded_below) {
      out = "at least " + acl_text(wanted(want_.at_least, want_.mask_at_least));
    }
    if (want_.bounded_above) {
      if (!out.empty()) out += ", ";
      out += "at most " + acl_text(wanted(want_.at_most, want_.mask_at_most));
    }
    return out;
  }

  [[nodiscard]] std::string actual() const {
    return observed_.acl.state == Read::unreadable ? "unknown" : present_acl_text(present());
  }

  [[nodiscard]] std::string error() const {
    if (observed_.acl.state == Read::unreadable) return unreadable_acl(observed_.acl);
    for (const auto* entries : {&want_.at_most, &want_.at_least}) {
      std::string why = unresolved_entries(policy_, *entries);
      if (!why.empty()) return why;
    }
    return std::string(observed_.acl.state == Read::unsupported ? no_acls_here : empty_mask);
  }

  // What is extra, what lacks, what differs, in the order of acl(5).
  [[nodiscard]] std::string difference() const {
    AclDifferences out;
    std::vector<EntryText> there = present();
    std::stable_sort(there.begin(), there.end(), [](const EntryText& a, const EntryText& b) {
      return acl_order(a.entry, b.entry);
    });
    const auto upper = wanted(want_.at_most, want_.mask_at_most);
    const auto lower = exact() ? upper : wanted(want_.at_least, want_.mask_at_least);
    for (std::size_t i = 0; i < there.size(); ++i) {
      const EntryText& entry = there[i];
      const bool again = i > 0 && !acl_order(there[i - 1].entry, entry.entry);
      if (again) out.add_extra(entry.text() + " stands there twice");
      add_extra(out, find_entry(upper, entry.entry), entry);
    }
    for (const EntryText& entry : lower) add_lacking(out, there, entry);
    if (skipped_by_kernel()) out.add("the mask is ---: the kernel skips this ACL");
    return out.text();
  }

  void add_extra(AclDifferences& out, const EntryText* bound, const EntryText& entry) const {
    const unsigned allowed = bound != nullptr ? bound->entry.permissions : 0U;
    const bool within = (entry.entry.permissions & ~allowed) == 0;
    if (bound != nullptr) {
      if (within) return;
      out.add(entry.text() + " has more than " + permissions_text(allowed));
    } else if (exact() || (want_.bounded_above && entry.entry.named() && !within)) {
      out.add_extra("extra " + entry.text());
    }
  }

  void add_lacking(AclDifferences& out, const std::vector<EntryText>& there,
                   const EntryText& entry) const {
    const EntryText* has = find_entry(there, entry.entry);
    if (has == nullptr) {
      // A bound holds of a mask that is not there, and where no right is asked for.
      const bool holds =
          !exact() && (entry.entry.tag == AclTag::mask || entry.entry.permissions == 0);
      if (!holds) out.add("missing " + entry.text());
      return;
    }
    // An at-least is about what is in effect, an exact entry about what stands there.
    const bool cut = !exact() && entry.entry.tag != AclTag::mask;
    const unsigned in_effect =
        cut ? observed_.acl.value.masked(has->entry.permissions) : unsigned{has->entry.permissions};
    if ((entry.entry.permissions & ~in_effect) == 0) return;
    out.add(entry.who + " has " + (cut ? "in effect " : "") + permissions_text(in_effect) +
            ", not " + permissions_text(entry.entry.permissions));
  }

  [[nodiscard]] bool skipped_by_kernel() const {
    const auto mask = observed_.acl.value.find(AclTag::mask);
    return mask && mask->permissions == 0;
  }

  const Policy& policy_;
  const Demand& demand_;
  const AclWant& want_;
  const Observed& observed_;
  const Observed& demanded_;
  const AccountNames& names_;
};

bool reads_x(const std::vector<AclWantEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const AclWantEntry& entry) { return entry.x_if_any_x; });
}

bool reads_x(const AclWant& want) {
  return reads_x(want.at_most) || reads_x(want.at_least) ||
         (want.mask_at_most && want.mask_at_most->x_if_any_x) ||
         (want.mask_at_least && want.mask_at_least->x_if_any_x);
}

}  // namespace

Description describe_acl(const Policy& policy, const Demand& demand, const AclWant& want,
                         const Observed& observed, Status status, const AccountNames& names) {
  if (status == Status::violation && reads_x(want)) {
    // It is not in policy before its mode is: what an `X` comes to then is what is demanded. Where
    // it would be right then, it is wrong by what an `X` comes to now.
    const AsRead then(wanted_rights(policy, demand, observed), observed);
    Description out = AclDescriber(policy, demand, want, observed, *then, names).describe(status);
    if (!out.message.empty()) return out;
  }
  return AclDescriber(policy, demand, want, observed, observed, names).describe(status);
}

}  // namespace permward
