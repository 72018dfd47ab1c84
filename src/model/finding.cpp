// SPDX-License-Identifier: Apache-2.0
#include "model/finding.hpp"

#include "base/sha256.hpp"

#include <tuple>

namespace permward {

bool report_order(const Finding& a, const Finding& b) {
  return std::tie(a.path, a.aspect, a.rule, a.source, a.resolved, a.status, a.expected) <
         std::tie(b.path, b.aspect, b.rule, b.source, b.resolved, b.status, b.expected);
}

std::string fingerprint(std::string_view rule_id, std::string_view path, Aspect aspect) {
  constexpr std::string_view nul("\0", 1);
  Sha256 hash;
  hash.add(rule_id).add(nul).add(path).add(nul).add(name(aspect));
  return hex(hash.digest());
}

}  // namespace permward
