// SPDX-License-Identifier: Apache-2.0
#include "decide/describe_action.hpp"

#include "base/text.hpp"
#include "decide/acl_words.hpp"
#include "model/aspect.hpp"
#include "model/mode.hpp"
#include "model/object_state.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace permward {
namespace {

std::string entries_text(const std::vector<AclEntry>& entries, const AccountNames& names) {
  std::vector<EntryText> out;
  out.reserve(entries.size());
  for (const AclEntry& entry : entries) out.push_back(entry_text(entry, names));
  return present_acl_text(std::move(out));
}

struct ActionWords {
  const AccountNames& names;

  std::string operator()(const SetAttributes& action) const {
    std::string out(name(Aspect::attributes));
    std::string between = " ";
    for (std::size_t i = 0; i < attribute_count; ++i) {
      const auto attribute = static_cast<Attribute>(i);
      if (!(action.set | action.clear).has(attribute)) continue;
      out +=
          between + (action.clear.has(attribute) ? "not " : "") + std::string(attribute_names[i]);
      between = ", ";
    }
    return out;
  }
  std::string operator()(const SetMode& action) const { return "mode " + mode_text(action.mode); }
  std::string operator()(const SetOwner& action) const {
    std::string out;
    if (action.owner) out = "owner " + names.text(AccountKind::user, *action.owner);
    if (!action.group) return out;
    return out + (out.empty() ? "" : ", ") + "group " +
           names.text(AccountKind::group, *action.group);
  }
  std::string operator()(const SetAcl& action) const {
    if (find_entry(action.entries, AclTag::mask) == nullptr) {
      return "acl none, mode bits " + mode_text(permission_bits(action.entries));
    }
    return "acl " + entries_text(action.entries, names);
  }
  std::string operator()(const SetDefaultAcl& action) const {
    return "default_acl " + entries_text(action.entries, names);
  }
  std::string operator()(const SetCapabilities& action) const {
    return "capabilities " + capabilities_text(action.value);
  }
  std::string operator()(const Create& action) const {
    return "create an empty " + std::string(name(action.type));
  }
  std::string operator()(const SetTarget& action) const {
    return "target " + printable(action.target);
  }
  std::string operator()(const Remove& /*action*/) const { return "remove"; }
  std::string operator()(const Install& action) const {
    return "put back the " + std::string(name(action.type));
  }
  std::string operator()(const SetExtended& action) const {
    return (action.value ? "set " : "remove ") + printable(action.name);
  }
  std::string operator()(const SetModified& /*action*/) const { return "modification time"; }
};

}  // namespace

std::string action_text(const Action& action, const AccountNames& names) {
  return std::visit(ActionWords{names}, action);
}

}  // namespace permward
