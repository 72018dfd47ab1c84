// SPDX-License-Identifier: Apache-2.0
//
// Which objects apply has to look at again, by what a walk found, and where what it says of them
// then goes: in the place of what was found. Layer `engine`.
#pragma once

#include "model/finding.hpp"
#include "model/policy.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace permward {

// Whether some action can bring that into policy.
[[nodiscard]] bool corrigible(Aspect aspect);
// A violation of a rule that is enforced.
[[nodiscard]] bool to_enforce(const Policy& policy, const Finding& finding);
// A required object that is gone, and may be made.
[[nodiscard]] bool to_create(const Policy& policy, const Finding& finding);

// Whoever would change what lies at a path that cannot be followed safely refuses to; that it could
// not be verified is said of what could not be read.
void refuse_unsafe(Finding& finding);

// An object of which something is to be corrected: the names of its path, links followed.
using Suspect = std::vector<std::string>;

struct Suspects {
  // What is to be made, in the order of the paths, then what lies below before what it lies in.
  std::vector<Suspect> objects;
  // What was found of an object, which holds until it is looked at again.
  struct Told {
    std::size_t object = 0;   // index into `objects`
    std::size_t finding = 0;  // index into the findings that they are the suspects of
    auto operator<=>(const Told&) const = default;
  };
  std::vector<Told> told;  // sorted
};

// Those that `findings` speak of; they are waived already. That entries could not be listed is none
// of what is told of an object: it stays.
[[nodiscard]] Suspects suspects_among(const Policy& policy, const std::vector<Finding>& findings);

// The findings of a run, while what they tell of its suspects is found anew.
class ToldFindings {
 public:
  // `findings` must outlive it, and nobody else changes it meanwhile.
  ToldFindings(std::vector<Suspects::Told> told, std::vector<Finding>& findings)
      : told_(std::move(told)), findings_(findings) {}

  // Of this suspect, and those before it, what was found holds no more.
  void outdate(std::size_t suspect);
  // In the place of what holds no more, if there is any.
  void tell(Finding finding);
  // What holds no more goes.
  void drop_outdated();

 private:
  std::vector<Suspects::Told> told_;
  std::vector<Finding>& findings_;
  std::size_t looked_at_ = 0;          // so many of `told_` are of what has been looked at
  std::vector<std::size_t> outdated_;  // indices of findings
};

}  // namespace permward
