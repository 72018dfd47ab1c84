// SPDX-License-Identifier: Apache-2.0
//
// The table of all mistakes and warnings that a policy, or the settings, can end in, whichever
// layer finds them. A code never changes its meaning and is never used again: scripts and the man
// page rely on it. Layer `model`; values only.
//
// E00 and W00: where it comes from; E01 and W01: the file; E02: keys and their types; E03: ids and
// variables; E04: the small texts; E05: what cannot go together; W06: what is allowed and hardly
// meant.
#pragma once

#include "model/diagnostic.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

enum class Code : std::uint8_t {
  policy_not_found,
  policy_unreadable,
  policy_not_regular,
  no_policy,
  no_rule,
  untrusted_policy,
  untrusted_root,
  untrusted_names,
  unreadable_names,
  malformed_names,
  observer_rights,
  settings_not_used,
  policy_not_used,
  policy_named_twice,
  damaged_snapshot,
  not_verified,

  file_too_large,
  nul_byte,
  invalid_utf8,
  syntax,
  too_many_values,
  nested_too_deeply,
  key_too_deep,
  too_many_tables,
  schema_missing,
  schema_unknown,
  more_errors,
  more_warnings,

  unknown_key,
  wrong_type,
  bad_value,
  missing_key,
  not_in_this_version,
  exclusive_keys,

  bad_id,
  duplicate_id,
  unknown_variable,
  variable_syntax,
  variable_circle,
  expansion_too_large,
  bad_variable_name,

  bad_path,
  bad_glob,
  glob_too_large,
  bad_mode,
  mode_bounds,
  mode_unsettled,
  bad_acl,
  acl_entry_twice,
  acl_bounds,
  acl_mask_empty,
  bad_account,
  bad_date,
  bad_capabilities,

  type_cannot_have,
  forbidden_and_demanded,
  recursion_over_root,
  conflicting_rules,
  users_unlisted,
  create_in_part,

  override_without_rule,
  waiver_without_rule,
  locks_directories,
  demands_nothing,
  without_effect,
  acl_may_let_in,
  unknown_account,
  account_lookup_failed,
  user_left_out,
};
inline constexpr std::size_t code_count = static_cast<std::size_t>(Code::user_left_out) + 1;

struct CodeRow {
  Code code;
  std::string_view text;         // "E0104"; its letter is the severity
  std::string_view description;  // for the manual
};

extern const std::array<CodeRow, code_count> codes;  // in the order of the enum

[[nodiscard]] const CodeRow& row(Code code);
[[nodiscard]] Diagnostic::Severity severity(Code code);

// Without a place; the caller gives it one.
[[nodiscard]] Diagnostic make_diagnostic(Code code, std::string message, std::string help = {});

}  // namespace permward
