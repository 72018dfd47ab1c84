// SPDX-License-Identifier: Apache-2.0
#include "policy/overrides.hpp"

#include "policy/rule_reader.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace permward {
namespace {

class Overrides {
 public:
  Overrides(Reading& reading, const RawPolicy& policy, const RuleIds& ids)
      : reading_(reading), policy_(policy), ids_(ids) {}

  void apply(const RawTable& table) {
    rule_.reset();
    names_rule_ = false;
    disabled_.reset();
    keys_.clear();
    for (const Entry& entry : table.value.entries()) read(entry);
    // The keys by themselves, for the mistakes in them; what they name is of no interest yet.
    AccountTable nobody;
    (void)RuleReader(reading_, nobody).read(keys_, "[[override]]");
    if (!names_rule_) {
      reading_.fail(Code::missing_key, table.pos, "the override has no 'rule'",
                    "'rule' is the id of the rule that it changes");
    }
    if (rule_) merge(*rule_);
  }

  std::unordered_map<std::size_t, Overridden> overridden;

 private:
  void read(const Entry& entry) {
    const std::string_view key = entry.key();
    if (key == "rule") {
      names_rule_ = true;
      rule_ = find(entry);
    } else if (key == "disabled") {
      disabled_ = reading_.boolean(entry);
    } else if (key == "id" || key == "path" || key == "paths") {
      reading_.fail(Code::unknown_key, entry.pos(), "an override cannot change " + quoted(key),
                    "disable the rule, and write another");
    } else {
      keys_.push_back(entry);
    }
  }

  std::optional<std::size_t> find(const Entry& entry) {
    const auto text = reading_.text(entry);
    if (!text) return std::nullopt;
    const auto rule = ids_.find(text->text);
    if (!rule) {
      reading_.fail(Code::override_without_rule, text->pos(), "no rule " + quoted(text->text),
                    ids_.suggestion(reading_, text->text));
    }
    return rule;
  }

  void merge(std::size_t rule) {
    const auto [it, first] = overridden.try_emplace(rule);
    Overridden& target = it->second;
    if (first) target.entries = policy_.rules[rule].value.entries();
    if (disabled_) target.disabled = *disabled_;
    for (const Entry& key : keys_) {
      if (!RuleReader::knows(key.key())) continue;  // reported already
      const auto same = std::find_if(target.entries.begin(), target.entries.end(),
                                     [&key](const Entry& e) { return e.key() == key.key(); });
      if (same != target.entries.end()) {
        *same = key;
      } else {
        target.entries.push_back(key);
      }
    }
  }

  Reading& reading_;
  const RawPolicy& policy_;
  const RuleIds& ids_;
  // Of the override at hand.
  std::optional<std::size_t> rule_;
  bool names_rule_ = false;
  std::optional<bool> disabled_;
  std::vector<Entry> keys_;
};

}  // namespace

std::unordered_map<std::size_t, Overridden> apply_overrides(Reading& reading,
                                                            const RawPolicy& policy,
                                                            const RuleIds& ids) {
  Overrides overrides(reading, policy, ids);
  for (const RawTable& table : policy.overrides) overrides.apply(table);
  return std::move(overrides.overridden);
}

}  // namespace permward
