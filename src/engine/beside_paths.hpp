// SPDX-License-Identifier: Apache-2.0
//
// Where runs have made something under a name of `engine/scratch_name.hpp`, so that no rule takes
// it for an object. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/scratch_name.hpp"
#include "os/candidate.hpp"
#include "store/journal_rows.hpp"

#include <set>
#include <string>

namespace permward {

class Journal;

// Paths of what is beside objects, or may be: of a run that is at work, or was killed, or could not
// remove it. No rule speaks of what has such a path, and lies in it.
using BesidePaths = std::set<std::string>;

// Of runs on that root. A run that cannot be read has none. Errors: those of the journal.
[[nodiscard]] Result<BesidePaths> beside_paths(Journal& journal, const InodeKey& root);

// Whether the entry of that name in `directory`, any descriptor of it, is one of them; its path is
// `make_path()`. Null: there are none. What others could have put there is none.
template <class MakePath>
bool is_beside(const BesidePaths* paths, int directory, const char* name, MakePath&& make_path) {
  if (paths == nullptr || paths->empty() || !has_scratch_prefix(name)) return false;
  return paths->count(make_path()) != 0 && may_be_scratch(directory, name);
}

}  // namespace permward
