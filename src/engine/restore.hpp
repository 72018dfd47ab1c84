// SPDX-License-Identifier: Apache-2.0
//
// Putting back what a generation has: content and all metadata. Layer `engine`; knows nothing of
// arguments, report formats or exit statuses.
#pragma once

#include "base/result.hpp"
#include "engine/apply.hpp"
#include "model/policy.hpp"
#include "store/carried.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace permward {

struct Ground;
struct System;

// What is to be put back, and where its contents are.
struct ToRestore {
  SpooledObjects spooled;
  int spool = -1;
  // One an object: a directory on the way to the others, which is made where it is missing and else
  // left alone.
  std::vector<bool> on_the_way;
};

struct RestoreOptions {
  bool offline = false;      // nobody else acts on the tree
  bool break_links = false;  // a file with several names gets an inode of its own
  bool by_name = false;      // owners and groups by name where there is one, else by number
  std::string below;         // all is put at this path and its own behind it; empty: at its own
  const std::atomic<bool>* stop = nullptr;
};

// What keeps names in a directory from being changed, and is not to, is lifted, unless somebody
// else could change them meanwhile. What is missing is made, what lies above before what lies in
// it; then what is there is brought to what it was, what lies below first. A file with another
// content, or whose rights could not be granted to what somebody else could have written, and a
// file or link of the other's type get a new inode; what was there is kept as evidence. Directories
// are never removed or replaced. Times of directories come last.
//
// Findings as of `undo`, but for these: content, of a file or link, also where only its times or
// extended attributes are others; `violation`, with the reason, of what was left alone. Whom
// `policy`, which may be empty, trusts is trusted here as by apply; so is whoever owns the object.
// Errors: those of `undo`.
[[nodiscard]] Result<ApplyOutcome> restore(const Policy& policy, const System& system,
                                           const ToRestore& objects, const RestoreOptions& options,
                                           const Hands& hands);

// The same as a part of a run, whose thread has a working directory of its own. An object of type
// `absent` is to be gone: a file or link, of which evidence is kept, or an empty directory.
[[nodiscard]] ApplyOutcome restore_on(const Ground& ground, const ToRestore& objects,
                                      const RestoreOptions& options, const Hands& hands);

}  // namespace permward
