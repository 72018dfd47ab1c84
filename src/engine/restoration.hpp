// SPDX-License-Identifier: Apache-2.0
//
// Putting back what generations have of some objects, each by a step or two (`RestoreOrder`).
// Layer `engine`, for `restore` alone.
#pragma once

#include "engine/beside.hpp"
#include "engine/content_diff.hpp"
#include "engine/destination.hpp"
#include "engine/restore.hpp"
#include "engine/restore_order.hpp"
#include "engine/restored.hpp"
#include "engine/sensitive.hpp"
#include "engine/state_tasks.hpp"
#include "os/changer.hpp"
#include "store/journal_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace permward {

// What is put there, and what is left over of it, is told in the outcome.
class Restoration final : private StateTasks {
 public:
  Restoration(const Ground& ground, const ToRestore& objects, const RestoreOptions& options,
              const Hands& hands, ApplyOutcome& out)
      : StateTasks(ground, hands, options.stop, out),
        objects_(objects),
        options_(options),
        destination_(ground.system, ground.safe_open, options.below, options.by_name),
        sensitivity_(ground, observer_, steps_, objects.spooled.objects),
        changer_(hands.changer),
        writes_down_(hands.journal != nullptr),
        touched_(ground.system.kernel) {}

  // All of it: the outcome is complete then.
  void put_back();

 private:
  [[nodiscard]] std::size_t size() const override { return order_.steps.size(); }
  // A directory that was made is not left closed.
  [[nodiscard]] bool is_owed(std::size_t index) const override {
    const RestoreStep& step = order_.steps[index];
    return step.what == RestoreStep::What::opens && closed_.count(step.object) != 0;
  }
  TaskPtr look(std::size_t index) override;
  void plan_made(Task& task) override;
  bool settle(Task& task, const Result<void>& acted, const Result<void>& observed) override;
  void leave(Task& task) override;

  TaskPtr look_at_barred(std::unique_ptr<Case> one);
  TaskPtr look_at_made(std::unique_ptr<Case> one);
  [[nodiscard]] const SnapshotObject& object(std::size_t index) const {
    return objects_.spooled.objects[order_.steps[index].object];
  }
  // A directory that is made, to be opened by a step of its own.
  static bool closes(const Case& one) { return one.eventually.has_value(); }
  [[nodiscard]] bool is_placed(const Case& one) const;
  [[nodiscard]] bool is_to_close(const Case& one) const;
  void tell_of_closed();
  void tell_left_over(Case& one, const std::string& actual, const std::string& why);
  Result<void> open(Case& one);
  void surround_by(Case& one, const WayPtr& way) const;
  [[nodiscard]] Result<Beside> beside(const Case& one) const;
  std::string why_left(const Case& one) const;
  std::string why_not_removed(const Case& one) const;
  void take_rule(Case& one);
  void show_difference(Case& one);
  void surround(Case& one);
  void tell_beside(Case& one, const Beside& beside);
  Finding finding_beside(const Case& one, const std::string& actual);
  void plan_it(Case& one, const Beside& beside);
  void set_times();

  const ToRestore& objects_;
  const RestoreOptions& options_;
  Destination destination_;
  Sensitivity sensitivity_;
  Changer* changer_;
  bool writes_down_;
  RestoreOrder order_;
  std::uint64_t opened_ = 0;  // directories that were changed once more
  // By path: directories that bar nothing by then, as they are to be.
  std::map<std::string, ObjectState> lifted_;
  std::set<std::string> changed_;           // of these
  std::set<std::string> made_;              // paths of directories that are to be there by then
  std::set<std::string> removed_;           // paths of what is to be gone by then
  std::map<std::size_t, InodeKey> placed_;  // what this run has put there itself, by object
  std::set<std::size_t> closed_;            // of these: directories that are to be opened
  std::set<std::size_t> told_;              // of these: of which something was said already
  std::set<std::size_t> mounts_;            // directories that another lies over, and were left
  std::vector<RestoredFile> files_;
  SyncLater touched_;  // by the times of directories alone
  ContentDiffs diffs_;
  // Of the one that is being looked at.
  bool on_mount_ = false;
  bool behind_link_ = false;
};

}  // namespace permward
