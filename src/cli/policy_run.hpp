// SPDX-License-Identifier: Apache-2.0
//
// One run from the policy to the report: what check, apply and undo have in common. Layer `cli`.
#pragma once

#include "cli/commands.hpp"
#include "cli/outputs.hpp"
#include "cli/policy_input.hpp"
#include "engine/beside_paths.hpp"
#include "engine/check.hpp"
#include "model/run.hpp"
#include "os/privilege.hpp"
#include "os/system.hpp"

#include <atomic>
#include <chrono>
#include <vector>

namespace permward {

class PolicyRun {
 public:
  explicit PolicyRun(const Invocation& invocation);
  virtual ~PolicyRun() = default;
  PolicyRun(const PolicyRun&) = delete;
  PolicyRun& operator=(const PolicyRun&) = delete;

  ExitStatus run();

 protected:
  // The command's own part, in this order.
  [[nodiscard]] virtual PolicyInput policy_of(const SystemInput& found) = 0;
  // What the run is restricted to.
  [[nodiscard]] virtual Result<std::vector<std::string>> paths() const;
  // Calls `observe`, in the process that the command wants it in.
  virtual ExitStatus start(const System& system, CheckOptions& asked) = 0;
  // What `watched` shows the progress of.
  virtual Result<CheckOutcome> look(const System& system, const CheckOptions& asked) = 0;
  // What rules do of which none does it of a path: "no rule speaks of '/x' or …".
  [[nodiscard]] virtual std::string_view speaks() const { return "speaks of"; }
  // Writes `report_`, or what the command has instead.
  virtual ExitStatus write(ExitStatus status) { return outputs_.write(report_, status); }
  // Of a run that came to its end, once `report_` has everything.
  [[nodiscard]] virtual ExitStatus outcome() = 0;

  ExitStatus observe(const System& system, const Shortfalls& shortfalls, CheckOptions& asked);
  // What ended the run is its report, where reports can be written to.
  ExitStatus give_up(const Error& error);
  [[nodiscard]] const Policy& policy() const { return input_.policy; }
  [[nodiscard]] const Settings& settings() const { return input_.settings.settings; }

  const Invocation& invocation_;
  const Options& options_;
  Outputs outputs_;

 private:
  ExitStatus run_on(const SystemInput& found);
  void take_selection(const CheckOptions& asked);
  Result<CheckOutcome> watched(const System& system, CheckOptions& asked);
  ExitStatus finish();
  ExitStatus refuse_paths(const std::vector<CheckOutcome::Uncovered>& uncovered);

  const std::atomic<bool>& stop_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  PolicyInput input_;
  BesidePaths beside_;

 protected:
  RunReport report_;  // made after the policy that it points to
};

}  // namespace permward
