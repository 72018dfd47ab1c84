// SPDX-License-Identifier: Apache-2.0
//
// One check: resolve the policy's paths, walk the union of its rules, compare, and hand over what
// was found. Layer `engine`; knows nothing of arguments, waivers, report formats or exit statuses.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/finding.hpp"
#include "model/policy.hpp"
#include "model/run.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace permward {

struct System;
class Baseline;
class Observer;

// Read by whoever shows progress, while `check` runs; every member may be read from any thread.
class Progress {
 public:
  void count(std::uint64_t objects) { objects_.fetch_add(objects, std::memory_order_relaxed); }
  // May be called for every directory: takes the path only when the last one was picked up.
  template <class MakePath>
  void entering(MakePath&& make_path) {
    if (!wanted_.exchange(false, std::memory_order_relaxed)) return;
    std::string path = make_path();
    const std::lock_guard lock(mutex_);
    directory_ = std::move(path);
  }

  [[nodiscard]] std::uint64_t objects() const { return objects_.load(std::memory_order_relaxed); }
  // The directory entered last (bytes, unescaped), and asks for the next.
  [[nodiscard]] std::string directory() {
    wanted_.store(true, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    return directory_;
  }

 private:
  std::atomic<std::uint64_t> objects_{0};
  std::atomic<bool> wanted_{true};
  std::mutex mutex_;
  std::string directory_;
};

// Is handed what the policy pins: files and symlinks, which are not compared then, and the
// directories of pinned trees.
class PinnedVisitor {
 public:
  virtual ~PinnedVisitor() = default;
  // `held`: any descriptor of the object that lies at `path`, after links among its directories.
  // `observer` may be used meanwhile.
  virtual void visit(int held, const std::string& path, Observer& observer) = 0;
};

struct CheckOptions {
  // Restrict the run to these absolute paths and what lies below them; empty: everything. As text:
  // no `.`, `..` or empty component, no trailing slash but where a link so named is to be followed.
  std::vector<std::string> paths;
  // One per rule: whether its findings are wanted. Empty: all. Does not change what decides.
  std::vector<bool> selected;
  bool passes = false;                 // findings of status `pass` too
  unsigned jobs = 1;                   // threads, at least 1
  const Baseline* baseline = nullptr;  // what was accepted; null: nothing was
  PinnedVisitor* pinned = nullptr;     // with one job; null: all is compared
  // Paths that recursions, globs and `entries` leave out (`BesidePaths`); null: none.
  const std::set<std::string>* beside = nullptr;
  Progress* progress = nullptr;
  const std::atomic<bool>* stop = nullptr;  // becomes true: end soon, with what there is
};

struct CheckOutcome {
  std::vector<Finding> findings;  // sorted in report_order
  std::uint64_t objects = 0;
  std::uint64_t compliant = 0;           // objects without a finding but `pass`
  std::vector<NotEntered> not_entered;   // sorted by path
  std::uint64_t rules_here = 0;          // enabled, selected rules whose `when` holds
  std::vector<std::uint32_t> verifying;  // of those, each that has a `verify`; sorted
  bool interrupted = false;
  // Of `paths`: those that no rule covers, each with the nearest path that a rule speaks of (empty:
  // no rule does of any). Where there is any, nothing was looked at.
  struct Uncovered {
    std::string path;
    std::string nearest;
  };
  std::vector<Uncovered> uncovered;
  // Rules that cannot hold together on this tree: errors. Where there are any, `findings` is empty.
  Diagnostics conflicts;
};

// Looks at the tree below the system's root; all paths are as they are inside it. `policy` has no
// pending account. Changes nothing.
// Errors: those of `read_mounts`; `io` where the root directory or /proc/self/mountinfo cannot be
// read, or threads cannot be started. What goes wrong with one object is a finding, and the rest
// goes on.
[[nodiscard]] Result<CheckOutcome> check(const Policy& policy, const System& system,
                                         const CheckOptions& options);

}  // namespace permward
