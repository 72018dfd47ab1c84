// SPDX-License-Identifier: Apache-2.0
#include "decide/describe_change.hpp"

#include "base/text.hpp"
#include "decide/acl_words.hpp"
#include "model/mode.hpp"

#include <array>
#include <utility>

namespace permward {
namespace {

std::string listed_acl(const std::vector<AclEntry>& entries, const AccountNames& names) {
  std::vector<EntryText> out;
  out.reserve(entries.size());
  for (const AclEntry& entry : entries) out.push_back(entry_text(entry, names));
  return present_acl_text(std::move(out));
}

std::string content_text(const std::optional<Sha256::Digest>& content) {
  return content ? "sha256 " + hex(*content) : "unknown";
}

bool absent(const ObjectState& state) { return state.type == Type::absent; }

// How one aspect of two states compares, and what it is called in one.
struct Row {
  Aspect aspect;
  bool (*same)(const ObjectState& a, const ObjectState& b);
  std::string (*text)(const ObjectState& state, const AccountNames& names);
};

constexpr Row presence_row = {
    Aspect::presence,
    [](const ObjectState& a, const ObjectState& b) { return absent(a) == absent(b); },
    [](const ObjectState& state, const AccountNames&) {
      return std::string(absent(state) ? "absent" : "present");
    }};

// Of objects that are there.
constexpr std::array<Row, 10> rows = {{
    {Aspect::type, [](const ObjectState& a, const ObjectState& b) { return a.type == b.type; },
     [](const ObjectState& state, const AccountNames&) { return std::string(name(state.type)); }},
    {Aspect::owner, [](const ObjectState& a, const ObjectState& b) { return a.owner == b.owner; },
     [](const ObjectState& state, const AccountNames& names) {
       return names.text(AccountKind::user, state.owner);
     }},
    {Aspect::group, [](const ObjectState& a, const ObjectState& b) { return a.group == b.group; },
     [](const ObjectState& state, const AccountNames& names) {
       return names.text(AccountKind::group, state.group);
     }},
    {Aspect::mode, [](const ObjectState& a, const ObjectState& b) { return a.mode == b.mode; },
     [](const ObjectState& state, const AccountNames&) { return mode_text(state.mode); }},
    {Aspect::acl, [](const ObjectState& a, const ObjectState& b) { return a.acl == b.acl; },
     [](const ObjectState& state, const AccountNames& names) {
       return listed_acl(state.acl, names);
     }},
    {Aspect::default_acl,
     [](const ObjectState& a, const ObjectState& b) { return a.default_acl == b.default_acl; },
     [](const ObjectState& state, const AccountNames& names) {
       return listed_acl(state.default_acl, names);
     }},
    {Aspect::attributes,
     [](const ObjectState& a, const ObjectState& b) { return a.attributes == b.attributes; },
     [](const ObjectState& state, const AccountNames&) {
       return attributes_text(state.attributes);
     }},
    {Aspect::capabilities,
     [](const ObjectState& a, const ObjectState& b) { return a.capabilities == b.capabilities; },
     [](const ObjectState& state, const AccountNames&) {
       return capabilities_text(state.capabilities);
     }},
    {Aspect::target,
     [](const ObjectState& a, const ObjectState& b) { return a.target == b.target; },
     [](const ObjectState& state, const AccountNames&) { return printable(state.target); }},
    {Aspect::content,
     [](const ObjectState& a, const ObjectState& b) { return a.content == b.content; },
     [](const ObjectState& state, const AccountNames&) { return content_text(state.content); }},
}};

struct States {
  const ObjectState& before;
  const ObjectState& intended;
  const ObjectState* after;

  [[nodiscard]] bool same(const Row& row) const {
    return row.same(before, intended) && (after == nullptr || row.same(before, *after));
  }
};

LoggedAspect told(const Row& row, const States& states, const AccountNames& names) {
  LoggedAspect out{row.aspect, row.text(states.before, names), row.text(states.intended, names),
                   std::nullopt};
  if (states.after != nullptr) out.after = row.text(*states.after, names);
  return out;
}

}  // namespace

std::vector<LoggedAspect> differences(const ObjectState& before, const ObjectState& intended,
                                      const ObjectState* after, const AccountNames& names) {
  const States all{before, intended, after};
  std::vector<LoggedAspect> out;
  if (!all.same(presence_row)) out.push_back(told(presence_row, all, names));
  if (absent(before) || absent(intended)) return out;
  const States there{before, intended, after != nullptr && absent(*after) ? nullptr : after};
  for (const Row& row : rows) {
    if (there.same(row)) continue;
    out.push_back(told(row, there, names));
    if (row.aspect == Aspect::type) break;  // nothing else compares
  }
  return out;
}

}  // namespace permward
