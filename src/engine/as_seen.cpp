// SPDX-License-Identifier: Apache-2.0
#include "engine/as_seen.hpp"

#include "engine/hold.hpp"
#include "engine/installer.hpp"

#include <chrono>

namespace permward {
namespace {

// Whether any change since the look would have moved its time of change (stx_ctime). The kernel
// takes that from a clock which ticks every 10 ms at most, and some file systems keep whole seconds
// of it, or every other.
bool tells_by_time(const Task& task) {
  using namespace std::chrono;
  const FileTime& changed = task.observed.changed;
  const auto step = changed.nanoseconds != 0 ? milliseconds(100) : milliseconds(3000);
  const auto last = seconds(changed.seconds) + nanoseconds(changed.nanoseconds);
  return last + step < task.looked.time_since_epoch();
}

}  // namespace

Error not_as_seen(const Task& task) { return {ErrorKind::changed, "correct", task.path, 0}; }

bool is_as_seen(Observer& observer, const Task& task) {
  if (task.now.type == Type::absent) return true;
  Observed now;
  if (tells_by_time(task)) {
    if (!observer.of(task.held.get(), FacetSet{}, now).ok()) return false;
    if (now.changed == task.observed.changed) return true;
  }
  if (!observer.of(task.held.get(), task.asked, now).ok()) return false;
  // A directory has one for each directory in it, and those may have been removed since.
  const bool links = task.now.type == Type::directory || now.links == task.around.links;
  return links && seen_state(now, task.now.content) == task.now &&
         (!task.now.content ||
          (now.modified == task.observed.modified && now.size == task.observed.size));
}

Result<WayPtr> directory_as_seen(SafeOpen& safe_open, const Task& task) {
  safe_open.rest();
  return directory_of_task(safe_open, task);
}

Result<WayPtr> directory_of_task(SafeOpen& safe_open, const Task& task) {
  TRY_ASSIGN(WayPtr way, directory_of(safe_open, task.names));
  if (!(may_add(way->control) == task.around.controllers)) return not_as_seen(task);
  return way;
}

}  // namespace permward
