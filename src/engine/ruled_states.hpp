// SPDX-License-Identifier: Apache-2.0
//
// What the rules make of what was accepted. It is put in its place as they want it: with what was
// accepted alone it would for a while grant what they forbid. Layer `engine`.
#pragma once

#include "decide/steps.hpp"
#include "engine/judge.hpp"
#include "engine/survey.hpp"
#include "model/snapshot.hpp"

#include <chrono>

namespace permward {

class RuledStates {
 public:
  // `ground` must outlive it. `today`: by which waivers expire.
  RuledStates(const Ground& ground, std::chrono::year_month_day today);

  // The object, with owner, group, rights and attributes as its rules want them. As it was
  // accepted where a rule names somebody whom nobody knows.
  [[nodiscard]] SnapshotObject of(const SnapshotObject& accepted);

 private:
  const Ground& ground_;
  std::chrono::year_month_day today_;
  Steps steps_;
  Judge judge_;
};

}  // namespace permward
