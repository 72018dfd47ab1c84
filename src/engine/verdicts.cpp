// SPDX-License-Identifier: Apache-2.0
#include "engine/verdicts.hpp"

#include "decide/waive.hpp"
#include "engine/suspects.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace permward {
namespace {

bool all_found(const Policy& policy, const std::vector<AclWantEntry>& entries) {
  return std::all_of(entries.begin(), entries.end(), [&policy](const AclWantEntry& entry) {
    return policy.accounts[entry.account].found();
  });
}

// Whether a name of the clause has no account, or nobody could say.
bool lacks_account(const Policy& policy, const Clause& clause) {
  if (const auto* id = std::get_if<IdWant>(&clause.want)) {
    return std::any_of(id->accounts.begin(), id->accounts.end(),
                       [&policy](std::uint32_t index) { return !policy.accounts[index].found(); });
  }
  if (const auto* acl = std::get_if<AclWant>(&clause.want)) {
    return !all_found(policy, acl->at_most) || !all_found(policy, acl->at_least);
  }
  const auto* default_acl = std::get_if<DefaultAclWant>(&clause.want);
  return default_acl != nullptr && !all_found(policy, default_acl->named);
}

}  // namespace

Verdicts find_verdicts(const Policy& policy, const Demand& demand, const Observed& observed,
                       const std::string& path, Judge& judge, std::chrono::year_month_day today) {
  Verdicts out;
  for (const Judged& judged : judge_all(policy, demand, observed)) {
    Finding finding = judge.finding_of(judged, observed, path);
    waive(finding, policy, today);
    const Clause& clause = *judged.decided->clause;
    const bool nobody = judged.status == Status::error && lacks_account(policy, clause);
    const bool unsure = judged.status == Status::error && policy.rules[finding.rule].enforce;
    const bool correct = !nobody && (unsure || to_enforce(policy, finding));
    if (correct || judged.status == Status::pass) out.to_hold.push_back(judged);
    out.unknown_account = out.unknown_account || nobody;
    const auto* id = std::get_if<IdWant>(&clause.want);
    const bool owner = clause.aspect == Aspect::owner && id != nullptr && !id->known;
    out.owner_demanded = out.owner_demanded || owner;
    const bool corrects = correct && corrigible(finding.aspect);
    out.all.push_back({judged, std::move(finding), corrects, false});
  }
  return out;
}

}  // namespace permward
