// SPDX-License-Identifier: Apache-2.0
//
// Of which files nothing that is in them may be shown. Layer `engine`.
#pragma once

#include "decide/steps.hpp"
#include "engine/survey.hpp"
#include "model/object_state.hpp"
#include "model/snapshot.hpp"
#include "os/observe.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

class Sensitivity {
 public:
  // `then`: objects of a generation, in the order of their paths. All must outlive it.
  Sensitivity(const Ground& ground, Observer& observer, Steps& steps,
              const std::vector<SnapshotObject>& then)
      : ground_(ground), observer_(observer), steps_(steps), then_(then) {}

  // A file of the generation that lay at `was`, and lies or is to lie at `path`. The strongest rule
  // that says so of either place decides, of two the stricter. Where none does, not everyone may
  // read it by mode and ACL of the file and of the directories above it, as they were or as they
  // are. Where nobody knows the rules everything is sensitive.
  [[nodiscard]] bool of(const std::string& was, const std::string& path, const ObjectState& before,
                        const ObjectState& after);

 private:
  [[nodiscard]] std::optional<bool> ruled(const std::string& path);
  [[nodiscard]] bool was_private(std::string_view path) const;
  [[nodiscard]] bool is_private(const std::string& path);
  [[nodiscard]] bool searched_by_all(const std::vector<std::string>& directory);

  const Ground& ground_;
  Observer& observer_;
  Steps& steps_;
  const std::vector<SnapshotObject>& then_;
  std::map<std::vector<std::string>, bool> searched_by_all_;  // directories
};

}  // namespace permward
