// SPDX-License-Identifier: Apache-2.0
//
// The texts of `expected`, `actual` and `message`, aspect by aspect; those of ACLs in
// `describe_acl.cpp` and `describe_default_acl.cpp`.
#include "decide/describe.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "decide/compare.hpp"
#include "decide/rights.hpp"
#include "model/snapshot.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <variant>

namespace permward {
namespace {

std::string error_text(int number) {
  return number == 0 ? std::string("no reason was given") : std::strerror(number);
}

std::string types_text(TypeSet types) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < type_names.size(); ++i) {
    if (types.has(static_cast<Type>(i))) names.emplace_back(type_names[i]);
  }
  return listed(names, "or");
}

Description describe_presence(const PresenceWant& want, const Observed& observed) {
  const bool absent = observed.type == Type::absent;
  const std::string_view wanted = want.presence == Presence::required    ? "present"
                                  : want.presence == Presence::forbidden ? "absent"
                                                                         : "present or absent";
  return {std::string(wanted), absent ? "absent" : "present", ""};
}

Description describe_type(const TypeWant& want, const Observed& observed) {
  const std::string unstated = want.allowed.has(Type::symlink) ? "of any type" : "not a symlink";
  return {want.stated ? types_text(want.allowed) : unstated, std::string(name(observed.type)), ""};
}

constexpr const char* unmapped =
    "the id stands for all that have none in this user namespace or mount: whose it is is not "
    "known";

Description describe_id(const Policy& policy, const Decided& decided, const IdWant& want,
                        const Observed& observed, Status status, const AccountNames& names) {
  const bool owner = decided.clause->aspect == Aspect::owner;
  Description out;
  out.actual = owner ? names.text(AccountKind::user, observed.owner)
                     : names.text(AccountKind::group, observed.group);
  if (want.known) {
    const Readout<bool>& account = owner ? observed.owner_account : observed.group_account;
    out.expected = "a known account";
    out.message = "the id has no account";
    if (status == Status::error) {
      out.message = account.state == Read::value
                        ? unmapped
                        : "the id could not be looked up: " + error_text(account.error);
    }
    return out;
  }
  std::vector<std::string> wanted;
  std::vector<std::string> unknown;
  for (const std::uint32_t index : want.accounts) {
    const Account& account = policy.accounts[index];
    wanted.push_back(account.found() ? names.text(account.kind, account.id)
                                     : printable(account.text));
    if (!account.found()) unknown.push_back(unresolved(account));
  }
  out.expected = listed(wanted, "or");
  if (status == Status::error) out.message = unknown.empty() ? unmapped : joined(unknown, "; ");
  return out;
}

// "others may write", "group may not read": what the bits give and lack, a clause a class.
std::vector<std::string> rights_words(unsigned bits, bool directory, std::string_view may) {
  static constexpr std::array<std::string_view, 3> classes = {"owner", "group", "others"};
  const std::array<std::string_view, 3> verbs = {"read", "write", directory ? "search" : "execute"};
  std::vector<std::string> out;
  for (unsigned who = 0; who < 3; ++who) {
    std::vector<std::string> can;
    for (unsigned right = 0; right < 3; ++right) {
      if ((bits >> (8 - 3 * who - right) & 1) != 0) can.emplace_back(verbs[right]);
    }
    if (can.empty()) continue;
    out.push_back(std::string(classes[who]) + std::string(may) +
                  (can.size() == 3 ? std::string("do all") : joined(can, " and ")));
  }
  return out;
}

std::string mode_message(unsigned extra, unsigned missing, bool directory) {
  static constexpr std::array<std::pair<unsigned, std::string_view>, 3> specials = {
      {{04000, "set-user-ID"}, {02000, "set-group-ID"}, {01000, "sticky"}}};
  std::vector<std::string> parts = rights_words(extra, directory, " may ");
  for (const std::string& part : rights_words(missing, directory, " may not ")) {
    parts.push_back(part);
  }
  for (const auto& [bit, word] : specials) {
    if ((extra & bit) != 0) parts.push_back(std::string(word) + " is set");
    if ((missing & bit) != 0) parts.push_back(std::string(word) + " is not set");
  }
  return joined(parts, "; ");
}

std::string mode_demand_text(const ModeWant& want, unsigned result, bool in_part) {
  if (want.form == ModeWant::Form::exact) return mode_text(want.at_most);
  if (want.form == ModeWant::Form::symbolic) return in_part ? want.text : mode_text(result);
  std::string out;
  if (want.bounded_below) out = "at least " + mode_text(want.at_least);
  if (want.bounded_above) {
    if (!out.empty()) out += ", ";
    out += "at most " + mode_text(want.at_most);
  }
  return out;
}

Description describe_mode(const Demand& demand, const Decided& decided, const ModeWant& want,
                          const Observed& observed) {
  Description out;
  const BaseMode base = base_mode(demand, observed, want.form == ModeWant::Form::exact);
  const ModeTable& table = want.table(observed.type);
  if (!base.known) {
    out.expected = mode_demand_text(want, 0, true);
    out.actual = "unknown";
    out.message = unreadable_acl(observed.acl);
    return out;
  }
  const unsigned left = mode_left_by(table, base.mode, demand, observed);
  out.expected = mode_demand_text(want, left, decided.parts != table.parts);
  out.actual = mode_text(base.mode);
  out.message = mode_message(base.mode & ~left & decided.parts, ~base.mode & left & decided.parts,
                             observed.type == Type::directory);
  return out;
}

std::string attributes_demand_text(AttributeSet set, AttributeSet clear) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < attribute_count; ++i) {
    const auto attribute = static_cast<Attribute>(i);
    if (set.has(attribute)) parts.emplace_back(attribute_names[i]);
    if (clear.has(attribute)) parts.push_back("not " + std::string(attribute_names[i]));
  }
  return joined(parts, ", ");
}

Description describe_attributes(const Decided& decided, const AttributesWant& want,
                                const ObservedAttributes& observed, Status status) {
  const auto parts = AttributeSet::of_bits(decided.parts);
  Description out;
  // As it is written, also where others decide a part of it.
  out.expected = attributes_demand_text(want.set, want.clear);
  out.actual = attributes_text(observed.set & parts);
  if (status != Status::error) {
    const AttributeSet missing = (want.set & parts & observed.known).without(observed.set);
    const AttributeSet extra = want.clear & parts & observed.set;
    std::vector<std::string> said;
    if (!missing.empty()) said.push_back(attributes_text(missing) + " not set");
    if (!extra.empty()) said.push_back(attributes_text(extra) + " set");
    out.message = joined(said, "; ");
    return out;
  }
  const bool unreadable = observed.others == Read::unreadable;
  const AttributeSet asked = unreadable ? parts : want.set & parts;
  const std::string missing = attributes_text(asked.without(observed.known));
  out.message =
      unreadable ? "could not read whether it is " + missing + ": " + std::strerror(observed.error)
                 : "this file system does not keep " + missing;
  return out;
}

Description describe_capabilities(const CapabilitiesWant& want,
                                  const Readout<std::optional<FileCapabilities>>& observed) {
  Description out;
  out.expected = capabilities_text(want.value);
  out.actual = capabilities_text(observed.value);
  if (observed.state == Read::unreadable) {
    out.actual = "unknown";
    out.message =
        std::string("the file capabilities could not be read: ") + std::strerror(observed.error);
  } else if (observed.state == Read::unsupported) {
    out.message = "this file system keeps no file capabilities";
  }
  return out;
}

std::string unread_target(int error) { return "the link could not be read: " + error_text(error); }

Description describe_target(const TargetWant& want, const Observed& observed) {
  Description out;
  std::vector<std::string> wanted;
  for (const std::string& text : want.texts) wanted.push_back(printable(text));
  out.expected = listed(wanted, "or");
  if (observed.target.state == Read::value) {
    out.actual = printable(observed.target.value);
  } else {
    out.actual = "unknown";
    out.message = unread_target(observed.target.error);
  }
  return out;
}

Description describe_entries(const EntriesWant& want,
                             const Readout<std::vector<UnlistedEntries>>& observed) {
  Description out;
  std::vector<std::string> listed_names;
  for (const Component& glob : want.names) listed_names.push_back(printable(glob.text));
  out.expected = listed_names.empty() ? "none" : joined(listed_names, ", ");
  if (observed.state == Read::unreadable) {
    out.actual = "unknown";
    out.message = "the directory could not be listed: " + error_text(observed.error);
    return out;
  }
  const UnlistedEntries* unlisted = unlisted_of(observed.value, want);
  if (unlisted == nullptr || unlisted->count == 0) {
    out.actual = "nothing else";
    return out;
  }
  std::vector<std::string> names;
  for (const std::string& name : unlisted->first) names.push_back(printable(name));
  out.actual = joined(names, ", ");
  const std::uint64_t more = unlisted->count - unlisted->first.size();
  if (more != 0) out.actual += " and " + std::to_string(more) + " more";
  out.message = std::to_string(unlisted->count) +
                (unlisted->count == 1 ? " entry is not listed" : " entries are not listed");
  return out;
}

std::string unread_content(int error) {
  switch (error) {
    case EFBIG:
      return "the file is too large to be hashed";
    case EBUSY:
      return "the file is being written to";
    case EINTR:
      return "interrupted before the content was read";
    case EWOULDBLOCK:
      return "another process holds a write lease on the file";
    default:
      return "the content could not be read: " + error_text(error);
  }
}

std::string content_text(Type type, const Sha256::Digest& digest, const std::string& target) {
  if (type == Type::file) return "sha256 " + hex(digest);
  if (type == Type::symlink) return "a link to " + printable(target);
  return "a " + std::string(name(type));
}

// Where others may make names `snapshot create` does not take one of several; whether they may is
// not known here.
std::string unless_others_name_it(std::uint32_t links) {
  if (links < 2) return "";
  return ", unless others may make names where it lies: it has " + std::to_string(links);
}

// Of what can be pinned.
Description describe_pinned(const Observed& observed) {
  Description out;
  const bool link = observed.type == Type::symlink;
  const Read state = link ? observed.target.state : observed.content.state;
  out.actual = state == Read::value
                   ? content_text(observed.type, observed.content.value, observed.target.value)
                   : "unknown";
  if (observed.accepted.state != Read::value) {
    out.expected = "as accepted";
    out.message = "what was accepted could not be read: " + error_text(observed.accepted.error);
    return out;
  }
  if (observed.accepted.value == nullptr) {
    out.expected = "as accepted";
    out.message = "never accepted; `permward snapshot create` accepts it as it is" +
                  unless_others_name_it(observed.links);
    return out;
  }
  const SnapshotObject& accepted = *observed.accepted.value;
  out.expected = content_text(accepted.state.type, accepted.digest, accepted.state.target);
  if (state == Read::value) {
    out.message = "not what was accepted; `permward snapshot create` accepts a change" +
                  unless_others_name_it(observed.links);
    return out;
  }
  out.message =
      link ? unread_target(observed.target.error) : unread_content(observed.content.error);
  const bool of_another_size = accepted.state.type == Type::file && observed.type == Type::file &&
                               observed.size != accepted.size;
  if (of_another_size) {
    out.actual = counted(observed.size, "byte");
    out.message = "accepted with " + counted(accepted.size, "byte") + "; " + out.message;
  }
  return out;
}

Description describe_digest(const ContentWant& want, const Readout<Sha256::Digest>& observed) {
  Description out;
  std::vector<std::string> wanted;
  for (const Sha256::Digest& digest : want.sha256) wanted.push_back(hex(digest));
  out.expected = "sha256 " + listed(wanted, "or");
  if (observed.state == Read::value) {
    out.actual = "sha256 " + hex(observed.value);
    out.message = "the content differs";
  } else {
    out.actual = "unknown";
    out.message = unread_content(observed.error);
  }
  return out;
}

// One aspect each.
struct Words {
  const Policy& policy;
  const Demand& demand;
  const Decided& decided;
  const Observed& observed;
  Status status;
  const AccountNames& names;

  Description operator()(const PresenceWant& want) const {
    return describe_presence(want, observed);
  }
  Description operator()(const TypeWant& want) const { return describe_type(want, observed); }
  Description operator()(const IdWant& want) const {
    return describe_id(policy, decided, want, observed, status, names);
  }
  Description operator()(const ModeWant& want) const {
    return describe_mode(demand, decided, want, observed);
  }
  Description operator()(const AclWant& want) const {
    return describe_acl(policy, demand, want, observed, status, names);
  }
  Description operator()(const DefaultAclWant& want) const {
    return describe_default_acl(policy, want, observed, status, names);
  }
  Description operator()(const AttributesWant& want) const {
    return describe_attributes(decided, want, observed.attributes, status);
  }
  Description operator()(const CapabilitiesWant& want) const {
    return describe_capabilities(want, observed.capabilities);
  }
  Description operator()(const LinksWant& want) const {
    return {"at most " + std::to_string(want.most), std::to_string(observed.links),
            "other names lead to it too"};
  }
  Description operator()(const EntriesWant& want) const {
    return describe_entries(want, observed.entries);
  }
  Description operator()(const TargetWant& want) const { return describe_target(want, observed); }
  Description operator()(const ContentWant& want) const {
    return want.pinned ? describe_pinned(observed) : describe_digest(want, observed.content);
  }
};

}  // namespace

Description describe(const Policy& policy, const Demand& demand, const Decided& decided,
                     const Observed& observed, Status status, const AccountNames& names) {
  Description out =
      std::visit(Words{policy, demand, decided, observed, status, names}, decided.clause->want);
  if (status == Status::pass) out.message.clear();
  return out;
}

Description describe(const Policy& policy, const Judged& judged, const Observed& observed,
                     const AccountNames& names) {
  // What it comes to by itself has the better words.
  const Status own = judge(policy, *judged.demand, *judged.decided, observed);
  Description out = describe(policy, *judged.demand, *judged.decided, observed, own, names);
  if (judged.of_alternatives < 2 || judged.status == Status::pass) return out;
  std::vector<std::string> parts;
  if (!out.message.empty()) parts.push_back(out.message);
  if (own != judged.status) parts.emplace_back("another alternative could not be verified");
  const bool known = judged.status == Status::violation;
  parts.push_back("none of the " + std::to_string(judged.of_alternatives) +
                  (known ? " alternatives holds" : " alternatives is known to hold"));
  out.message = joined(parts, "; ");
  return out;
}

}  // namespace permward
