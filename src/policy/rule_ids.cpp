// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_ids.hpp"

#include "policy/words.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr std::string_view built_in = "ancestors";  // the rule of `path` findings

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool valid_id(std::string_view id) {
  return !id.empty() && is_letter_or_digit(id.front()) &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

std::string place(std::span<const Source> sources, Pos pos) {
  return printable(sources[pos.file].name) + ':' + std::to_string(pos.line) + ':' +
         std::to_string(pos.column);
}

}  // namespace

RuleIds::RuleIds(Reading& reading, const std::vector<RawTable>& rules,
                 std::span<const Source> sources) {
  ids_.reserve(rules.size());
  std::vector<Pos> positions(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    ids_.push_back(read(reading, rules[i], positions[i]));
    if (ids_[i].empty()) continue;
    const auto [first, added] = by_id_.emplace(ids_[i], i);
    if (added) continue;
    reading.fail(Code::duplicate_id, positions[i],
                 "the id " + quoted(ids_[i]) + " is that of the rule at " +
                     place(sources, positions[first->second]),
                 "take another, or change that rule by '[[override]]'");
  }
}

std::string RuleIds::read(Reading& reading, const RawTable& rule, Pos& pos) {
  const auto entry = rule.value.find("id");
  if (!entry) {
    reading.fail(Code::missing_key, rule.pos, "the rule has no 'id'",
                 "give it one that no other rule has, as in 'id = \"nginx-conf\"'");
    return {};
  }
  pos = entry->pos();
  const auto text = reading.text(*entry);
  if (!text) return {};
  if (text->text == built_in) {
    reading.fail(Code::bad_id, text->pos(), "the id 'ancestors' is that of a built-in rule",
                 "take another");
    return {};
  }
  if (valid_id(text->text)) return text->text;
  reading.fail(Code::bad_id, text->pos(), quoted(text->text) + " cannot be an id",
               "an id has small letters, digits, '.', '_' and '-', and begins with a letter or "
               "digit");
  return {};
}

std::optional<std::size_t> RuleIds::find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? std::nullopt : std::optional(it->second);
}

bool RuleIds::matched_by(const Component& glob) {
  if (matches(glob, built_in)) return true;
  if (glob.kind == Component::Kind::literal) return find(glob.text).has_value();
  // A million globs over a million rules: then nothing is said about the rest of them.
  if (ids_.size() > comparisons_left_) return true;
  comparisons_left_ -= ids_.size();
  return std::any_of(ids_.begin(), ids_.end(),
                     [&glob](const std::string& id) { return matches(glob, id); });
}

std::string RuleIds::suggestion(Reading& reading, std::string_view id) const {
  return reading.suggestions().nearest_of(id, ids_, {});
}

}  // namespace permward
