// SPDX-License-Identifier: Apache-2.0
#include "model/codes.hpp"

#include <utility>

namespace permward {

const std::array<CodeRow, code_count> codes = {{
    {Code::policy_not_found, "E0001", "there is no such policy, or no such settings file"},
    {Code::policy_unreadable, "E0002", "the policy or the settings file cannot be read"},
    {Code::policy_not_regular, "E0003", "the policy or the settings file is no regular file"},
    {Code::no_policy, "E0004", "there is no policy at all"},
    {Code::no_rule, "E0005", "the policy has no rule that is enabled"},
    {Code::untrusted_policy, "W0001", "others than root decide what the policy is, or what is set"},
    {Code::untrusted_root, "W0002", "others than root decide which directory --root is"},
    {Code::untrusted_names, "W0003", "others than root decide what names mean under --root"},
    {Code::unreadable_names, "W0004", "a file of names under --root cannot be read"},
    {Code::malformed_names, "W0005", "a file of names under --root has lines that are no accounts"},
    {Code::observer_rights, "W0006",
     "the process that looks has more rights than to read, or fewer"},
    {Code::settings_not_used, "W0007", "the settings are not used, but the defaults"},
    {Code::policy_not_used, "W0008", "the policies are not used, and nobody is trusted"},
    {Code::policy_named_twice, "W0009", "a policy is named twice, and read once"},
    {Code::damaged_snapshot, "W0010", "a snapshot is damaged, and was passed over"},
    {Code::not_verified, "W0011", "what a rule verifies restored content by is not run"},

    {Code::file_too_large, "E0101", "the file is too large to be a policy"},
    {Code::nul_byte, "E0102", "the file has a NUL byte"},
    {Code::invalid_utf8, "E0103", "the file is not UTF-8"},
    {Code::syntax, "E0104", "the file is not TOML 1.0; what follows was not looked at"},
    {Code::too_many_values, "E0105", "the file has too many values to be a policy"},
    {Code::nested_too_deeply, "E0106", "arrays and tables are nested too deeply"},
    {Code::key_too_deep, "E0107", "a dotted key or table name has too many parts"},
    {Code::too_many_tables, "E0108", "the file has too many dotted keys or different tables"},
    {Code::schema_missing, "E0109", "the file does not say which schema it is written in"},
    {Code::schema_unknown, "E0110", "the file is written in a schema that is not known"},
    {Code::more_errors, "E0199", "the file has further mistakes, which are not shown"},
    {Code::more_warnings, "W0199", "the file has further warnings, which are not shown"},

    {Code::unknown_key, "E0201", "no such key in this table"},
    {Code::wrong_type, "E0202", "the key takes a value of another type"},
    {Code::bad_value, "E0203", "the key does not take this value"},
    {Code::missing_key, "E0204", "a required key is missing"},
    {Code::not_in_this_version, "E0205", "a part of the language that this version does not have"},
    {Code::exclusive_keys, "E0206", "two keys that exclude each other"},

    {Code::bad_id, "E0301", "the id is malformed or reserved"},
    {Code::duplicate_id, "E0302", "two rules have the same id"},
    {Code::unknown_variable, "E0303", "no such variable"},
    {Code::variable_syntax, "E0304", "a '$' that is neither '${name}' nor '$$'"},
    {Code::variable_circle, "E0305", "a variable that uses itself"},
    {Code::expansion_too_large, "E0306", "the text that variables make is too large"},
    {Code::bad_variable_name, "E0307", "the name of a variable is malformed or reserved"},

    {Code::bad_path, "E0401", "not an absolute path in its simplest form"},
    {Code::bad_glob, "E0402", "the glob cannot be read"},
    {Code::glob_too_large, "E0403", "the glob stands for too many alternatives"},
    {Code::bad_mode, "E0411", "the mode cannot be read"},
    {Code::mode_bounds, "E0412", "'at_least' demands bits that 'at_most' bars"},
    {Code::mode_unsettled, "E0413", "the clauses of the mode would change a file each time anew"},
    {Code::bad_acl, "E0421", "the ACL entry cannot be read"},
    {Code::acl_entry_twice, "E0422", "an ACL entry stands twice"},
    {Code::acl_bounds, "E0423", "'at_least' demands rights that 'at_most' bars"},
    {Code::acl_mask_empty, "E0424", "the kernel would skip the ACL, since its mask is '---'"},
    {Code::bad_account, "E0431", "neither the name of an account nor an id"},
    {Code::bad_date, "E0441", "not a date"},
    {Code::bad_capabilities, "E0451", "the file capabilities cannot be read"},

    {Code::type_cannot_have, "E0501", "objects of the rule's type cannot have what it demands"},
    {Code::forbidden_and_demanded, "E0502", "the rule demands something of what must not exist"},
    {Code::recursion_over_root, "E0503", "the rule would set owner, group or mode of everything"},
    {Code::conflicting_rules, "E0504", "two rules that no state of an object satisfies"},
    {Code::users_unlisted, "E0505", "the users by whom a rule is expanded could not be listed"},
    {Code::create_in_part, "E0506", "what is to be created when it is missing is not stated whole"},

    {Code::override_without_rule, "W0601", "an override of a rule that does not exist"},
    {Code::waiver_without_rule, "W0602", "a waiver for rules that do not exist"},
    {Code::locks_directories, "W0603", "the mode takes 'x' from the directories of a recursion"},
    {Code::demands_nothing, "W0604", "the rule demands nothing of what it matches"},
    {Code::without_effect, "W0605", "the key has no effect in this rule"},
    {Code::acl_may_let_in, "W0606", "an ACL may let in whom the mode bars"},
    {Code::unknown_account, "W0607", "no such user or group on this machine"},
    {Code::account_lookup_failed, "W0608", "a user or group could not be looked up"},
    {Code::user_left_out, "W0609", "a rule is not expanded by a user whom it cannot be about"},
}};

const CodeRow& row(Code code) { return codes[static_cast<std::size_t>(code)]; }

Diagnostic::Severity severity(Code code) {
  return row(code).text.front() == 'E' ? Diagnostic::Severity::error
                                       : Diagnostic::Severity::warning;
}

Diagnostic make_diagnostic(Code code, std::string message, std::string help) {
  Diagnostic out;
  out.code = row(code).text;
  out.severity = severity(code);
  out.message = std::move(message);
  out.help = std::move(help);
  return out;
}

}  // namespace permward
