// SPDX-License-Identifier: Apache-2.0
#include "decide/explain.hpp"

#include "decide/compare.hpp"
#include "decide/demand.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace permward {
namespace {

MatchKind match_kind(AcceptKind kind) {
  switch (kind) {
    case AcceptKind::literal:
    case AcceptKind::literal_top:
      return MatchKind::literal;
    case AcceptKind::glob:
    case AcceptKind::glob_top:
      return MatchKind::glob;
    case AcceptKind::recursion:
      break;
  }
  return MatchKind::recursion;
}

std::string note_on(Silence silence, Type type) {
  switch (silence) {
    case Silence::none:
      return "";
    case Silence::other_type:
      return "it does not select objects of type " + std::string(name(type));
    case Silence::leads_on:
      return "it follows the link, and speaks of what is there";
    case Silence::spoke_before:
      return "it speaks by another of its paths";
  }
  return "";
}

// The clause's own words: as a rule that decides in part is shown.
std::string words_of(const Rules& rules, const Claim& claim, const Observed& observed,
                     const AccountNames& names) {
  Demand alone;
  alone.type = observed.type;
  Decided nothing_of_it;
  nothing_of_it.clause = claim.clause;
  // A mode in part is shown in the rule's own words.
  if (claim.clause->aspect != Aspect::mode) nothing_of_it.parts = claim.says;
  return describe(*rules.policy, alone, nothing_of_it, observed, Status::pass, names).expected;
}

// Whoever has a part of what `claims[at]` says and does not decide.
std::vector<OutrankedPart> stronger(const Rules& rules, std::span<const Accept> accepts,
                                    const std::vector<Claim>& claims, std::size_t at) {
  const Claim& claim = claims[at];
  const unsigned lost = claim.says & ~unsigned{claim.decides};
  std::vector<OutrankedPart> out;
  for (std::size_t i = 0; i < at && lost != 0; ++i) {
    const Claim& other = claims[i];
    const auto parts = static_cast<std::uint16_t>(other.decides & lost);
    if (other.clause->aspect != claim.clause->aspect || parts == 0) continue;
    if (accepts[other.accept].rank == accepts[claim.accept].rank) continue;
    const std::uint32_t rule = rules.targets[accepts[other.accept].target].rule;
    out.push_back({parts, rule, other.clause->pos});
  }
  return out;
}

ExplainedRule entry_of(const Rules& rules, std::span<const Accept> accepts, std::size_t at,
                       Type type) {
  const Accept& accept = accepts[at];
  const Target& target = rules.targets[accept.target];
  ExplainedRule out;
  out.rule = target.rule;
  out.kind = match_kind(accept.kind);
  out.path = pattern_of(*rules.policy, target).text;
  out.note = note_on(silence(*rules.policy, rules.targets, accepts, at, type), type);
  return out;
}

ExplainedClause clause_of(const Rules& rules, const Claim& claim, const Observed& observed,
                          const AccountNames& names) {
  ExplainedClause out;
  out.aspect = claim.clause->aspect;
  out.source = claim.clause->pos;
  out.alternative = claim.clause->alternative;
  out.says = words_of(rules, claim, observed, names);
  out.parts = claim.says;
  out.decides = claim.decides;
  return out;
}

// An alternative of which nothing is left holds, and with it the whole choice.
void note_choice(ExplainedRule& rule, std::uint32_t alternatives) {
  const auto decides = [&rule](std::uint32_t alternative) {
    return std::any_of(rule.clauses.begin(), rule.clauses.end(), [&](const ExplainedClause& one) {
      return one.alternative == alternative && one.decides != 0;
    });
  };
  std::uint32_t idle = 0;
  std::uint32_t in_force = 0;
  for (std::uint32_t alternative = 1; alternative <= alternatives; ++alternative) {
    if (decides(alternative)) {
      ++in_force;
    } else if (idle == 0) {
      idle = alternative;
    }
  }
  if (idle == 0 || in_force == 0) return;
  rule.note = "'any_of' holds: nothing is left of alternative " + std::to_string(idle);
}

void note_empty(ExplainedRule& rule, Type type) {
  if (!rule.clauses.empty() || !rule.note.empty()) return;
  rule.note = "it says nothing of an object of type " + std::string(name(type));
}

}  // namespace

std::vector<ExplainedRule> explain_rules(const Rules& rules, std::span<const Accept> accepts,
                                         const Observed& observed, const AccountNames& names) {
  std::vector<ExplainedRule> out;
  for (std::size_t i = 0; i < accepts.size(); ++i) {
    out.push_back(entry_of(rules, accepts, i, observed.type));
  }
  const std::vector<Claim> all = claims(*rules.policy, rules.targets, accepts, observed.type);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ExplainedClause clause = clause_of(rules, all[i], observed, names);
    clause.outranked = stronger(rules, accepts, all, i);
    out[all[i].accept].clauses.push_back(std::move(clause));
  }
  std::vector<ExplainedRule> told;
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Of what it matched a glob that recurses speaks as a recursion, but for its presence.
    const bool top = accepts[i].kind == AcceptKind::glob_top && out[i].note.empty();
    if (top && out[i].clauses.empty()) continue;
    note_empty(out[i], observed.type);
    note_choice(out[i], rules.policy->rules[out[i].rule].alternatives);
    told.push_back(std::move(out[i]));
  }
  return told;
}

std::vector<ExplainedRule> explain_idle_rules(const Rules& rules, std::span<const Accept> accepts,
                                              const Observed& observed, const AccountNames& names) {
  std::vector<ExplainedRule> out;
  for (std::size_t i = 0; i < accepts.size(); ++i) {
    const std::span<const Accept> alone = accepts.subspan(i, 1);
    ExplainedRule& entry = out.emplace_back(entry_of(rules, alone, 0, observed.type));
    for (const Claim& claim : claims(*rules.policy, rules.targets, alone, observed.type)) {
      entry.clauses.push_back(clause_of(rules, claim, observed, names));
      entry.clauses.back().decides = 0;
    }
    note_empty(entry, observed.type);
  }
  return out;
}

Type likely_type(const Rules& rules, std::span<const Accept> accepts) {
  for (const Accept& accept : accepts) {
    const Rule& rule = rules.rule(accept.target);
    TypeSet types = rule.selects;
    const Clause* clause = find_clause(rule, Aspect::type);
    const auto* want = clause == nullptr ? nullptr : std::get_if<TypeWant>(&clause->want);
    if (want != nullptr && want->stated) types = want->allowed;
    if (types == TypeSet::all_present()) continue;
    for (std::size_t i = 0; i < type_count; ++i) {
      if (types.has(static_cast<Type>(i))) return static_cast<Type>(i);
    }
  }
  return Type::file;
}

}  // namespace permward
