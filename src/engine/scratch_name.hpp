// SPDX-License-Identifier: Apache-2.0
//
// The names under which something is made before it takes another's place. Layer
// `engine`.
#pragma once

#include "base/result.hpp"
#include "os/candidate.hpp"
#include "store/journal_rows.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace permward {

class Journal;

// Whether it may be one of the names below.
[[nodiscard]] inline bool has_scratch_prefix(std::string_view name) {
  return name.starts_with(".permward-");
}

// For a change of a run in the journal, so that whoever finds the run killed knows what may have
// been left beside its objects.
[[nodiscard]] std::string scratch_name(std::string_view run, std::uint64_t sequence);
// For a run that nothing is written down of.
[[nodiscard]] std::string scratch_name(std::uint64_t index);

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
