// SPDX-License-Identifier: Apache-2.0
#include "decide/conflict.hpp"

#include "model/codes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <variant>

namespace permward {
namespace {

// An account as what it is, or, where nobody knows, as what it is called.
using AccountKey = std::tuple<AccountKind, bool, std::uint32_t, std::string>;

AccountKey key_of(const Policy& policy, std::uint32_t index) {
  const Account& account = policy.accounts[index];
  if (account.found()) return {account.kind, true, account.id, ""};
  return {account.kind, false, 0, account.text};
}

bool agree(const PresenceWant& a, const PresenceWant& b) {
  const auto is = [](const PresenceWant& want, Presence presence) {
    return want.presence == presence;
  };
  return !(is(a, Presence::required) && is(b, Presence::forbidden)) &&
         !(is(a, Presence::forbidden) && is(b, Presence::required));
}

bool agree(const TypeWant& a, const TypeWant& b) { return !(a.allowed & b.allowed).empty(); }

bool agree(const Policy& policy, const IdWant& a, const IdWant& b) {
  if (a.known || b.known) return true;
  std::set<AccountKey> first;
  for (const std::uint32_t index : a.accounts) first.insert(key_of(policy, index));
  return std::any_of(b.accounts.begin(), b.accounts.end(),
                     [&](std::uint32_t index) { return first.count(key_of(policy, index)) != 0; });
}

// Whether some mode is in policy for both: for one of the eight ways to set the execute bits.
bool agree(const ModeTable& a, const ModeTable& b) {
  for (unsigned index = 0; index < a.rows.size(); ++index) {
    const unsigned set = a.rows[index].set | unsigned{b.rows[index].set};
    const unsigned clear = a.rows[index].clear | unsigned{b.rows[index].clear};
    const unsigned execute = (index >> 2 & 1) << 6 | (index >> 1 & 1) << 3 | (index & 1);
    const bool stays = (set & ~execute & 0111) == 0 && (clear & execute) == 0;
    if (stays && (set & clear) == 0) return true;
  }
  return false;
}

// What an ACL demand lets a set of rights be. `X` may be either, and is let be.
struct Bounds {
  unsigned least = 0;
  unsigned most = 7;
};

// What an ACL demand lets an entry be.
struct EntryBounds {
  Bounds rights;
  bool may_be_there = true;
  bool may_be_missing = true;
};

struct AclBounds {
  bool may_be_none = true;  // an object without named entries and without a mask
  bool may_be_some = true;
  bool exact = false;
  std::map<AccountKey, EntryBounds> listed;
  EntryBounds unlisted;
  Bounds mask;
};

unsigned most_rights(const AclWantEntry& entry) {
  return entry.permissions | (entry.x_if_any_x ? 1U : 0U);
}

AclBounds bounds_of_exact(const Policy& policy, const AclWant& want) {
  AclBounds out;
  out.exact = true;
  out.may_be_none = want.at_most.empty() && !want.mask_at_most;
  out.may_be_some = !out.may_be_none;
  out.unlisted.may_be_there = false;
  for (const AclWantEntry& entry : want.at_most) {
    const Bounds rights{entry.permissions, most_rights(entry)};
    out.listed[key_of(policy, entry.account)] = {rights, true, false};
    out.mask.least |= rights.least;  // what the owning group adds to it, nobody knows
  }
  if (want.mask_at_most)
    out.mask = {want.mask_at_most->permissions, most_rights(*want.mask_at_most)};
  return out;
}

AclBounds bounds_of_bounds(const Policy& policy, const AclWant& want) {
  AclBounds out;
  if (want.bounded_above) out.unlisted.rights.most = 0;
  for (const AclWantEntry& entry : want.at_most) {
    out.listed[key_of(policy, entry.account)].rights.most = most_rights(entry);
  }
  if (want.mask_at_most) out.mask.most = most_rights(*want.mask_at_most);
  if (want.mask_at_least) out.mask.least = want.mask_at_least->permissions;
  for (const AclWantEntry& entry : want.at_least) {
    const auto at = out.listed.try_emplace(key_of(policy, entry.account), out.unlisted).first;
    at->second.rights.least = entry.permissions;
    out.mask.least |= entry.permissions;  // they are to be in effect
    at->second.may_be_missing = entry.permissions == 0;
    out.may_be_none = out.may_be_none && entry.permissions == 0;
  }
  return out;
}

AclBounds bounds_of(const Policy& policy, const AclWant& want) {
  const bool exact = want.form == AclWant::Form::exact;
  return exact ? bounds_of_exact(policy, want) : bounds_of_bounds(policy, want);
}

bool agree(const Bounds& a, const Bounds& b) {
  return ((a.least | b.least) & ~(a.most & b.most)) == 0;
}

bool agree(const EntryBounds& a, const EntryBounds& b) {
  return (a.may_be_missing && b.may_be_missing) ||
         (a.may_be_there && b.may_be_there && agree(a.rights, b.rights));
}

bool agree(const Policy& policy, const AclWant& a, const AclWant& b) {
  const AclBounds first = bounds_of(policy, a);
  const AclBounds second = bounds_of(policy, b);
  if (first.may_be_none && second.may_be_none) return true;
  if (!first.may_be_some || !second.may_be_some) return false;
  const auto all_agree = [](const AclBounds& one, const AclBounds& other) {
    return std::all_of(one.listed.begin(), one.listed.end(), [&other](const auto& entry) {
      const auto it = other.listed.find(entry.first);
      return agree(entry.second, it == other.listed.end() ? other.unlisted : it->second);
    });
  };
  // An exact ACL whose mask is empty is in policy nowhere.
  const bool empty_mask = (first.mask.most & second.mask.most) == 0;
  if (empty_mask && (first.exact || second.exact)) return false;
  return all_agree(first, second) && all_agree(second, first) && agree(first.mask, second.mask);
}

// Entry by entry; what one of them leaves as it is, the other may state.
bool agree(const Policy& policy, const DefaultAclWant& a, const DefaultAclWant& b) {
  if (a.none() || b.none()) return a.none() && b.none();
  const auto rights_of = [&policy](const DefaultAclWant& want) {
    std::map<AccountKey, unsigned> out;
    for (const AclWantEntry& entry : want.named) {
      out[key_of(policy, entry.account)] = entry.permissions;
    }
    return out;
  };
  const auto same = [](const auto& one, const auto& other) {
    return !one || !other || *one == *other;
  };
  return rights_of(a) == rights_of(b) && same(a.user_obj, b.user_obj) &&
         same(a.group_obj, b.group_obj) && same(a.mask, b.mask) && same(a.other, b.other);
}

bool agree(const ContentWant& a, const ContentWant& b) {
  return std::any_of(a.sha256.begin(), a.sha256.end(), [&b](const Sha256::Digest& digest) {
    return std::find(b.sha256.begin(), b.sha256.end(), digest) != b.sha256.end();
  });
}

bool agree(const TargetWant& a, const TargetWant& b) {
  return std::any_of(a.texts.begin(), a.texts.end(), [&b](const std::string& text) {
    return std::find(b.texts.begin(), b.texts.end(), text) != b.texts.end();
  });
}

// Whether some object of that type satisfies both of two demands on one aspect.
struct Agreement {
  const Policy& policy;
  const Want& other;
  Type type;

  template <class AspectWant>
  bool operator()(const AspectWant& want) const {
    return of(want, std::get<AspectWant>(other));
  }

 private:
  [[nodiscard]] static bool of(const PresenceWant& a, const PresenceWant& b) { return agree(a, b); }
  [[nodiscard]] static bool of(const TypeWant& a, const TypeWant& b) { return agree(a, b); }
  [[nodiscard]] bool of(const IdWant& a, const IdWant& b) const { return agree(policy, a, b); }
  [[nodiscard]] bool of(const ModeWant& a, const ModeWant& b) const {
    return agree(a.table(type), b.table(type));
  }
  [[nodiscard]] bool of(const AclWant& a, const AclWant& b) const { return agree(policy, a, b); }
  [[nodiscard]] bool of(const DefaultAclWant& a, const DefaultAclWant& b) const {
    return agree(policy, a, b);
  }
  [[nodiscard]] static bool of(const AttributesWant& a, const AttributesWant& b) {
    return (a.set & b.clear).empty() && (a.clear & b.set).empty();
  }
  [[nodiscard]] static bool of(const CapabilitiesWant& a, const CapabilitiesWant& b) {
    return a.value == b.value;
  }
  [[nodiscard]] static bool of(const LinksWant&, const LinksWant&) { return true; }
  // An empty directory meets all of them.
  [[nodiscard]] static bool of(const EntriesWant&, const EntriesWant&) { return true; }
  [[nodiscard]] static bool of(const TargetWant& a, const TargetWant& b) { return agree(a, b); }
  [[nodiscard]] static bool of(const ContentWant& a, const ContentWant& b) { return agree(a, b); }
};

bool agree(const Policy& policy, const Clause& a, const Clause& b, Type type) {
  return std::visit(Agreement{policy, b.want, type}, a.want);
}

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

}  // namespace

namespace {

// The first clauses that disagree of `alternative` of one rule and `others` of the other; 0 are
// those that are demanded outright.
std::optional<Disagreement> clash(const Policy& policy, const Rule& rule, std::uint32_t alternative,
                                  const Rule& other, std::uint32_t others, Type type,
                                  Meeting meeting) {
  for (const Clause& a : rule.clauses) {
    if (a.alternative != alternative || !a.types.has(type) || !is_about(meeting, a.aspect))
      continue;
    if (free_to_match_nothing(rule, a, meeting)) continue;
    for (const Clause& b : other.clauses) {
      if (b.alternative != others || b.aspect != a.aspect || !b.types.has(type)) continue;
      if (free_to_match_nothing(other, b, meeting)) continue;
      if (!agree(policy, a, b, type)) return Disagreement{&a, &b};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Disagreement> disagreement(const Policy& policy, const Rule& rule, const Rule& other,
                                         Type type, Meeting meeting) {
  const auto between = [&](std::uint32_t alternative, std::uint32_t others) {
    return clash(policy, rule, alternative, other, others, type, meeting);
  };
  if (const auto found = between(0, 0)) return found;
  // Some alternative of each must hold beside all that its own rule and the other demand.
  const auto possible = [&](const Rule& of, std::uint32_t alternative) {
    return alternative == 0 || !clash(policy, of, 0, of, alternative, type, Meeting::path);
  };
  std::optional<Disagreement> first;
  const auto holds = [&](std::uint32_t a, std::uint32_t b) {
    if (!possible(rule, a) || !possible(other, b)) return false;
    std::optional<Disagreement> found;
    if (a != 0) found = between(a, 0);
    if (!found && b != 0) found = between(0, b);
    if (!found && a != 0 && b != 0) found = between(a, b);
    if (found && !first) first = found;
    return !found;
  };
  const std::uint32_t begin = rule.alternatives == 0 ? 0 : 1;
  const std::uint32_t others_begin = other.alternatives == 0 ? 0 : 1;
  for (std::uint32_t a = begin; a <= rule.alternatives; ++a) {
    for (std::uint32_t b = others_begin; b <= other.alternatives; ++b) {
      if (holds(a, b)) return std::nullopt;
    }
  }
  return first;
}

namespace {

// The first of a rule's own clauses that no alternative of it agrees with, beside one of those.
std::optional<Disagreement> own_disagreement(const Policy& policy, const Rule& rule, Type type) {
  std::optional<Disagreement> first;
  for (std::uint32_t alternative = 1; alternative <= rule.alternatives; ++alternative) {
    const auto found = clash(policy, rule, 0, rule, alternative, type, Meeting::path);
    if (!found) return std::nullopt;
    if (!first) first = found;
  }
  return first;
}

}  // namespace

Diagnostic conflict_error(const Policy& policy, const Rule& rule, const Rule& other,
                          const Disagreement& disagreement) {
  const Pos& pos = disagreement.other->pos;
  const std::string aspect(name(disagreement.clause->aspect));
  const std::string stated =
      " states its " + aspect + " at " + where(policy, disagreement.clause->pos);
  Diagnostic out =
      &rule == &other
          ? make_diagnostic(Code::conflicting_rules,
                            "no alternative of 'any_of' can hold beside the " + aspect +
                                " of rule '" + rule.id + "' itself",
                            "the rule" + stated + "; leave it out there, or here")
          : make_diagnostic(Code::conflicting_rules,
                            "rules '" + rule.id + "' and '" + other.id +
                                "' cannot hold together: no " + aspect + " satisfies both",
                            "'" + rule.id + "'" + stated +
                                "; change one of them, or disable it with an [[override]]");
  out.file = policy.files[pos.file].path;
  out.line = pos.line;
  out.column = pos.column;
  return out;
}

namespace {

Diagnostics conflicts_among(const Policy& policy, std::span<const Target> targets,
                            InForceTogether in_force_together) {
  std::map<std::string, std::vector<const Target*>> groups;
  for (const Target& target : targets) {
    if (target.followed_from) continue;  // its rank is that of the glob, which is among them
    groups[place_key(policy, target)].push_back(&target);
  }
  Diagnostics out;
  std::set<std::tuple<std::uint32_t, std::uint32_t, Meeting>> compared;
  std::set<std::pair<std::uint32_t, std::uint32_t>> reported;
  const auto compare = [&](const Target& a, const Target& b) {
    const std::uint32_t first = std::min(a.rule, b.rule);
    const std::uint32_t second = std::max(a.rule, b.rule);
    const Meeting meeting = meeting_of(policy, a, b);
    if (first == second || !compared.insert({first, second, meeting}).second) return;
    if (reported.count({first, second}) != 0) return;
    if (!in_force_together(policy.rules[first], policy.rules[second])) return;
    for (std::size_t type = 0; type < type_count; ++type) {
      const Rule& rule = policy.rules[first];
      const Rule& other = policy.rules[second];
      const auto found = disagreement(policy, rule, other, static_cast<Type>(type), meeting);
      if (!found) continue;
      out.push_back(conflict_error(policy, rule, other, *found));
      reported.insert({first, second});
      return;
    }
  };
  for (const Rule& rule : policy.rules) {
    if (rule.disabled || rule.alternatives == 0) continue;
    for (std::size_t type = 0; type < type_count; ++type) {
      const auto found = own_disagreement(policy, rule, static_cast<Type>(type));
      if (!found) continue;
      out.push_back(conflict_error(policy, rule, rule, *found));
      break;
    }
  }
  for (const auto& [key, group] : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (std::size_t j = i + 1; j < group.size(); ++j) compare(*group[i], *group[j]);
    }
  }
  return out;
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
