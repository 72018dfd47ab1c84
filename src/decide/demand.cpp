// SPDX-License-Identifier: Apache-2.0
#include "decide/demand.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>

namespace permward {
namespace {

constexpr std::uint16_t the_one_part = 1;

std::uint16_t parts_of(const Clause& clause, Type type) {
  if (const auto* mode = std::get_if<ModeWant>(&clause.want)) return mode->table(type).parts;
  if (const auto* want = std::get_if<AttributesWant>(&clause.want)) {
    return (want->set | want->clear).bits();
  }
  return the_one_part;
}

// What is absent is nobody's match: that a glob matches nothing shows when all was looked at.
bool contributes(AcceptKind kind, const Clause& clause, Type type) {
  const Aspect aspect = clause.aspect;
  const auto* presence = std::get_if<PresenceWant>(&clause.want);
  const bool glob = kind == AcceptKind::glob || kind == AcceptKind::glob_top;
  if (glob && presence != nullptr && presence->silent_for_globs) return false;
  if (type == Type::absent && kind != AcceptKind::literal && kind != AcceptKind::literal_top) {
    return false;
  }
  switch (kind) {
    case AcceptKind::literal:
      return true;
    case AcceptKind::literal_top:
      return aspect == Aspect::presence || aspect == Aspect::type;
    case AcceptKind::glob_top:
      return aspect == Aspect::presence;
    case AcceptKind::glob:
      return aspect != Aspect::type;
    case AcceptKind::recursion:
      return aspect != Aspect::presence && aspect != Aspect::type;
  }
  return false;
}

bool excludes_type(const Decided& decided, Type type) {
  const auto* want = std::get_if<TypeWant>(&decided.clause->want);
  return want != nullptr && type != Type::absent && !want->allowed.has(type);
}

void keep_sorted_common(std::vector<std::uint32_t>& kept, bool& any, const IdWant& want,
                        const Policy& policy) {
  std::vector<std::uint32_t> ids;
  for (const std::uint32_t account : want.accounts) {
    if (policy.accounts[account].found()) ids.push_back(policy.accounts[account].id);
  }
  std::sort(ids.begin(), ids.end());
  if (any) {
    kept = std::move(ids);
    any = false;
    return;
  }
  std::vector<std::uint32_t> common;
  std::set_intersection(kept.begin(), kept.end(), ids.begin(), ids.end(),
                        std::back_inserter(common));
  kept = std::move(common);
}

bool all_found(const std::vector<AclWantEntry>& entries, const Policy& policy) {
  return std::all_of(entries.begin(), entries.end(), [&policy](const AclWantEntry& entry) {
    return policy.accounts[entry.account].found();
  });
}

bool without_acl_in_policy(const AclWant& want, const Policy& policy) {
  if (want.form == AclWant::Form::exact) return want.at_most.empty() && !want.mask_at_most;
  if (!all_found(want.at_most, policy) || !all_found(want.at_least, policy)) return false;
  return std::all_of(want.at_least.begin(), want.at_least.end(), [](const AclWantEntry& entry) {
    return entry.permissions == 0 && !entry.x_if_any_x;
  });
}

// Merges one clause into the screen.
class Screener {
 public:
  Screener(Screen& screen, const Decided& decided, Type type, const Policy& policy)
      : screen_(screen), decided_(decided), type_(type), policy_(policy) {}

  void operator()(const PresenceWant& want) {
    const bool meets = type_ == Type::absent ? want.presence != Presence::required
                                             : want.presence != Presence::forbidden;
    screen_.may_acquit = screen_.may_acquit && meets;
  }
  void operator()(const TypeWant&) {
    screen_.may_acquit = screen_.may_acquit && !excludes_type(decided_, type_);
  }
  void operator()(const IdWant& want) {
    const bool owner = decided_.clause->aspect == Aspect::owner;
    if (want.known) return;  // what was read of the account tells
    keep_sorted_common(owner ? screen_.owners : screen_.groups,
                       owner ? screen_.any_owner : screen_.any_group, want, policy_);
  }
  void operator()(const ModeWant& want) { merge(screen_.mode, want.table(type_), decided_.parts); }
  void operator()(const AclWant& want) {
    screen_.no_acl_is_fine = screen_.no_acl_is_fine && without_acl_in_policy(want, policy_);
  }
  void operator()(const DefaultAclWant& want) {
    screen_.no_default_acl_is_fine = screen_.no_default_acl_is_fine && want.none();
  }
  void operator()(const AttributesWant& want) {
    const auto decided = AttributeSet::of_bits(decided_.parts);
    screen_.attributes.set = screen_.attributes.set | (want.set & decided);
    screen_.attributes.clear = screen_.attributes.clear | (want.clear & decided);
  }
  void operator()(const LinksWant& want) {
    screen_.most_links = std::min(screen_.most_links, want.most);
  }
  // Compared clause by clause.
  void operator()(const CapabilitiesWant&) { screen_.may_acquit = false; }
  void operator()(const EntriesWant&) { screen_.may_acquit = false; }
  void operator()(const TargetWant&) { screen_.may_acquit = false; }
  void operator()(const ContentWant&) { screen_.may_acquit = false; }

 private:
  Screen& screen_;
  const Decided& decided_;
  Type type_;
  const Policy& policy_;
};

// Of an alternative that is of another type nothing else is compared.
void keep_only_wrong_type(std::vector<Decided>& decided, Type type) {
  const auto wrong = [type](const Decided& d) { return excludes_type(d, type); };
  if (std::none_of(decided.begin(), decided.end(), wrong)) return;
  std::erase_if(decided, [&wrong](const Decided& d) { return !wrong(d); });
}

// What a mode speaks of, and what `X` reads, hangs on the ACL, whoever demands that.
constexpr FacetSet mode_depends_on = Facet::acl;

FacetSet facets_of(const std::vector<Decided>& decided) {
  FacetSet out;
  for (const Decided& one : decided) out = out | facets_of(*one.clause);
  return out;
}

template <class Entry>
void drop_unselected(std::vector<Entry>& entries, const std::vector<bool>& selected) {
  if (selected.empty()) return;
  std::erase_if(entries, [&selected](const Entry& entry) { return !selected[entry.rule]; });
}

void merge_into(Screen& screen, const std::vector<Decided>& decided, Type type,
                const Policy& policy) {
  for (const Decided& one : decided) {
    std::visit(Screener(screen, one, type, policy), one.clause->want);
  }
}

Choice& choice_of(std::vector<Choice>& choices, std::uint32_t rule, std::uint32_t target,
                  std::uint32_t alternatives) {
  for (Choice& choice : choices) {
    if (choice.rule == rule) return choice;
  }
  return choices.emplace_back(Choice{rule, target, std::vector<Demand>(alternatives)});
}

void drop_those_that_hold(std::vector<Choice>& choices) {
  const auto holds = [](const Demand& alternative) { return alternative.decided.empty(); };
  std::erase_if(choices, [&holds](const Choice& choice) {
    return std::any_of(choice.alternatives.begin(), choice.alternatives.end(), holds);
  });
}

bool decides_acl(const Demand& demand) {
  return std::any_of(demand.decided.begin(), demand.decided.end(),
                     [](const Decided& decided) { return decided.clause->aspect == Aspect::acl; });
}

bool decides_acl(const Choice& choice) {
  return std::any_of(choice.alternatives.begin(), choice.alternatives.end(),
                     [](const Demand& alternative) { return decides_acl(alternative); });
}

// Where `acl` is decided outright or by some alternative. A mode of an alternative is not about
// the base entries because another alternative of its rule, which need not hold, has an ACL.
void tell_modes_of_acl(Demand& demand) {
  const bool outright = decides_acl(demand);
  std::size_t choices = 0;
  for (const Choice& choice : demand.choices) choices += decides_acl(choice) ? 1U : 0U;
  demand.mode_is_base = outright || choices > 0;
  for (Choice& choice : demand.choices) {
    const bool beside = outright || choices > (decides_acl(choice) ? 1U : 0U);
    for (Demand& alternative : choice.alternatives) {
      alternative.mode_is_base = beside || decides_acl(alternative);
    }
  }
}

// Where the type is wrong nothing else of the object is compared. What is only reported silences
// its own rule alone: it must not hide what others enforce.
void cut_for_wrong_type(Demand& demand, const Policy& policy) {
  std::vector<std::uint32_t> rules;
  bool enforced = false;
  for (const Decided& decided : demand.decided) {
    if (!excludes_type(decided, demand.type)) continue;
    rules.push_back(decided.rule);
    enforced = enforced || policy.rules[decided.rule].enforce;
  }
  if (rules.empty()) return;
  const auto silenced = [&](std::uint32_t rule) {
    return enforced || std::find(rules.begin(), rules.end(), rule) != rules.end();
  };
  std::erase_if(demand.decided, [&](const Decided& decided) {
    return silenced(decided.rule) && !excludes_type(decided, demand.type);
  });
  std::erase_if(demand.choices, [&](const Choice& choice) { return silenced(choice.rule); });
}

// What each alternative is compared beside: the modes and ACLs that are demanded anyway.
void complete(std::vector<Choice>& choices, const Demand& demand, const Policy& policy) {
  for (Choice& choice : choices) {
    for (Demand& alternative : choice.alternatives) {
      alternative.type = demand.type;
      keep_only_wrong_type(alternative.decided, demand.type);
      alternative.screen.mode = demand.screen.mode;
      merge_into(alternative.screen, alternative.decided, demand.type, policy);
      alternative.asks = facets_of(alternative.decided);
    }
  }
}

FacetSet facets_of(const std::vector<Choice>& choices) {
  FacetSet out;
  for (const Choice& choice : choices) {
    for (const Demand& alternative : choice.alternatives) out = out | alternative.asks;
  }
  return out;
}

// A glob selects by type. (What a recursion demands was cut to the types that its rule selects; but
// the presence of a rule with literal paths too is about all types.)
bool passes_by(const Rule& rule, AcceptKind kind, Type type) {
  return (kind == AcceptKind::glob || kind == AcceptKind::glob_top) && !rule.selects.has(type);
}

// A link that a glob matches and that its rule follows is a way, not an object.
bool is_a_way(const Rule& rule, AcceptKind kind, Type type) {
  return type == Type::symlink && rule.follow &&
         (kind == AcceptKind::glob || kind == AcceptKind::glob_top);
}

// Links, and globs that are written twice, bring a rule to one object twice with one rank.
bool spoke_already(std::span<const Target> targets, std::span<const Accept> accepts,
                   std::size_t at) {
  for (std::size_t i = at; i > 0 && accepts[i - 1].rank == accepts[at].rank; --i) {
    const bool same_rule = targets[accepts[i - 1].target].rule == targets[accepts[at].target].rule;
    if (same_rule && accepts[i - 1].kind == accepts[at].kind) return true;
  }
  return false;
}

// Calls `take` with each claim, the strongest first.
template <class Take>
void claim(const Policy& policy, std::span<const Target> targets, std::span<const Accept> accepts,
           Type type, const Take& take) {
  std::array<std::uint16_t, aspect_count> claimed{};
  for (std::size_t at = 0; at < accepts.size();) {
    const std::array<std::uint16_t, aspect_count> before = claimed;
    const std::uint64_t rank = accepts[at].rank;
    for (; at < accepts.size() && accepts[at].rank == rank; ++at) {
      if (silence(policy, targets, accepts, at, type) != Silence::none) continue;
      for (const Clause& clause : policy.rules[targets[accepts[at].target].rule].clauses) {
        const auto aspect = static_cast<std::size_t>(clause.aspect);
        if (!clause.types.has(type) || !contributes(accepts[at].kind, clause, type)) {
          continue;
        }
        const std::uint16_t says = parts_of(clause, type);
        const auto decides = static_cast<std::uint16_t>(says & ~before[aspect]);
        claimed[aspect] = static_cast<std::uint16_t>(claimed[aspect] | decides);
        take(Claim{at, &clause, says, decides});
      }
    }
  }
}

bool matches_required_glob(const Rule& rule, AcceptKind kind, Type type) {
  if (kind != AcceptKind::glob && kind != AcceptKind::glob_top) return false;
  return rule.selects.has(type) && requires_matches(rule) && !is_a_way(rule, kind, type);
}

}  // namespace

FacetSet facets_of(const Clause& clause) {
  if (const auto* ids = std::get_if<IdWant>(&clause.want)) {
    if (!ids->known) return {};
    return clause.aspect == Aspect::owner ? Facet::owner_account : Facet::group_account;
  }
  const auto* content = std::get_if<ContentWant>(&clause.want);
  if (content != nullptr && content->pinned) {
    return FacetSet(Facet::accepted) | Facet::content | Facet::target;
  }
  const auto* want = std::get_if<AttributesWant>(&clause.want);
  const bool in_status = want != nullptr && attributes_in_status.covers(want->set | want->clear);
  return in_status ? FacetSet() : row(clause.aspect).facets;
}

namespace {

bool is_none(const Readout<AclView>& acl) {
  return acl.state == Read::unsupported || (acl.state == Read::value && acl.value.empty());
}

bool is_known(const Readout<bool>& account) {
  return account.state == Read::value && account.value;
}

bool have(const ObservedAttributes& observed, const AttributesWant& want) {
  return observed.known.covers(want.set | want.clear) && observed.set.covers(want.set) &&
         (observed.set & want.clear).empty();
}

}  // namespace

Silence silence(const Policy& policy, std::span<const Target> targets,
                std::span<const Accept> accepts, std::size_t at, Type type) {
  const Rule& rule = policy.rules[targets[accepts[at].target].rule];
  if (spoke_already(targets, accepts, at)) return Silence::spoke_before;
  if (passes_by(rule, accepts[at].kind, type)) return Silence::other_type;
  if (is_a_way(rule, accepts[at].kind, type)) return Silence::leads_on;
  return Silence::none;
}

std::vector<Claim> claims(const Policy& policy, std::span<const Target> targets,
                          std::span<const Accept> accepts, Type type) {
  std::vector<Claim> out;
  claim(policy, targets, accepts, type, [&out](const Claim& one) { out.push_back(one); });
  return out;
}

bool demands(const Clause& clause, Type type) {
  const auto* presence = std::get_if<PresenceWant>(&clause.want);
  if (presence == nullptr) return true;
  if (type == Type::absent) return presence->presence == Presence::required;
  return presence->presence != Presence::optional;
}

void compose(const Policy& policy, std::span<const Target> targets, std::span<const Accept> accepts,
             Type type, const std::vector<bool>& selected, Demand& out) {
  assert(std::is_sorted(accepts.begin(), accepts.end(),
                        [](const Accept& a, const Accept& b) { return a.rank > b.rank; }));
  out.type = type;
  out.decided.clear();
  out.choices.clear();
  out.screen = {};
  claim(policy, targets, accepts, type, [&](const Claim& one) {
    const std::uint32_t target = accepts[one.accept].target;
    const std::uint32_t rule = targets[target].rule;
    std::vector<Decided>* decided = &out.decided;
    if (one.clause->alternative != 0) {
      const std::uint32_t count = policy.rules[rule].alternatives;
      Choice& choice = choice_of(out.choices, rule, target, count);
      decided = &choice.alternatives[one.clause->alternative - 1].decided;
    }
    if (one.decides != 0) decided->push_back({rule, target, one.clause, one.decides});
  });
  drop_those_that_hold(out.choices);
  tell_modes_of_acl(out);
  // Merged before the filter: what is left out still decides what `X` reads.
  merge_into(out.screen, out.decided, type, policy);
  complete(out.choices, out, policy);
  drop_unselected(out.decided, selected);
  drop_unselected(out.choices, selected);
  cut_for_wrong_type(out, policy);
  if (!out.choices.empty()) out.screen.may_acquit = false;
  out.asks = facets_of(out.decided) | facets_of(out.choices);
  if (out.mode_is_base) out.asks = out.asks | mode_depends_on;
  out.matched_globs.clear();
  for (const Accept& accept : accepts) {
    const Rule& rule = policy.rules[targets[accept.target].rule];
    if (matches_required_glob(rule, accept.kind, type)) out.matched_globs.push_back(accept.target);
  }
  out.counted = !out.choices.empty() ||
                std::any_of(out.decided.begin(), out.decided.end(),
                            [type](const Decided& d) { return demands(*d.clause, type); });
}

bool Demand::empty() const { return decided.empty() && choices.empty(); }

bool acquits(const Demand& demand, const Observed& observed) {
  const Screen& screen = demand.screen;
  if (!screen.may_acquit || observed.links > screen.most_links) return false;
  if (!have(observed.attributes, screen.attributes)) return false;
  if (demand.asks.has(Facet::acl) && !(screen.no_acl_is_fine && is_none(observed.acl))) {
    return false;
  }
  if (demand.asks.has(Facet::default_acl) &&
      !(screen.no_default_acl_is_fine && is_none(observed.default_acl))) {
    return false;
  }
  const bool owner_matters = demand.asks.has(Facet::owner_account) || !screen.any_owner;
  if (owner_matters && observed.owner_unmapped) return false;
  const bool group_matters = demand.asks.has(Facet::group_account) || !screen.any_group;
  if (group_matters && observed.group_unmapped) return false;
  if (demand.asks.has(Facet::owner_account) && !is_known(observed.owner_account)) return false;
  if (demand.asks.has(Facet::group_account) && !is_known(observed.group_account)) return false;
  const auto among = [](const std::vector<std::uint32_t>& ids, std::uint32_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  if (!screen.any_owner && !among(screen.owners, observed.owner)) return false;
  if (!screen.any_group && !among(screen.groups, observed.group)) return false;
  return broken_bits(observed.mode, screen.mode.rows[execute_index(observed.mode)]) == 0;
}

}  // namespace permward
