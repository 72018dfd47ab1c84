// SPDX-License-Identifier: Apache-2.0
//
// The names under which something is made before it takes another's place. Layer
// `engine`.
#pragma once

#include "base/result.hpp"

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

// Errors: those of the journal.
[[nodiscard]] Result<BesidePaths> beside_paths(Journal& journal);

// Whether the entry of that name in the directory at `make_path()` is one of them; null: there are
// none.
template <class MakePath>
bool is_beside(const BesidePaths* paths, const char* name, MakePath&& make_path) {
  if (paths == nullptr || paths->empty() || !has_scratch_prefix(name)) return false;
  return paths->count(make_path()) != 0;
}

}  // namespace permward
