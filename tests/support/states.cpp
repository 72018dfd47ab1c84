// SPDX-License-Identifier: Apache-2.0
#include "support/states.hpp"

#include "model/mode.hpp"

#include <optional>
#include <variant>

namespace permward::test {
namespace {

std::string text_of(const AclEntry& entry) {
  const bool user = entry.tag == AclTag::user_obj || entry.tag == AclTag::user;
  const bool group = entry.tag == AclTag::group_obj || entry.tag == AclTag::group;
  const std::string tag = user                        ? "user"
                          : group                     ? "group"
                          : entry.tag == AclTag::mask ? "mask"
                                                      : "other";
  const std::string id = entry.named() ? std::to_string(entry.id) : "";
  return tag + ':' + id + ':' + permissions_text(entry.permissions);
}

std::string id_text(const std::optional<std::uint32_t>& id) {
  return id ? std::to_string(*id) : "-";
}

struct ActionText {
  std::string operator()(const SetAttributes& action) const {
    std::string out = "attributes";
    if (!action.set.empty()) out += " + " + attributes_text(action.set);
    if (!action.clear.empty()) out += " - " + attributes_text(action.clear);
    return out;
  }
  std::string operator()(const SetMode& action) const { return "mode " + mode_text(action.mode); }
  std::string operator()(const SetOwner& action) const {
    return "owner " + id_text(action.owner) + ':' + id_text(action.group);
  }
  std::string operator()(const SetAcl& action) const {
    return "acl " + test::text_of(action.entries);
  }
  std::string operator()(const SetDefaultAcl& action) const {
    return "default acl " + test::text_of(action.entries);
  }
  std::string operator()(const SetCapabilities& action) const {
    return "capabilities " + capabilities_text(action.value);
  }
  std::string operator()(const Create& action) const {
    return "create " + std::string(name(action.type));
  }
  std::string operator()(const SetTarget& action) const { return "target " + action.target; }
  std::string operator()(const Remove& action) const {
    return action.kept ? "remove, a copy kept" : "remove";
  }
  std::string operator()(const Install& action) const {
    return "install " + std::string(name(action.type));
  }
  std::string operator()(const SetExtended& action) const { return "extended " + action.name; }
  std::string operator()(const SetModified& /*action*/) const { return "modified"; }
};

}  // namespace

std::string text_of(const std::vector<AclEntry>& acl) {
  std::string out;
  for (const AclEntry& entry : acl) out += (out.empty() ? "" : ",") + text_of(entry);
  return out.empty() ? "none" : out;
}

std::string text_of(const ObjectState& state) {
  std::string out = std::string(name(state.type)) + ' ' + std::to_string(state.owner) + ':' +
                    std::to_string(state.group) + ' ' + mode_text(state.mode);
  if (!state.acl.empty()) out += " acl " + text_of(state.acl);
  if (!state.default_acl.empty()) out += " default acl " + text_of(state.default_acl);
  if (state.capabilities) out += ' ' + capabilities_text(state.capabilities);
  if (!state.attributes.empty()) out += ' ' + attributes_text(state.attributes);
  if (!state.target.empty()) out += " -> " + state.target;
  return out;
}

std::string text_of(const Action& action) { return std::visit(ActionText{}, action); }

Texts texts_of(const std::vector<Action>& actions) {
  Texts out;
  for (const Action& action : actions) out.push_back(text_of(action));
  return out;
}

}  // namespace permward::test
