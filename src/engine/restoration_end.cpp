// SPDX-License-Identifier: Apache-2.0
// What was done of the steps, and the end of it all.
#include "engine/judge.hpp"
#include "engine/restoration.hpp"
#include "os/content.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr const char* still_closed = "it was made, and only root may enter it yet: restore again";

using Step = RestoreStep::What;

}  // namespace

void Restoration::put_back() {
  order_ = in_order(ground_, objects_, destination_, changer_ == nullptr);
  carry_out();
  out_.other_ids = destination_.take_other_ids();
  const auto is_part = [](const RestoreStep& one) {
    return one.what == Step::opens || one.what == Step::lifts;
  };
  out_.found.objects -=
      static_cast<std::uint64_t>(std::count_if(order_.steps.begin(), order_.steps.end(), is_part));
  out_.changed -= opened_;
  if (changer_ == nullptr) return;
  tell_of_closed();
  if (!out_.found.interrupted && !out_.error) set_times();
  make_durable();
  if (const auto synced = touched_.sync(); !synced.ok()) out_.not_durable = synced.error();
  const bool whole = !out_.found.interrupted && !out_.error && !out_.not_durable;
  if (whole && !destination_.elsewhere()) {
    out_.stamped = stamped(ground_, observer_, files_, options_.stop);
  }
  std::sort(out_.found.findings.begin(), out_.found.findings.end(), report_order);
}

// What no state tells is looked at once more.
bool Restoration::settle(Task& task, const Result<void>& acted, const Result<void>& observed) {
  Case& one = case_of(task);
  bool done = StateTasks::settle(task, acted, observed);
  if (order_.steps[one.index].what == Step::lifts) return done;
  if (one.changed && one.held && observed.ok()) {
    placed_[order_.steps[one.index].object] = inode_key(one.observed);
    if (closes(one)) closed_.insert(order_.steps[one.index].object);
  }
  if (closes(one)) return done;
  if (order_.steps[one.index].what == Step::opens && one.changed) ++opened_;
  const bool elsewhere = !acted.ok() && acted.error().kind == ErrorKind::changed;
  if (elsewhere || !one.held || !observed.ok() || one.reach.why != Restraint::none) return done;
  Result<Beside> left = beside(one);
  if (left.ok() && left->actual.empty()) {
    if (!done || !acted.ok() || !one.end.content) return done;
    const auto digest = content_digest(ground_.system.kernel, one.held.get(), options_.stop);
    if (digest.state == Read::value && digest.value == one.end.content) {
      files_.push_back({one.path, object(one.index).size, *one.end.content});
      return done;
    }
    left->actual = "another content";
  }
  std::string why =
      left.ok() ? "it has " + left->actual + " after it was put back" : message_of(left.error());
  if (!acted.ok()) why = message_of(acted.error());
  tell_left_over(one, left.ok() ? left->actual : "not seen", why);
  return false;
}

// In the findings that would have told that it is as it was, or else in one of its own.
void Restoration::tell_left_over(Case& one, const std::string& actual, const std::string& why) {
  bool told = false;
  for (Finding& finding : one.findings) {
    const bool of_all = finding.aspect == Aspect::content || finding.aspect == Aspect::presence ||
                        finding.aspect == Aspect::type;
    if (!of_all) continue;
    told = true;
    if (finding.status != Status::corrected) continue;
    finding.status = Status::failed;
    finding.reason = why;
  }
  if (told) return;
  one.findings.push_back(finding_beside(one, actual));
  one.findings.back().status = Status::failed;
  one.findings.back().reason = why;
}

// That a directory is there is told when it is open; that it could not be opened to changes with
// the rest of it.
void Restoration::leave(Task& task) {
  Case& one = case_of(task);
  const RestoreStep& step = order_.steps[one.index];
  const bool acts = changer_ == nullptr ? !one.actions.empty() : one.changed;
  if (acts && lifted_.count(one.path) != 0 && !changed_.insert(one.path).second) ++opened_;
  if (step.what == Step::lifts) {
    const bool well = std::all_of(one.findings.begin(), one.findings.end(), [](const Finding& f) {
      return f.status == Status::corrected || f.status == Status::would_correct;
    });
    if (well) StateTasks::leave(task);
    return;
  }
  if (step.what == Step::opens) closed_.erase(step.object);
  const bool made =
      closes(one) && closed_.count(step.object) != 0 &&
      std::all_of(one.findings.begin(), one.findings.end(),
                  [](const Finding& finding) { return finding.status == Status::corrected; });
  if (made) return;
  told_.insert(step.object);
  StateTasks::leave(task);
}

void Restoration::tell_of_closed() {
  for (const std::size_t index : closed_) {
    left(destination_.of(objects_.spooled.objects[index]), Status::failed, still_closed);
  }
}

// --- Times of directories ---

// What lies below first.
void Restoration::set_times() {
  ground_.safe_open.rest();
  for (auto at = order_.directories.rbegin(); at != order_.directories.rend(); ++at) {
    const SnapshotObject& object = objects_.spooled.objects[*at];
    Case one;
    one.path = destination_.of(object);
    if (mounts_.count(*at) != 0) continue;
    const RestoredDirectory directory{one.path, destination_.end_of(object).owner, object.modified};
    const auto set = set_time(ground_, observer_, *changer_, touched_, directory, options_.offline);
    if (!set.ok()) unseen(one, set.error());
  }
}

}  // namespace permward
