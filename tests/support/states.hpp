// SPDX-License-Identifier: Apache-2.0
// States and actions of apply as lines that a test can compare. A state is made of an observation:
// `state_of(seen(Type::file).mode(0640))`.
#pragma once

#include "model/action.hpp"
#include "model/object_state.hpp"
#include "support/policies.hpp"

#include <string>
#include <vector>

namespace permward::test {

// "user::rw-,user:1001:r--,group::r--,mask::r--,other::---"; "none".
std::string text_of(const std::vector<AclEntry>& acl);

// "file 0:33 0640 acl user::rw-,…"; what there is none of is left out.
std::string text_of(const ObjectState& state);

// "attributes + immutable - append_only", "mode 0640", "owner 0:-" (a dash is what stays), "acl
// user::rw-,…", "default acl none", "capabilities cap_chown=ep".
std::string text_of(const Action& action);
Texts texts_of(const std::vector<Action>& actions);

}  // namespace permward::test
