// SPDX-License-Identifier: Apache-2.0
//
// How the contents of two files differ, for people to read. Layer `engine`.
#pragma once

#include "model/object_state.hpp"
#include "model/rule.hpp"
#include "model/snapshot.hpp"
#include "os/candidate.hpp"
#include "os/kernel.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// Whether nothing of what is in a file may be shown: by the word of the rule that pins it, and
// without one where not everyone may read it, as it was or as it is. `rule` may be null.
[[nodiscard]] bool is_sensitive(const Rule* rule, const ObjectState& before,
                                const ObjectState& after);

// Whether not everyone may reach the path, by the directories that are among the objects, which are
// in the order of their paths.
[[nodiscard]] bool lies_in_private(const std::vector<SnapshotObject>& objects,
                                   std::string_view path);

// One side of a comparison, and what a diff calls it.
struct DiffSide {
  Extent content;
  std::string path;
  std::string_view when;  // "now"
};

// What is shown of one file. One of the two is empty.
struct ContentDiff {
  std::string lines;     // a unified diff with its two lines of names, which are escaped
  std::string withheld;  // why there is none, for people
};

// Of a run, which shows no more than `most_shown` together.
class ContentDiffs {
 public:
  static constexpr std::size_t most_shown = std::size_t{16} << 20;  // bytes

  [[nodiscard]] ContentDiff between(const DiffSide& before, const DiffSide& after, bool sensitive);
  // From what `held`, any descriptor of a file at the same path, has in it now.
  [[nodiscard]] ContentDiff of_present(const Kernel& kernel, int held, const DiffSide& after,
                                       bool sensitive);

 private:
  std::size_t shown_ = 0;
};

}  // namespace permward
