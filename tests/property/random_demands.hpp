// SPDX-License-Identifier: Apache-2.0
// Policies on one path, and objects that meet them or not; inside a property. From small pools, so
// that they often meet.
#pragma once

#include "model/policy.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"

#include <rapidcheck.h>

#include <initializer_list>
#include <vector>

namespace permward::test {

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
inline bool one_in(int count) { return *rc::gen::inRange(0, count) == 0; }

// One to three rules that speak of `/x`: owner, group, mode, and `with_acl` the ACL.
Policy random_policy(bool with_acl);

Seen random_object(Type type);

}  // namespace permward::test
