// SPDX-License-Identifier: Apache-2.0
// Policy texts, which are read as settings too. Whatever they hold: it ends, every diagnostic is a
// place in the text and one of the table, a policy without an error is whole, and each setting in
// its range.
#include "base/text.hpp"
#include "model/codes.hpp"
#include "model/policy.hpp"
#include "policy/check_accounts.hpp"
#include "policy/load.hpp"
#include "policy/load_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace permward;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_diagnostic(const Diagnostic& diagnostic, std::string_view text) {
  require(std::any_of(codes.begin(), codes.end(),
                      [&](const CodeRow& row) { return row.text == diagnostic.code; }));
  require(!diagnostic.message.empty());
  // What is quoted is escaped: only our own words have characters above ASCII.
  for (const char c : diagnostic.message + diagnostic.help) {
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  require(!invalid_utf8(diagnostic.message) && !invalid_utf8(diagnostic.help));
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  require(diagnostic.line <= lines);
  require(diagnostic.source_line.size() <= 400);
}

void check_pattern(const Pattern& pattern) {
  require(pattern.text.starts_with('/'));
  for (const std::string& name : pattern.head) {
    require(!name.empty() && name != "." && name != ".." && name.size() <= 255);
    require(name.find_first_of(std::string_view("/\0", 2)) == name.npos);
  }
  require(pattern.tail.empty() || pattern.tail[0].kind != Component::Kind::literal);
}

void check_clause(const Clause& clause, const Policy& policy) {
  require(!clause.types.empty());
  require((clause.types & row(clause.aspect).types) == clause.types);
  require(clause.pos.line > 0 && clause.pos.column > 0);
  if (const auto* ids = std::get_if<IdWant>(&clause.want)) {
    require(!ids->accounts.empty());
    for (const std::uint32_t account : ids->accounts) require(account < policy.accounts.size());
  }
  if (const auto* acl = std::get_if<AclWant>(&clause.want)) {
    for (const auto* list : {&acl->at_most, &acl->at_least}) {
      for (const AclWantEntry& entry : *list) require(entry.account < policy.accounts.size());
    }
  }
  if (const auto* mode = std::get_if<ModeWant>(&clause.want)) {
    for (const ModeTable* table : {&mode->of_files, &mode->of_directories}) {
      for (const ModeRow& bits : table->rows) {
        require((bits.set & bits.clear) == 0);
        require(((bits.set | bits.clear) & ~table->parts) == 0);
      }
    }
  }
}

void check_policy(const Policy& policy) {
  for (const Rule& rule : policy.rules) {
    require(!rule.id.empty());
    require(!rule.paths.empty());
    for (const RulePath& path : rule.paths) check_pattern(path.pattern);
    require(rule.disabled ? rule.clauses.empty() : rule.clauses.at(0).aspect == Aspect::presence);
    for (const Clause& clause : rule.clauses) check_clause(clause, policy);
    for (const TrustedPrincipal& trusted : rule.trust) {
      require(trusted.everyone || trusted.account < policy.accounts.size());
    }
  }
  for (const Waiver& waiver : policy.waivers) {
    require(waiver.expires.has_value() && waiver.expires->ok() && !waiver.reason.empty());
  }
  for (const Account& account : policy.accounts) {
    require(id_of_text(account.text).has_value() == account.found());
    require(account.found() || valid_account_name(account.text));
  }
}

void check_settings(const SourceFile& file) {
  const LoadedSettings loaded = load_settings(file);
  for (const Diagnostic& diagnostic : loaded.diagnostics) check_diagnostic(diagnostic, file.text);
  for (const SettingRow& row : setting_rows) {
    if (row.value == nullptr) continue;
    require(loaded.settings.*row.value >= row.least && loaded.settings.*row.value <= row.most);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SourceFile file{"p.toml", std::string(reinterpret_cast<const char*>(data), size)};
  check_settings(file);
  Loaded loaded = load(std::span(&file, 1), {.lint = true});
  for (const Diagnostic& diagnostic : loaded.diagnostics) check_diagnostic(diagnostic, file.text);
  if (has_errors(loaded.diagnostics)) return 0;
  check_policy(loaded.policy);
  for (Account& account : loaded.policy.accounts) {
    if (!account.found()) account.state = Account::State::unknown;
  }
  const std::string names[] = {"root", "daemon"};
  check_accounts(loaded.policy, names, names, loaded.diagnostics);
  return 0;
}
