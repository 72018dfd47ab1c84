// SPDX-License-Identifier: Apache-2.0
#include "decide/conflict.hpp"

#include "decide/agreement.hpp"
#include "model/codes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <variant>

namespace permward {
namespace {

std::string where(const Policy& policy, const Pos& pos) {
  return policy.files[pos.file].path + ":" + std::to_string(pos.line);
}

// Rules that name one place: a literal path, a top, a glob.
std::string place_key(const Policy& policy, const Target& target) {
  std::string key;
  for (const std::string& name : target.head) key.append("/").append(name);
  const std::vector<Component>& tail = pattern_of(policy, target).tail;
  if (!tail.empty()) key += '\0';
  for (const Component& component : tail) {
    key += component.kind == Component::Kind::literal ? '=' : '~';
    key.append(component.text).append("/");
  }
  return key;
}

Meeting meeting_of(const Policy& policy, const Target& a, const Target& b) {
  const bool glob = pattern_of(policy, a).glob();
  const auto recursive = [&policy](const Target& target) {
    return policy.rules[target.rule].recurse != not_recursive;
  };
  if (recursive(a) == recursive(b)) return glob ? Meeting::glob : Meeting::path;
  return glob ? Meeting::glob_and_top : Meeting::path_and_top;
}

bool is_about(Meeting meeting, Aspect aspect) {
  const bool presence = aspect == Aspect::presence;
  const bool type = aspect == Aspect::type;
  switch (meeting) {
    case Meeting::path:
      return true;
    case Meeting::path_and_top:
      return presence || type;
    case Meeting::glob:
      return !type;
    case Meeting::glob_and_top:
      return presence;
    case Meeting::tops:
      return !presence && !type;
  }
  return false;
}

// Of a rule with literal paths and globs the globs may be free to match nothing.
bool free_to_match_nothing(const Rule& rule, const Clause& clause, Meeting meeting) {
  const bool globs = meeting == Meeting::glob || meeting == Meeting::glob_and_top;
  const auto* want = std::get_if<PresenceWant>(&clause.want);
  return globs && want != nullptr && want->presence == Presence::required &&
         !requires_matches(rule);
}

bool same(const When& a, const When& b) {
  const auto key = [](const std::optional<Component>& glob) {
    return glob ? std::optional(std::pair(glob->kind, glob->text)) : std::nullopt;
  };
  return a.path_exists == b.path_exists && key(a.hostname) == key(b.hostname);
}

// Whether one of the rules is in force wherever the other is, as far as their texts say.
bool are_in_force_together(const Rule& a, const Rule& b) {
  return !a.when || !b.when || same(*a.when, *b.when);
}

// Whether two rules can be met on one machine at all.
using InForceTogether = bool (*)(const Rule& a, const Rule& b);

// Of objects of any of `types`: a demand only depends on whether they are directories.
bool agree(const Policy& policy, const Clause& a, const Clause& b, TypeSet types) {
  if (types.has(Type::directory) && !agree(policy, a, b, Type::directory)) return false;
  return types == TypeSet(Type::directory) || agree(policy, a, b, Type::file);
}

// The first clauses that disagree of `alternative` of one rule and `others` of the other, for
// objects of one of `types`; 0 are those that are demanded outright.
std::optional<Disagreement> clash(const Policy& policy, const Rule& rule, std::uint32_t alternative,
                                  const Rule& other, std::uint32_t others, TypeSet types,
                                  Meeting meeting) {
  for (const Clause& a : rule.clauses) {
    if (a.alternative != alternative || !is_about(meeting, a.aspect)) continue;
    if ((a.types & types).empty() || free_to_match_nothing(rule, a, meeting)) continue;
    for (const Clause& b : other.clauses) {
      if (b.alternative != others || b.aspect != a.aspect) continue;
      const TypeSet common = a.types & b.types & types;
      if (common.empty() || free_to_match_nothing(other, b, meeting)) continue;
      if (!agree(policy, a, b, common)) return Disagreement{&a, &b};
    }
  }
  return std::nullopt;
}

// Whether the rule, or that alternative of it, wants another type.
bool excludes(const Rule& rule, std::uint32_t alternative, Type type) {
  return std::any_of(rule.clauses.begin(), rule.clauses.end(), [&](const Clause& clause) {
    const auto* want = std::get_if<TypeWant>(&clause.want);
    return want != nullptr && clause.alternative == alternative && clause.types.has(type) &&
           !want->allowed.has(type);
  });
}

bool asks(const Rule& rule, std::uint32_t alternative, Type type) {
  return std::any_of(rule.clauses.begin(), rule.clauses.end(), [&](const Clause& clause) {
    return clause.alternative == alternative && clause.aspect != Aspect::type &&
           clause.types.has(type);
  });
}

// Whether the rule's clauses on types are about all that it meets others over: not where globs
// meet, nor of a recursion, whose type is that of its top.
bool of_one_type(const Rule& rule, Meeting meeting) {
  return is_about(meeting, Aspect::type) && rule.recurse == not_recursive;
}

// The alternatives of which one is to hold for an object of `type`. Where one holds anyway, or the
// rule wants another type, what is demanded outright stands alone: 0.
std::vector<std::uint32_t> alternatives_for(const Rule& rule, Type type, bool typed) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t at = 1; at <= rule.alternatives; ++at) {
    if (typed && excludes(rule, at, type)) continue;
    if (!asks(rule, at, type)) return {0};
    out.push_back(at);
  }
  if (out.empty()) out.push_back(0);
  return out;
}

// Those of them that can be met beside what the rule itself demands.
std::vector<std::uint32_t> possible_for(const Policy& policy, const Rule& rule, Type type,
                                        bool typed) {
  std::vector<std::uint32_t> out = alternatives_for(rule, type, typed);
  std::erase_if(out, [&](std::uint32_t alternative) {
    return alternative != 0 && clash(policy, rule, 0, rule, alternative, type, Meeting::path);
  });
  return out;
}

// The first disagreement of some alternative, where no pair of them can hold: each beside all that
// its own rule and the other demand.
std::optional<Disagreement> of_alternatives(const Policy& policy, const Rule& rule,
                                            const std::vector<std::uint32_t>& possible,
                                            const Rule& other,
                                            const std::vector<std::uint32_t>& others_possible,
                                            Type type, Meeting meeting) {
  const auto between = [&](std::uint32_t alternative, std::uint32_t others) {
    return clash(policy, rule, alternative, other, others, type, meeting);
  };
  std::optional<Disagreement> first;
  const auto left = [&](std::vector<std::uint32_t> of_one, const auto& against) {
    std::erase_if(of_one, [&](std::uint32_t alternative) {
      const auto found = alternative == 0 ? std::nullopt : against(alternative);
      if (found && !first) first = found;
      return found.has_value();
    });
    return of_one;
  };
  const auto mine = left(possible, [&](std::uint32_t a) { return between(a, 0); });
  const auto others = left(others_possible, [&](std::uint32_t b) { return between(0, b); });
  for (const std::uint32_t a : mine) {
    for (const std::uint32_t b : others) {
      const auto found = a == 0 || b == 0 ? std::nullopt : between(a, b);
      if (!found) return std::nullopt;
      if (!first) first = found;
    }
  }
  return first;
}

// What rules with alternatives are compared by, found out once a rule and type.
class Alternatives {
 public:
  explicit Alternatives(const Policy& policy) : policy_(policy) {}

  // The first disagreement in which an alternative has a part. Both are rules of the policy.
  std::optional<Disagreement> disagreement(const Rule& rule, const Rule& other, Type type,
                                           Meeting meeting) {
    const bool typed = of_one_type(rule, meeting);
    const bool other_typed = of_one_type(other, meeting);
    // What one of them excludes is wrong whatever else it is.
    if (typed && excludes(rule, 0, type)) return std::nullopt;
    if (other_typed && excludes(other, 0, type)) return std::nullopt;
    return of_alternatives(policy_, rule, possible(rule, type, typed), other,
                           possible(other, type, other_typed), type, meeting);
  }

 private:
  const std::vector<std::uint32_t>& possible(const Rule& rule, Type type, bool typed) {
    const auto [it, is_new] = known_.try_emplace({&rule, type, typed});
    if (is_new) it->second = possible_for(policy_, rule, type, typed);
    return it->second;
  }

  const Policy& policy_;
  std::map<std::tuple<const Rule*, Type, bool>, std::vector<std::uint32_t>> known_;
};

}  // namespace

std::optional<Disagreement> disagreement(const Policy& policy, const Rule& rule, const Rule& other,
                                         Type type, Meeting meeting) {
  if (const auto found = clash(policy, rule, 0, other, 0, type, meeting)) return found;
  if (rule.alternatives == 0 && other.alternatives == 0) return std::nullopt;
  Alternatives alternatives(policy);
  return alternatives.disagreement(rule, other, type, meeting);
}

namespace {

// The first of a rule's own clauses that no alternative of it agrees with, beside one of those.
std::optional<Disagreement> own_disagreement(const Policy& policy, const Rule& rule, Type type) {
  std::optional<Disagreement> first;
  const bool typed = of_one_type(rule, Meeting::path);
  for (const std::uint32_t alternative : alternatives_for(rule, type, typed)) {
    if (alternative == 0) return std::nullopt;
    const auto found = clash(policy, rule, 0, rule, alternative, type, Meeting::path);
    if (!found) return std::nullopt;
    if (!first) first = found;
  }
  return first;
}

Diagnostic conflict_error(const Policy& policy, const Rule& rule, const Rule& other,
                          const Disagreement& disagreement) {
  const Pos& pos = disagreement.other->pos;
  const std::string aspect(name(disagreement.clause->aspect));
  const std::string stated =
      " states its " + aspect + " at " + where(policy, disagreement.clause->pos);
  std::string message;
  std::string help;
  if (&rule == &other) {
    message = "no alternative of 'any_of' can hold beside the " + aspect + " of rule '" + rule.id +
              "' itself";
    help = "the rule" + stated + "; leave it out there, or here";
  } else if (rule.pos == other.pos) {
    message = "rule '" + rule.id + "' cannot hold for two of the users: no " + aspect +
              " satisfies both, and it is about one path";
    help = "give each a path of its own, with '${home}' or '${user}'";
  } else {
    message = "rules '" + rule.id + "' and '" + other.id + "' cannot hold together: no " + aspect +
              " satisfies both";
    help =
        "'" + rule.id + "'" + stated + "; change one of them, or disable it with an [[override]]";
  }
  Diagnostic out = make_diagnostic(Code::conflicting_rules, message, help);
  out.file = policy.files[pos.file].path;
  out.line = pos.line;
  out.column = pos.column;
  return out;
}

}  // namespace

bool may_contradict(const Rule& rule, const Rule& other) { return rule.enforce && other.enforce; }

bool ConflictErrors::wants(const Rule& rule, const Rule& other) const {
  return !more_ && told_.count({rule.pos, other.pos}) == 0;
}

void ConflictErrors::add(const Rule& rule, const Rule& other, const Disagreement& disagreement) {
  if (!wants(rule, other)) return;
  told_.insert({rule.pos, other.pos});
  more_ = errors_.size() == limit;
  errors_.push_back(more_ ? make_diagnostic(Code::more_errors,
                                            "there are further rules that cannot hold together",
                                            "correct those that are shown first")
                          : conflict_error(policy_, rule, other, disagreement));
}

Diagnostics ConflictErrors::take() { return std::move(errors_); }

namespace {

// The first disagreement for objects of any type.
std::optional<Disagreement> any_disagreement(const Policy& policy, Alternatives& alternatives,
                                             const Rule& rule, const Rule& other, Meeting meeting) {
  if (const auto found = clash(policy, rule, 0, other, 0, TypeSet::all(), meeting)) return found;
  if (rule.alternatives == 0 && other.alternatives == 0) return std::nullopt;
  for (std::size_t i = 0; i < type_count; ++i) {
    const auto found = alternatives.disagreement(rule, other, static_cast<Type>(i), meeting);
    if (found) return found;
  }
  return std::nullopt;
}

Diagnostics conflicts_among(const Policy& policy, std::span<const Target> targets,
                            InForceTogether in_force_together) {
  std::map<std::string, std::vector<const Target*>> groups;
  for (const Target& target : targets) {
    if (target.followed_from) continue;  // its rank is that of the glob, which is among them
    groups[place_key(policy, target)].push_back(&target);
  }
  ConflictErrors errors(policy);
  Alternatives alternatives(policy);
  std::set<std::tuple<std::uint32_t, std::uint32_t, Meeting>> compared;
  const auto compare = [&](const Target& a, const Target& b) {
    const std::uint32_t first = std::min(a.rule, b.rule);
    const std::uint32_t second = std::max(a.rule, b.rule);
    const Rule& rule = policy.rules[first];
    const Rule& other = policy.rules[second];
    const Meeting meeting = meeting_of(policy, a, b);
    if (first == second || !errors.wants(rule, other)) return;
    if (!may_contradict(rule, other) || !in_force_together(rule, other)) return;
    // Rules of one path each meet once.
    const bool may_meet_again = rule.paths.size() > 1 || other.paths.size() > 1;
    if (may_meet_again && !compared.insert({first, second, meeting}).second) return;
    const auto found = any_disagreement(policy, alternatives, rule, other, meeting);
    if (found) errors.add(rule, other, *found);
  };
  for (const Rule& rule : policy.rules) {
    if (rule.disabled || rule.alternatives == 0 || !errors.wants(rule, rule)) continue;
    for (std::size_t type = 0; type < type_count; ++type) {
      const auto found = own_disagreement(policy, rule, static_cast<Type>(type));
      if (!found) continue;
      errors.add(rule, rule, *found);
      break;
    }
  }
  for (const auto& [key, group] : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (std::size_t j = i + 1; j < group.size(); ++j) compare(*group[i], *group[j]);
    }
  }
  return errors.take();
}

}  // namespace

Diagnostics conflicts(const Policy& policy, std::span<const Target> targets) {
  return conflicts_among(policy, targets, [](const Rule&, const Rule&) { return true; });
}

Diagnostics conflicts_as_written(const Policy& policy) {
  return conflicts_among(policy, targets_as_written(policy), are_in_force_together);
}

std::vector<Target> targets_as_written(const Policy& policy) {
  std::vector<bool> enabled;
  for (const Rule& rule : policy.rules) enabled.push_back(!rule.disabled);
  return targets_as_written(policy, enabled);
}

std::vector<Target> targets_as_written(const Policy& policy, const std::vector<bool>& wanted) {
  std::vector<Target> out;
  for (std::uint32_t rule = 0; rule < policy.rules.size(); ++rule) {
    if (!wanted[rule]) continue;
    for (std::uint32_t path = 0; path < policy.rules[rule].paths.size(); ++path) {
      Target target;
      target.rule = rule;
      target.path = path;
      target.head = policy.rules[rule].paths[path].pattern.head;
      target.shown = head_path(policy.rules[rule].paths[path].pattern);
      out.push_back(std::move(target));
    }
  }
  return out;
}

}  // namespace permward
