// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/resolve.hpp"
#include "engine/sweep.hpp"
#include "support/checked.hpp"
#include "support/temp_tree.hpp"

#include <algorithm>
#include <fcntl.h>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace permward::test {

// The sweep alone, over a tree in the place of `/` to which something happens once the policy's
// paths are resolved. It knows of no mount.
struct Swept {
  TempTree tree;
  CheckOptions options;
  bool old_kernel = false;  // without openat2(2) and getxattrat(2)
  SweepOutcome outcome;

  // One line a finding, sorted: `PATH ASPECT STATUS`.
  std::vector<std::string> lines(
      const std::string& policy_text, const std::function<void()>& happens = [] {}) {
    const Policy policy = policy_of(policy_text);
    Kernel kernel;
    if (old_kernel) {
      kernel.pretend_no_openat2();
      kernel.pretend_no_getxattrat();
    }
    const Mounts mounts;
    Observer observer(kernel, mounts);
    Fd root(open(tree.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    SafeOpen safe_open(kernel, observer, root.get());
    Resolution resolution = place_rules(policy, mounts, safe_open, "web1").resolution;
    if (!resolution.unresolved.empty()) throw std::runtime_error("a path is refused");
    const Machine machine(policy, std::move(resolution.targets), mounts, {}, {});
    happens();
    HostNames names;
    Result<SweepOutcome> swept = sweep(machine, kernel, mounts, names, std::move(root), options);
    if (!swept.ok()) throw std::runtime_error("sweep: " + swept.error().doing);
    outcome = std::move(*swept);
    std::vector<std::string> out;
    for (const Finding& one : outcome.findings) {
      out.push_back(one.path.text() + ' ' + std::string(name(one.aspect)) + ' ' +
                    std::string(name(one.status)));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

}  // namespace permward::test
