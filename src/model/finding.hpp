// SPDX-License-Identifier: Apache-2.0
//
// One reported violation, error or pass; a row of the report. Layer `model`; values and pure
// functions.
#pragma once

#include "model/aspect.hpp"
#include "model/policy.hpp"
#include "model/pos.hpp"
#include "model/rule.hpp"
#include "model/shared_path.hpp"
#include "model/type.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace permward {

enum class Status : std::uint8_t {
  pass,
  violation,
  corrected,
  would_correct,
  refused,  // unsafe to touch
  failed,
  waived,
  error,  // could not be verified
};
inline constexpr std::array<std::string_view, 8> status_names = {
    "pass", "violation", "corrected", "would_correct", "refused", "failed", "waived", "error"};
[[nodiscard]] constexpr std::string_view name(Status status) {
  return status_names[static_cast<std::size_t>(status)];
}

// Of what is reported though no rule decides it.
inline constexpr std::uint32_t of_no_rule = std::numeric_limits<std::uint32_t>::max();

struct Finding {
  std::uint32_t rule = 0;  // index into Policy::rules, or `of_no_rule`
  Aspect aspect = Aspect::presence;
  Status status = Status::violation;
  Type type = Type::absent;  // of the object as it was seen
  bool unsafe = false;       // of `path`: that it could be followed, but not safely
  SharedPath path;           // as the rule's path leads to it
  SharedPath resolved;       // after links among its directories; empty where it is the same
  std::string expected;      // in the policy's notation
  std::string actual;
  std::string message;  // for people, may be empty; names in it are escaped already
  std::string reason;   // why it was refused or failed; names in it are escaped
  std::string diff;     // of a content that would be another: a unified diff; may be empty
  Pos source;           // where the rule states the aspect

  [[nodiscard]] const SharedPath& object() const { return resolved.empty() ? path : resolved; }
};

// The order of a report: path bytes, aspect, rule, and what else tells two findings apart, so that
// no two runs on one state differ.
[[nodiscard]] bool report_order(const Finding& a, const Finding& b);

// Hexadecimal SHA-256 of rule id (none: empty), NUL, path bytes, NUL, aspect name.
[[nodiscard]] std::string fingerprint(std::string_view rule_id, std::string_view path,
                                      Aspect aspect);

}  // namespace permward
