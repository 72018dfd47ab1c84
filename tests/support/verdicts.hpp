// SPDX-License-Identifier: Apache-2.0
// What a policy says of one object, as lines that a test can compare.
#pragma once

#include "decide/conflict.hpp"
#include "decide/machine.hpp"
#include "decide/steps.hpp"
#include "model/finding.hpp"
#include "model/mount.hpp"
#include "model/observation.hpp"
#include "model/policy.hpp"
#include "support/policies.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward::test {

inline constexpr std::size_t ample = std::size_t{1} << 24;  // a budget that nothing exceeds

Mount mount(std::string path, MountKind kind);  // its file system is called by the name of its kind

// One walk from the root for each question. The policy must outlive it.
class Walk {
 public:
  explicit Walk(const Policy& policy, Mounts mounts = {}, const Texts& scope = {},
                std::vector<bool> selected = {}, std::size_t budget = ample);

  Machine& machine() { return machine_; }
  Steps& steps() { return steps_; }
  Steps::Place at(std::string_view path);
  // Whether the last step of the way to `path` stopped something at a mount point.
  bool stops(std::string_view path);
  const Demand& demand(std::string_view path, Type type);
  // The demand of a place where nothing is; empty where no literal path goes there.
  const Demand& absent(std::string_view path);

 private:
  Mounts mounts_;
  Machine machine_;
  Steps steps_;
  Demand none_;
  bool stopped_ = false;
};

// "r0 mode 0222", "r1 owner": who decides what. Parts are shown of modes only.
Texts decided(const Policy& policy, const Demand& demand);
Texts decided(const Policy& policy, std::string_view path, Type type);

// "r0 mode violation": every deciding clause with its status.
Texts verdicts(const Policy& policy, std::string_view path, const Observed& observed);

// "r0 mode: 0666, expected at most 0640 (others may write)": what is not `pass`.
Texts complaints(const Policy& policy, std::string_view path, const Observed& observed);

}  // namespace permward::test
