// SPDX-License-Identifier: Apache-2.0
//
// The keys of a rule. Layer `policy`; pure.
#pragma once

#include "policy/account_table.hpp"
#include "policy/demand_reader.hpp"
#include "policy/reading.hpp"
#include "policy/rule_draft.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace permward {

class RuleReader {
 public:
  RuleReader(Reading& reading, AccountTable& accounts) : reading_(reading), accounts_(accounts) {}

  // The keys of `[[rule]]`, or of one as overrides leave it: then they come from several files.
  // `id` and the position of the rule are the caller's. `table` is for messages.
  [[nodiscard]] RuleDraft read(std::span<const Entry> entries, std::string_view table = "[[rule]]");
  // The same, with the variables of that user; else they stand for some user.
  [[nodiscard]] RuleDraft read(std::span<const Entry> entries, const ListedUser& user,
                               std::string_view table = "[[rule]]");

  [[nodiscard]] static bool knows(std::string_view key);

  // A list of users and `@groups`, or "*".
  [[nodiscard]] std::vector<TrustedPrincipal> trust(const Entry& entry);

 private:
  struct Keys;  // the table of keys, in the .cpp
  static std::vector<std::string_view> rule_keys();
  void demand(const Entry& entry);

  void path(const Entry& entry);
  void paths(const Entry& entry);
  void follow(const Entry& entry);
  void recurse(const Entry& entry);
  void exclude(const Entry& entry);
  void cross_filesystems(const Entry& entry);
  void type(const Entry& entry);
  void presence(const Entry& entry);
  void when(const Entry& entry);
  void when_path_exists(const Entry& entry);
  void when_hostname(const Entry& entry);
  void users(const Entry& entry);

  void files(const Entry& entry);
  void directories(const Entry& entry);
  void any_of(const Entry& entry);

  void id(const Entry&) {}  // read before all rules, by `load.cpp`
  void title(const Entry& entry);
  void severity(const Entry& entry);
  void rationale(const Entry& entry);
  void remediation(const Entry& entry);
  void references(const Entry& entry);
  void tags(const Entry& entry);

  void ancestors(const Entry& entry);
  void enforce(const Entry& entry);
  void trust_of_rule(const Entry& entry);
  void on_changed(const Entry& entry);
  void on_missing(const Entry& entry);
  void on_forbidden(const Entry& entry);
  void sensitive(const Entry& entry);
  void verify(const Entry& entry);

  void add_path(const Text& text);
  std::optional<TrustedPrincipal> trusted(Value value, std::string_view key);

  Reading& reading_;
  AccountTable& accounts_;
  RuleDraft draft_;
};

}  // namespace permward
