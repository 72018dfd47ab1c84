// SPDX-License-Identifier: Apache-2.0
#include "decide/lifted.hpp"

#include "decide/restraint.hpp"

namespace permward {
namespace {

bool same_rights(const ObjectState& a, const ObjectState& b) {
  return a.type == b.type && a.owner == b.owner && a.group == b.group && a.mode == b.mode &&
         a.acl == b.acl;
}

}  // namespace

AttributeSet bars_of(const ObjectState& state) {
  return state.type == Type::directory ? state.attributes & attributes_in_status : AttributeSet{};
}

ObjectState while_lifted(const ObjectState& now, const ObjectState& end) {
  ObjectState out = now;
  out.attributes = now.attributes.without(bars_of(now).without(bars_of(end)));
  return same_rights(now, end) || !written_by_others(now, 0) ? out : now;
}

ObjectState until_barred(const ObjectState& end) {
  ObjectState out = end;
  if (!written_by_others(end, 0)) out.attributes = end.attributes.without(bars_of(end));
  return out;
}

}  // namespace permward
