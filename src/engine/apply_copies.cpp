// SPDX-License-Identifier: Apache-2.0
#include "engine/apply_copies.hpp"

#include "engine/gather.hpp"
#include "engine/pinned.hpp"
#include "engine/restore.hpp"
#include "model/baseline.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace permward {
namespace {

constexpr const char* no_copy = "no snapshot that has it as it was accepted is whole";

bool enforced(const Policy& policy, const Finding& finding) {
  return finding.status == Status::violation && policy.rules[finding.rule].enforce;
}

bool is_missing(const Finding& finding) {
  return finding.aspect == Aspect::presence && finding.expected == "present";
}

bool is_forbidden(const Finding& finding) {
  return finding.aspect == Aspect::presence && finding.expected == "absent";
}

// Whether what was accepted is to take the place of what is there, or of nothing. `pinned`: what
// the rule says that pins the object now, or null; the one of the finding may speak of something
// else, and has its say on what is gone if it says anything.
bool to_restore(const Policy& policy, const Finding& finding, const Rule* pinned) {
  if (!enforced(policy, finding)) return false;
  const Rule& rule = policy.rules[finding.rule];
  const bool absent = is_missing(finding) && finding.type == Type::absent;
  const bool elsewhere = pinned != nullptr && pinned->restore_missing && pinned->enforce;
  if (absent) return rule.restore_missing || (elsewhere && !rule.report_missing);
  return rule.restore_changed && (is_missing(finding) || finding.aspect == Aspect::content);
}

bool to_remove(const Policy& policy, const Finding& finding) {
  return enforced(policy, finding) && is_forbidden(finding) &&
         policy.rules[finding.rule].remove_forbidden;
}

template <class Objects>
bool has_path(const Objects& sorted, const std::string& path) {
  return std::binary_search(sorted.begin(), sorted.end(), path);
}

bool is_well(const Finding& finding) {
  return finding.status == Status::corrected || finding.status == Status::would_correct;
}

SnapshotObject nothing_at(const std::string& path) {
  SnapshotObject out;
  out.path = path;
  return out;
}

}  // namespace

CopiesPart::CopiesPart(const Ground& ground, const ApplyOptions& options, CheckOutcome& found,
                       std::vector<Finding>& gone)
    : ground_(ground),
      options_(options),
      gone_(gone),
      steps_(ground.machine, Steps::small_budget),
      ruled_(ground, options.today) {
  for (const Finding& finding : found.findings) want(finding);
  for (const Finding& finding : gone_) want(finding);
  const auto by_path = [](const SnapshotObject& a, const SnapshotObject& b) {
    return a.path < b.path;
  };
  std::sort(objects_.begin(), objects_.end(), by_path);
  const auto same = [](const SnapshotObject& a, const SnapshotObject& b) {
    return a.path == b.path;
  };
  objects_.erase(std::unique(objects_.begin(), objects_.end(), same), objects_.end());
  for (const Finding& finding : found.findings) want_made(finding);
  std::sort(wanted_.begin(), wanted_.end());
  take_findings(found.findings);
}

void CopiesPart::want(const Finding& finding) {
  const std::string path = finding.object().text();
  if (to_remove(ground_.policy, finding)) {
    objects_.push_back(nothing_at(path));
    wanted_.push_back(path);
  }
  const Baseline* const baseline = options_.check.baseline;
  if (baseline == nullptr || options_.copies == nullptr) return;
  const SnapshotObject* const accepted = find_object(baseline->objects(), path);
  if (accepted == nullptr) return;
  const Rule* const rule = pinning_rule(steps_, ground_.machine, path, accepted->state.type);
  if (!to_restore(ground_.policy, finding, rule)) return;
  objects_.push_back(*accepted);
  wanted_.push_back(path);
  add_way_to(path);
}

// What is made on the way to something else is there then, whoever demands it.
void CopiesPart::want_made(const Finding& finding) {
  const bool absent = is_missing(finding) && finding.type == Type::absent;
  const std::string path = finding.object().text();
  if (absent && find_object(objects_, path) != nullptr) wanted_.push_back(path);
}

void CopiesPart::add_way_to(const std::string& path) {
  for (std::size_t slash = path.rfind('/'); slash != 0 && slash != path.npos;
       slash = path.rfind('/', slash - 1)) {
    const SnapshotObject* const above =
        find_object(options_.check.baseline->objects(), path.substr(0, slash));
    if (above != nullptr && above->state.type == Type::directory) objects_.push_back(*above);
  }
}

// What could not be looked at of them stays.
void CopiesPart::take_findings(std::vector<Finding>& from) {
  const auto at = std::stable_partition(from.begin(), from.end(), [this](const Finding& finding) {
    return finding.aspect == Aspect::path || !has_path(wanted_, finding.object().text());
  });
  std::move(at, from.end(), std::back_inserter(taken_));
  from.erase(at, from.end());
}

Result<ApplyOutcome> CopiesPart::carry_out(const Hands& hands) {
  ToRestore to_restore;
  Gathered gathered;
  to_restore.spooled.objects = objects_;
  to_restore.spooled.contents.assign(objects_.size(), 0);
  if (hands.changer != nullptr) {
    std::vector<SnapshotObject> kept;
    std::copy_if(objects_.begin(), objects_.end(), std::back_inserter(kept),
                 [](const SnapshotObject& one) { return one.state.type != Type::absent; });
    if (!kept.empty()) {
      TRY_ASSIGN(gathered, gather_same(*options_.copies, kept));
    }
    SpooledObjects absent;
    for (const SnapshotObject& one : objects_) {
      if (one.state.type == Type::absent) absent.objects.push_back(one);
    }
    absent.contents.assign(absent.objects.size(), 0);
    to_restore.spooled = laid_over(std::move(absent), std::move(gathered.objects.spooled));
    to_restore.spool = gathered.objects.spool;
  }
  for (SnapshotObject& object : to_restore.spooled.objects) {
    if (object.state.type != Type::absent) object = ruled_.of(object);
    to_restore.on_the_way.push_back(!has_path(wanted_, object.path));
  }
  RestoreOptions options;
  options.offline = options_.offline;
  options.stop = options_.check.stop;
  unknown_ = std::move(gathered.unknown);
  ApplyOutcome out = restore_on(ground_, to_restore, options, hands);
  out.damaged = std::move(gathered.damaged);
  return out;
}

std::vector<Finding> CopiesPart::left_by(const ApplyOutcome& done) const {
  std::set<std::string> well;
  for (const Finding& finding : done.found.findings) {
    if (is_well(finding)) well.insert(finding.object().text());
  }
  std::vector<Finding> out;
  std::copy_if(taken_.begin(), taken_.end(), std::back_inserter(out),
               [&well](const Finding& one) { return well.count(one.object().text()) == 0; });
  return out;
}

std::vector<SnapshotObject> CopiesPart::directories_to_come(const ApplyOutcome& done) {
  std::set<std::string> planned;
  for (const PlannedObject& one : done.plan) planned.insert(one.path.text());
  std::vector<SnapshotObject> out;
  for (const SnapshotObject& one : objects_) {
    const bool comes = one.state.type == Type::directory && planned.count(one.path) != 0;
    if (comes) out.push_back(ruled_.of(one));
  }
  return out;
}

// Each finding of an object has the fate of the object: all of it was put back, or it was not.
void CopiesPart::settle(const ApplyOutcome& done, CheckOutcome& found) {
  std::map<std::string, const Finding*> fates;
  for (const Finding& finding : done.found.findings) {
    const Finding*& fate = fates[finding.object().text()];
    if (fate == nullptr || is_well(*fate)) fate = &finding;
  }
  const auto settle_one = [&](Finding& finding) {
    const std::string path = finding.object().text();
    if (!has_path(wanted_, path) || finding.status != Status::violation) return;
    if (!ground_.policy.rules[finding.rule].enforce && !is_missing(finding)) return;
    const auto at = fates.find(path);
    if (at == fates.end() && has_path(unknown_, path)) finding.reason = no_copy;
    if (at == fates.end()) return;
    const Finding& fate = *at->second;
    const bool of_copies = finding.aspect == Aspect::presence || finding.aspect == Aspect::type ||
                           finding.aspect == Aspect::content;
    if (!is_well(fate) && !of_copies) return;  // the rest may be corrected all the same
    finding.status = fate.status;
    finding.reason = fate.reason.empty() ? fate.message : fate.reason;
    const bool there = fate.status == Status::corrected && !is_forbidden(finding);
    if (there) restored_.push_back(path);
  };
  for (Finding& finding : gone_) settle_one(finding);
  for (Finding& finding : taken_) settle_one(finding);
  // What is gone has nothing else that could be verified.
  std::set<std::string> removed;
  for (const Finding& finding : taken_) {
    if (is_forbidden(finding) && is_well(finding)) removed.insert(finding.object().text());
  }
  std::erase_if(taken_, [&removed](const Finding& finding) {
    return !is_forbidden(finding) && removed.count(finding.object().text()) != 0;
  });
  std::move(taken_.begin(), taken_.end(), std::back_inserter(found.findings));
  std::sort(restored_.begin(), restored_.end());
  restored_.erase(std::unique(restored_.begin(), restored_.end()), restored_.end());
}

}  // namespace permward
