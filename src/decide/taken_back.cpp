// SPDX-License-Identifier: Apache-2.0
#include "decide/taken_back.hpp"

namespace permward {
namespace {

// The attributes that the change speaks of.
AttributeSet attributes_of(const ObjectState& before, const ObjectState& after) {
  const AttributeSet moved =
      before.attributes.without(after.attributes) | after.attributes.without(before.attributes);
  return attributes_in_status | moved;
}

}  // namespace

FacetSet facets_to_take_back(Type type) {
  switch (type) {
    case Type::file:
      return FacetSet(Facet::acl) | Facet::capabilities | Facet::attributes;
    case Type::directory:
      return FacetSet(Facet::acl) | Facet::default_acl | Facet::attributes;
    case Type::symlink:
      return Facet::target;
    case Type::absent:
      return {};
    default:
      return Facet::acl;
  }
}

bool as_left(const ObjectState& now, const ObjectState& before, const ObjectState& after) {
  const AttributeSet attributes = attributes_of(before, after);
  ObjectState left = after;
  left.attributes = now.attributes.without(attributes) | (after.attributes & attributes);
  if (before.default_acl == after.default_acl) left.default_acl = now.default_acl;
  return now == left;
}

ObjectState taken_back(const ObjectState& now, const ObjectState& before,
                       const ObjectState& after) {
  ObjectState out = before;
  out.acl = without_duplicates(before.acl);
  out.default_acl = without_duplicates(before.default_acl);
  if (now.type == Type::absent || before.type == Type::absent) return out;
  const AttributeSet attributes = attributes_of(before, after);
  out.attributes = now.attributes.without(attributes) | (before.attributes & attributes);
  if (before.default_acl == after.default_acl) out.default_acl = now.default_acl;
  if (before.content == after.content) out.content = now.content;
  return out;
}

}  // namespace permward
