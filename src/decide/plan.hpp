// SPDX-License-Identifier: Apache-2.0
//
// The order in which an object is brought from one state to another. Layer `decide`; pure.
#pragma once

#include "model/action.hpp"
#include "model/object_state.hpp"

#include <vector>

namespace permward {

// Of one type, or one of them absent: then a file or directory is made as `newly_made` says, before
// anything else, or removed. What both have alike is not touched; nothing is left to do where they
// are equal. A file that is to have another content than it has, a link where none is, and one of
// the two in the place of the other are installed, with all that is wanted of them but what bars
// every change.
//
// While the actions are carried out nobody has a right that he has neither before nor after; but
// that immutable and append-only, which bar every change, are lifted first and put back last. So
// where the owner or the group changes, mode and ACL are cut to what both states grant before, and
// granted after. Set-id bits go before anything is granted, and come after; the sticky bit the
// other way round. Capabilities come after the rights to execute; but of a set-user-ID program of
// root they are all that it runs with, which is everything without them: there that bit goes before
// them, and comes after. capabilities(7), "Set-user-ID-root programs that have file capabilities".
//
// An ACL, or default ACL, that is longer than the one that is there need not fit (ENOSPC; whoever
// owns a file may have filled its attributes). Only the wanted one is ever written so, when the
// owner is right, and whoever has an entry already has no more than is wanted.
[[nodiscard]] std::vector<Action> plan(const ObjectState& now, const ObjectState& wanted);

// What `Create` makes, where its directory hands nothing down: root's, without any right.
[[nodiscard]] ObjectState newly_made(Type type);

// A directory of nobody but root, in which all is made before it is opened.
[[nodiscard]] ObjectState closed_directory();

// A file or link as it is when it is installed: `wanted`, without what bars every change.
[[nodiscard]] ObjectState installed(ObjectState wanted);

// What two states of an object both grant, as an ACL with a mask: all that either names. Who is
// named by one of them alone has an entry without a right, or he would be one of the owning group,
// or of the others.
[[nodiscard]] std::vector<AclEntry> common_acl(const ObjectState& a, const ObjectState& b);

}  // namespace permward
