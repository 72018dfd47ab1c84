// SPDX-License-Identifier: Apache-2.0
#include "decide/waive.hpp"

#include "base/text.hpp"
#include "base/words.hpp"

#include <string>

namespace permward {
namespace {

void append_sentence(std::string& message, const std::string& sentence) {
  if (!message.empty()) message += "; ";
  message += sentence;
}

std::string accepted(const Waiver& waiver) {
  std::string out = "waived: " + printable(waiver.reason);
  if (!waiver.approved_by.empty()) out += ", approved by " + printable(waiver.approved_by);
  if (waiver.expires) out += ", until " + date_text(*waiver.expires);
  return out;
}

}  // namespace

bool speaks_of(const Waiver& waiver, const Finding& finding, const Policy& policy) {
  if (!matches(waiver.rule, policy.rules[finding.rule].id)) return false;
  if (waiver.aspects && !waiver.aspects->has(finding.aspect)) return false;
  return !waiver.path || matches(*waiver.path, finding.path.text()) ||
         (!finding.resolved.empty() && matches(*waiver.path, finding.resolved.text()));
}

bool expired(const Waiver& waiver, std::chrono::year_month_day today) {
  return waiver.expires && *waiver.expires < today;
}

void waive(Finding& finding, const Policy& policy, std::chrono::year_month_day today) {
  if (finding.status != Status::violation) return;
  const Waiver* late = nullptr;
  for (const Waiver& waiver : policy.waivers) {
    if (!speaks_of(waiver, finding, policy)) continue;
    if (expired(waiver, today)) {
      late = &waiver;
      continue;
    }
    finding.status = Status::waived;
    append_sentence(finding.message, accepted(waiver));
    return;
  }
  if (late != nullptr) {
    append_sentence(finding.message, "the waiver of it expired on " + date_text(*late->expires));
  }
}

void waive(std::vector<Finding>& findings, const Policy& policy,
           std::chrono::year_month_day today) {
  if (policy.waivers.empty()) return;
  for (Finding& finding : findings) waive(finding, policy, today);
}

}  // namespace permward
