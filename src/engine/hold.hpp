// SPDX-License-Identifier: Apache-2.0
//
// Taking hold of what a path names, to change it. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "decide/restraint.hpp"
#include "model/control.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"
#include "store/journal_rows.hpp"

#include <span>
#include <string>

namespace permward {

// The directory that the last of `names`, which are at least one, lies in. Errors: those of
// `SafeOpen`, and `not_found` where there is no such directory.
[[nodiscard]] Result<WayPtr> directory_of(SafeOpen& safe_open, std::span<const std::string> names);

// Of the root of the tree: by it a run is known to be about this one. Errors: those of `Observer`.
[[nodiscard]] Result<InodeKey> root_inode(const System& system);

// What a path leads to, links among its directories followed.
struct Held {
  Fd fd;               // O_PATH
  ControlPtr control;  // who else controls the directory that it lies in; null: nobody, or `/`
  WayPtr way;          // that directory, as `SafeOpen` lends it; null of `/`
};

// Reads what is held; by what it is called in `way`, where that is given and nobody but root can
// rename there (`Observer::of_named`). Errors: those of `Observer`.
[[nodiscard]] Result<void> observe_held(Observer& observer, int held, const WayPtr& way,
                                        const std::string& name, FacetSet asked, Observed& out);

// What the directory that an object lies in has to do with how far it may be brought. Null: none.
void set_directory(Surroundings& around, const WayPtr& way);

// No names: the root of the tree. Errors: those of `directory_of` and `take_hold`.
[[nodiscard]] Result<Held> hold(const System& system, SafeOpen& safe_open,
                                std::span<const std::string> names);

}  // namespace permward
