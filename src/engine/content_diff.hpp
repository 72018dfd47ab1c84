// SPDX-License-Identifier: Apache-2.0
//
// How the contents of two files differ, for people to read. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "os/candidate.hpp"
#include "os/kernel.hpp"

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

namespace permward {

// One side of a comparison, and what a diff calls it.
struct DiffSide {
  Extent content;
  std::string path;
  std::string_view when;  // "now"
};

// What a file has in it, in memory; of a long one no more than that it is.
struct ShortCopy {
  Fd file;
  Extent content;
  std::string why_not;  // for people, where it could not be copied
};
// `held`: any descriptor of it.
[[nodiscard]] ShortCopy short_copy(const Kernel& kernel, int held, const std::atomic<bool>* stop);

// What is shown of one file. One of the two is empty.
struct ContentDiff {
  std::string lines;     // a unified diff with its two lines of names, which are escaped
  std::string withheld;  // why there is none, for people
};

// Of a run, which compares and shows no more than that together.
class ContentDiffs {
 public:
  static constexpr std::size_t most_shown = std::size_t{16} << 20;     // bytes
  static constexpr std::size_t most_compared = std::size_t{64} << 20;  // bytes

  [[nodiscard]] ContentDiff between(const DiffSide& before, const DiffSide& after, bool sensitive);

 private:
  std::size_t shown_ = 0;
  std::size_t compared_ = 0;
};

}  // namespace permward
