// SPDX-License-Identifier: Apache-2.0
// One apply on the machine as it is, by a policy given as text.
#pragma once

#include "engine/apply.hpp"
#include "engine/undo.hpp"
#include "os/changer.hpp"
#include "support/checked.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace permward::test {

// 2026-11-26: waivers are held against it.
ApplyOptions apply_options();

struct ApplyWith {
  ApplyOptions options = apply_options();
  std::string root;            // the directory that is `/`; empty: the host's
  Changer* changer = nullptr;  // null: by system calls
  Journal* journal = nullptr;
  OpenRun* run = nullptr;
  RefusedInodes* refused = nullptr;
  bool dry_run = false;
};

struct Applied {
  Policy policy;
  ApplyOutcome outcome;

  // One line a finding: `PATH ASPECT STATUS`, in the report's order.
  [[nodiscard]] std::vector<std::string> lines() const;
  // The reasons of what was refused or failed, in the same order.
  [[nodiscard]] std::vector<std::string> reasons() const;
  [[nodiscard]] bool in_policy() const;  // and nothing had to be corrected
};

// As `check_text`.
Applied apply_text(std::string_view toml, const ApplyWith& with = {});

// One undo on the machine as it is; whom the policy trusts is trusted.
Applied undo_changes(const std::vector<RecordedChange>& changes, const UndoOptions& options = {},
                     const ApplyWith& with = {}, std::string_view toml = {});

// By system calls, and something happens before and after each. It runs in the thread that applies.
class WatchedChanger : public Changer {
 public:
  using Hook = std::function<void(int held, Type type, const Action& action)>;

  [[nodiscard]] Result<void> change(int held, Type type, const Action& action) override {
    if (before) before(held, type, action);
    Result<void> out = changer_.change(held, type, action);
    if (after) after(held, type, action);
    return out;
  }
  // What `create` makes is held afterwards only.
  [[nodiscard]] Result<Fd> create(int directory, const char* name, Type type) override {
    if (before) before(-1, type, Create{type});
    Result<Fd> out = changer_.create(directory, name, type);
    if (after) after(out.ok() ? out->get() : -1, type, Create{type});
    return out;
  }
  [[nodiscard]] Result<Fd> replace_link(int directory, const char* name, int held,
                                        const std::string& target, const char* scratch) override {
    if (before) before(held, Type::symlink, SetTarget{target});
    Result<Fd> out = changer_.replace_link(directory, name, held, target, scratch);
    if (after) after(out.ok() ? out->get() : held, Type::symlink, SetTarget{target});
    return out;
  }
  [[nodiscard]] Result<void> remove(int directory, const char* name, int held,
                                    const Remove& how) override {
    if (before) before(held, Type::absent, how);
    Result<void> out = changer_.remove(directory, name, held, how);
    if (after) after(held, Type::absent, how);
    return out;
  }

  Hook before;
  Hook after;

 private:
  Kernel kernel_;
  KernelChanger changer_{kernel_};
};

}  // namespace permward::test
