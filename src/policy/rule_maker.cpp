// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_maker.hpp"

#include "policy/acl_reader.hpp"
#include "policy/rule_checks.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace permward {
namespace {

constexpr TypeSet no_symlink = TypeSet::all_present().without(Type::symlink);

class RuleMaker {
 public:
  RuleMaker(Reading& reading, RuleDraft& draft)
      : reading_(reading), draft_(draft), rule_(draft.rule), shape_(shape_of(draft.rule)) {}

  void run() {
    imply_type();
    if (draft_.type && shape_.selects()) rule_.selects = draft_.type->value;
    add_presence();
    add_type();
    for (const Clause& clause : draft_.own) add_own(clause);
    for (const Clause& clause : draft_.files) add_of_type(clause, Type::file);
    for (const Clause& clause : draft_.directories) add_of_type(clause, Type::directory);
    add_alternatives();
  }

 private:
  void add(Aspect aspect, TypeSet types, Want want, Pos pos) {
    if (!types.empty()) rule_.clauses.push_back({aspect, types, std::move(want), pos});
  }

  // On a literal path `target` is of a symlink, `default_acl` of a directory: what has another type
  // cannot meet it.
  void imply_type() {
    if (draft_.type || !shape_.literals || shape_.recursive) return;
    if (const Clause* clause = of_one_type(draft_.own, 0)) {
      draft_.type = Stated<TypeSet>{clause->types, clause->pos};
    } else if (!draft_.any_of.empty()) {
      imply_types_of_alternatives();
    }
  }

  void imply_types_of_alternatives() {
    TypeSet implied;
    bool by_all = true;
    for (std::uint32_t at = 1; at <= draft_.any_of.back().alternative; ++at) {
      const Clause* clause = of_one_type(draft_.any_of, at);
      by_all = by_all && clause != nullptr;
      if (clause != nullptr) implied = implied | clause->types;
    }
    if (by_all) {
      draft_.type = Stated<TypeSet>{implied, draft_.any_of.front().pos};
    } else {
      implied_by_some_ = implied;
    }
  }

  // The first clause of that alternative which only one type can have.
  static const Clause* of_one_type(const std::vector<Clause>& clauses, std::uint32_t alternative) {
    const auto it = std::find_if(clauses.begin(), clauses.end(), [&](const Clause& clause) {
      return clause.alternative == alternative && is_one_type(clause.types);
    });
    return it == clauses.end() ? nullptr : &*it;
  }

  static bool is_one_type(TypeSet types) {
    for (std::size_t i = 0; i < type_count; ++i) {
      if (types == TypeSet(static_cast<Type>(i))) return true;
    }
    return false;
  }

  void add_presence() {
    PresenceWant want;
    // Not every user has what most of them have.
    const bool required = (shape_.literals && !draft_.of_a_user) || !draft_.demand_key;
    want.presence = required ? Presence::required : Presence::optional;
    want.silent_for_globs = shape_.globs && draft_.demand_key.has_value();
    if (draft_.presence) want = {draft_.presence->value, false};
    // What is literal is there or not whatever its type; a glob speaks of what it selects.
    const TypeSet types = shape_.literals ? TypeSet::all() : rule_.selects | Type::absent;
    add(Aspect::presence, types, want, draft_.presence ? draft_.presence->pos : rule_.pos);
  }

  void add_type() {
    if (!shape_.literals) return;
    const bool forbidden = draft_.presence && draft_.presence->value == Presence::forbidden;
    // A recursion selects by `type`; of its top it only says that it is no symlink.
    if (draft_.type && !shape_.recursive) {
      add(Aspect::type, TypeSet::all_present(), TypeWant{draft_.type->value, true},
          draft_.type->pos);
    } else if (!forbidden) {
      add(Aspect::type, TypeSet::all_present(), TypeWant{no_symlink | implied_by_some_, false},
          rule_.pos);
    }
  }

  // The types among `types` that the rule's `type` leaves; reports where it leaves none.
  TypeSet left_of(TypeSet types, const Clause& clause) {
    const TypeSet left = draft_.type ? types & draft_.type->value : types;
    if (!left.empty()) return left;
    const std::string what =
        "'type' leaves nothing that can have " + quoted(row(clause.aspect).key) + " here";
    if (shape_.selects()) {
      reading_.fail(Code::without_effect, clause.pos, what, "leave out one of them");
    } else {
      reading_.fail(Code::type_cannot_have, clause.pos, what, "leave out one of them");
    }
    return left;
  }

  static bool speaks_of(const std::vector<Clause>& clauses, Aspect aspect) {
    return std::any_of(clauses.begin(), clauses.end(),
                       [aspect](const Clause& clause) { return clause.aspect == aspect; });
  }

  void add_own(const Clause& clause) {
    TypeSet types = left_of(clause.types, clause);
    if (speaks_of(draft_.files, clause.aspect)) types = types.without(Type::file);
    if (speaks_of(draft_.directories, clause.aspect)) types = types.without(Type::directory);
    add(clause.aspect, types, clause.want, clause.pos);
  }

  void add_of_type(const Clause& clause, Type type) {
    add(clause.aspect, left_of(clause.types & type, clause), clause.want, clause.pos);
  }

  // All of them count, also those that no type of the rule's can meet, which is reported.
  void add_alternatives() {
    for (const Clause& clause : draft_.any_of) {
      if (clause.alternative != rule_.alternatives) add_type_of_alternative(clause);
      rule_.alternatives = clause.alternative;
      Clause own = clause;
      own.types = left_of(clause.types, clause);
      if (!own.types.empty()) rule_.clauses.push_back(std::move(own));
    }
  }

  // On a literal path an alternative, too, is of the one type that it implies, and of no symlink
  // where it implies none. (A glob beside it says nothing of types.)
  void add_type_of_alternative(const Clause& first) {
    if (!shape_.literals || shape_.recursive) return;
    TypeWant want;
    Pos pos = first.pos;
    if (const Clause* implies = of_one_type(draft_.any_of, first.alternative)) {
      refuse_other_types(*implies);
      want.allowed = implies->types;
      pos = implies->pos;
    } else {
      want = {draft_.type ? draft_.type->value : no_symlink, false};
    }
    const TypeSet of_rule = draft_.type ? draft_.type->value : no_symlink | implied_by_some_;
    if (want.allowed == of_rule) return;
    rule_.clauses.push_back({Aspect::type, TypeSet::all_present(), want, pos, first.alternative});
  }

  void refuse_other_types(const Clause& implies) {
    for (const Clause& clause : draft_.any_of) {
      if (clause.alternative != implies.alternative) continue;
      if (!(clause.types & implies.types).empty()) continue;
      reading_.fail(Code::type_cannot_have, clause.pos,
                    quoted(row(clause.aspect).key) + " beside " + quoted(row(implies.aspect).key) +
                        ": nothing can have both",
                    "write two alternatives");
    }
  }

  Reading& reading_;
  RuleDraft& draft_;
  Rule& rule_;
  RuleShape shape_;
  TypeSet implied_by_some_;  // of the alternatives, not by all
};

}  // namespace

Rule make_rule(Reading& reading, RuleDraft draft, const LoadOptions& options) {
  check_keys(reading, draft);
  if (!draft.rule.paths.empty()) {
    RuleMaker(reading, draft).run();
    check_clauses(reading, draft, options);
  }
  Rule& rule = draft.rule;
  rule.restore_missing = pins(rule) && !draft.report_missing && !rule.create_missing;
  rule.report_missing = draft.report_missing;
  rule.restore_changed = pins(rule) && draft.restore_changed_key;
  return std::move(draft.rule);
}

}  // namespace permward
