// SPDX-License-Identifier: Apache-2.0
#include "decide/waive.hpp"

#include "base/text.hpp"

#include <array>
#include <cstdio>
#include <string>

namespace permward {
namespace {

bool speaks_of(const Waiver& waiver, const Finding& finding, const Policy& policy) {
  if (!matches(waiver.rule, policy.rules[finding.rule].id)) return false;
  if (waiver.aspects && !waiver.aspects->has(finding.aspect)) return false;
  return !waiver.path || matches(*waiver.path, finding.path) ||
         (!finding.resolved.empty() && matches(*waiver.path, finding.resolved));
}

std::string date_text(std::chrono::year_month_day date) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

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

void waive(std::vector<Finding>& findings, const Policy& policy,
           std::chrono::year_month_day today) {
  if (policy.waivers.empty()) return;
  for (Finding& finding : findings) {
    if (finding.status != Status::violation) continue;
    const Waiver* expired = nullptr;
    for (const Waiver& waiver : policy.waivers) {
      if (!speaks_of(waiver, finding, policy)) continue;
      if (waiver.expires && *waiver.expires < today) {
        expired = &waiver;
        continue;
      }
      finding.status = Status::waived;
      append_sentence(finding.message, accepted(waiver));
      break;
    }
    if (finding.status == Status::violation && expired != nullptr) {
      append_sentence(finding.message,
                      "the waiver of it expired on " + date_text(*expired->expires));
    }
  }
}

}  // namespace permward
