// SPDX-License-Identifier: Apache-2.0
#include "engine/apply.hpp"

#include "decide/waive.hpp"
#include "engine/apart.hpp"
#include "engine/apply_copies.hpp"
#include "engine/corrector.hpp"
#include "engine/executor.hpp"
#include "engine/survey.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace permward {
namespace {

// How many objects would be corrected.
std::uint64_t would_change(const Ground& ground, const ApplyOptions& options, Suspects suspects,
                           const std::vector<SnapshotObject>& directories, RefusedInodes* refused) {
  suspects.told.clear();
  CheckOutcome rehearsed;
  Hands none;
  none.refused = refused;
  Corrector rehearsal(ground, options, none, std::move(suspects), rehearsed);
  rehearsal.expect(directories);
  rehearsal.correct();
  return rehearsal.changed();
}

// What comes back from what was accepted, or goes. Once more may be demanded of what is there then.
// `directories`: those that a rehearsal would have brought back.
Result<void> restore_copies(CopiesPart& part, const Hands& hands, ApplyOutcome& out,
                            CheckOutcome& found, std::vector<SnapshotObject>& directories) {
  TRY_ASSIGN(ApplyOutcome done, part.carry_out(hands));
  part.settle(done, found);
  if (hands.changer == nullptr) directories = part.directories_to_come(done);
  out.changed += done.changed;
  out.plan = std::move(done.plan);
  out.error = std::move(done.error);
  out.not_durable = std::move(done.not_durable);
  out.damaged = std::move(done.damaged);
  out.other_ids = std::move(done.other_ids);
  out.stamped = std::move(done.stamped);
  found.interrupted = found.interrupted || done.found.interrupted;
  return {};
}

void correct_all(const Ground& ground, const ApplyOptions& options, const Hands& hands,
                 Suspects suspects, const std::vector<SnapshotObject>& directories,
                 ApplyOutcome& out, CheckOutcome& found) {
  Corrector corrector(ground, options, hands, std::move(suspects), found);
  corrector.expect(directories);
  if (out.error) corrector.give_up(*out.error);
  corrector.correct();
  out.changed += corrector.changed();
  std::vector<PlannedObject> plan = corrector.take_plan();
  std::move(plan.begin(), plan.end(), std::back_inserter(out.plan));
  if (!out.error) out.error = corrector.error();
  const Result<void> durable = corrector.make_durable();
  if (!durable.ok()) out.not_durable = durable.error();
}

// What lies below first.
Suspects suspects_of(const std::vector<std::string>& paths) {
  Suspects out;
  for (const std::string& path : paths) out.objects.push_back(names_of(path));
  std::sort(out.objects.begin(), out.objects.end(), std::greater<>());
  return out;
}

using FindingKey = std::tuple<std::string, Aspect, std::uint32_t>;

FindingKey key_of(const Finding& finding) {
  return {finding.object().text(), finding.aspect, finding.rule};
}

// What is told of the same thing anew stays.
void replace_findings(std::vector<Finding>& all, std::vector<Finding> anew) {
  std::set<FindingKey> told;
  for (const Finding& finding : anew) told.insert(key_of(finding));
  std::erase_if(all, [&](const Finding& one) { return told.count(key_of(one)) != 0; });
  std::move(anew.begin(), anew.end(), std::back_inserter(all));
}

// What holds once it was put back was put in order by that.
void drop_passes(std::vector<Finding>& anew, const std::vector<Finding>& told) {
  std::set<FindingKey> corrected;
  for (const Finding& finding : told) {
    if (finding.status == Status::corrected) corrected.insert(key_of(finding));
  }
  std::erase_if(anew, [&](const Finding& one) {
    return one.status == Status::pass && corrected.count(key_of(one)) != 0;
  });
}

// What could not be restored, and why, whatever else is corrected of the object.
std::vector<Finding> findings_of_copies(const std::vector<Finding>& all) {
  std::vector<Finding> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [](const Finding& finding) {
    const bool left = finding.status == Status::failed || finding.status == Status::refused ||
                      (finding.status == Status::violation && !finding.reason.empty());
    return left && (finding.aspect == Aspect::content || finding.aspect == Aspect::presence);
  });
  return out;
}

Result<void> correct(const Ground& ground, const ApplyOptions& options, Hands hands,
                     ApplyOutcome& out, CheckOutcome& found, std::vector<Finding>& gone) {
  for (std::vector<Finding>* findings : {&gone, &found.findings}) {
    for (Finding& finding : *findings) refuse_unsafe(finding);
  }
  waive(gone, ground.policy, options.today);
  waive(found.findings, ground.policy, options.today);
  CopiesPart copies(ground, options, found, gone);
  if (options.most_changes) {
    Hands none;
    none.refused = hands.refused;
    TRY_ASSIGN(const ApplyOutcome rehearsed, copies.carry_out(none));
    const std::vector<Finding> left_by_copies = copies.left_by(rehearsed);
    const std::vector<SnapshotObject> to_come = copies.directories_to_come(rehearsed);
    std::uint64_t changes = rehearsed.changed;
    for (const auto* findings : {&std::as_const(found.findings), &left_by_copies}) {
      changes += would_change(ground, options, suspects_among(ground.policy, *findings), to_come,
                              hands.refused);
    }
    out.too_many = changes > *options.most_changes;
    if (out.too_many) hands.changer = nullptr;
  }
  std::vector<SnapshotObject> to_come;
  TRY(restore_copies(copies, hands, out, found, to_come));
  const std::vector<Finding> left = findings_of_copies(found.findings);
  CheckOutcome more;
  correct_all(ground, options, hands, suspects_of(copies.restored()), {}, out, more);
  correct_all(ground, options, hands, suspects_among(ground.policy, found.findings), to_come, out,
              found);
  drop_passes(more.findings, found.findings);
  replace_findings(found.findings, std::move(more.findings));
  replace_findings(found.findings, left);
  found.interrupted = found.interrupted || more.interrupted;
  std::sort(out.plan.begin(), out.plan.end(),
            [](const PlannedObject& a, const PlannedObject& b) { return a.path < b.path; });
  return {};
}

}  // namespace

Result<ApplyOutcome> apply(const Policy& policy, const System& system, const ApplyOptions& options,
                           const Hands& hands) {
  return in_a_thread_apart<ApplyOutcome>([&]() -> Result<ApplyOutcome> {
    ApplyOutcome out;
    Hands knowing = hands;
    RefusedInodes refused;
    TRY(recall_refusals(knowing, refused));
    Result<void> corrected;
    const AfterSweep then = [&](const Ground& ground, CheckOutcome& found,
                                std::vector<Finding>& gone) {
      corrected = correct(ground, options, knowing, out, found, gone);
    };
    TRY_ASSIGN(out.found, survey(policy, system, options.check, then));
    if (!corrected.ok()) return corrected.error();
    return out;
  });
}

}  // namespace permward
