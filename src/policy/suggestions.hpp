// SPDX-License-Identifier: Apache-2.0
//
// "did you mean …?", with a budget: a hostile policy has a million wrong words, and every one of
// them would be compared with every right one. Layer `policy`; pure.
#pragma once

#include "base/text.hpp"
#include "policy/words.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace permward {

class Suggestions {
 public:
  // "did you mean 'mode'?", or `otherwise` where no candidate is near or the budget is spent.
  template <class Range>
  [[nodiscard]] std::string nearest_of(std::string_view word, const Range& candidates,
                                       std::string otherwise) {
    const auto comparisons = static_cast<std::size_t>(std::size(candidates));
    if (comparisons > left_) return otherwise;
    left_ -= comparisons;
    const std::string_view near = nearest(word, candidates);
    return near.empty() ? std::move(otherwise) : "did you mean " + quoted(near) + "?";
  }

 private:
  std::size_t left_ = 500'000;  // comparisons; about a tenth of a second
};

}  // namespace permward
