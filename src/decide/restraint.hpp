// SPDX-License-Identifier: Apache-2.0
//
// How far an object may be brought towards what it is to be, where others have a hand in where it
// lies or in what is in it. Layer `decide`; pure.
//
// In a directory that user U controls nothing is done that U could not do himself: what is there
// may be what he put there, by a rename or a hard link. What is his alone, and is to stay so, he
// could chmod; else only what both the present state and the wanted one grant is left. An ACL then
// names nobody who is only to have more: an entry with less than that would take what he has. And
// what makes a program act with somebody else's rights is given only to a file that nobody else
// could have written.
// CVE-2017-18078, CVE-2018-6954, CVE-2022-31252.
#pragma once

#include "model/control.hpp"
#include "model/object_state.hpp"

#include <cstdint>

namespace permward {

// Of the directory that holds the object, and of those above it.
struct Surroundings {
  Principals controllers;  // who may add names there, or put another directory in its place
  Principals untrusted;    // those of them that the rules do not trust
  AttributeSet bars;       // immutable, append-only: of the directory itself
  // A new file there gets its name by a rename, which append-only bars; of links that is always so.
  bool renames = false;
  std::uint32_t links = 1;      // of the object
  bool offline = false;         // nobody else acts on the tree
  bool refused_before = false;  // an earlier run would not arm this inode
  // It was as armed as wanted, a run took that from it, and nobody acts there beside runs.
  bool verified_before = false;
  // The rules say who is to own it. Else it is nobody's but root's to write what is to be armed,
  // whoever owns it now.
  bool owner_demanded = false;
};

enum class Restraint : std::uint8_t {
  none,
  unknown_account,  // a rule names somebody whom nobody knows; nothing is done
  barred,           // its directory lets nobody make, or take away, the name
  second_link,      // the object has another name, perhaps elsewhere
  controlled,       // somebody controls where it lies
  unverified,       // somebody could have written what is to be armed
};

struct Restrained {
  ObjectState state;                // as far as `wanted` may be gone; what only narrows is in it
  Restraint why = Restraint::none;  // not all the way
  bool left_unarmed = false;        // set-id bits or capabilities are among what it is not given
};

// Whether somebody but root and `owner` may write it, as it is.
[[nodiscard]] bool written_by_others(const ObjectState& state, std::uint32_t owner);

// How far what is gone, or is to have another content, may be put back by a new inode: nobody else
// has written what is in it, so that it may be armed. Whose it is to be may control where it lies;
// whoever else does keeps it from being put there, and so does a directory that is barred: one that
// is append-only lets what is gone be made, unless it has to be renamed there.
[[nodiscard]] Restrained restrained_install(const ObjectState& now, const ObjectState& wanted,
                                            const Surroundings& surroundings);

// `now` and `wanted` are of one type, or one of them is absent: nothing is made in a directory that
// somebody controls, or that is barred, nor taken away there, nor a link given another target, nor
// a file put in the place of one with another content; whoever controls it can exchange names under
// our hands.
[[nodiscard]] Restrained restrained(const ObjectState& now, const ObjectState& wanted,
                                    const Surroundings& surroundings);

}  // namespace permward
