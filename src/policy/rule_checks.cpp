// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_checks.hpp"

#include "policy/acl_reader.hpp"
#include "policy/words.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr unsigned owner_x = 0100;
constexpr unsigned bits_of_others = 07;

const ModeWant* mode_of(const Clause& clause) { return std::get_if<ModeWant>(&clause.want); }

// The bits of directories, or of all else, that the mode bars whatever the object's mode is.
unsigned barred(const ModeTable& table) {
  unsigned bits = all_mode_bits;
  for (const ModeRow& row : table.rows) bits &= row.clear;
  return bits;
}

bool matches_any_name(const Component& component) {
  return component.kind == Component::Kind::any_depth ||
         (component.kind == Component::Kind::wild && component.text == "*");
}

// Everything, or all but the first levels of it.
bool reaches_everything(const Rule& rule) {
  return std::any_of(rule.paths.begin(), rule.paths.end(), [&rule](const RulePath& path) {
    const auto& tail = path.pattern.tail;
    if (!path.pattern.head.empty()) return false;
    const bool deep = std::any_of(tail.begin(), tail.end(), [](const Component& component) {
      return component.kind == Component::Kind::any_depth;
    });
    return std::all_of(tail.begin(), tail.end(), matches_any_name) &&
           (deep || rule.recurse != not_recursive);
  });
}

bool is_exact(const ModeWant& mode) {
  const bool bounded = mode.bounded_above && mode.bounded_below;
  return mode.form == ModeWant::Form::exact ||
         (mode.form == ModeWant::Form::bounds && bounded && mode.at_least == mode.at_most);
}

void check_root(Reading& reading, const Rule& rule) {
  if (!rule.enforce || !reaches_everything(rule)) return;
  for (const Clause& clause : rule.clauses) {
    const ModeWant* mode = mode_of(clause);
    const bool exact = mode != nullptr && is_exact(*mode);
    const auto* ids = std::get_if<IdWant>(&clause.want);
    if (!exact && (ids == nullptr || ids->known)) continue;
    reading.fail(
        Code::recursion_over_root, clause.pos,
        "a recursion over '/' demands one " + std::string(name(clause.aspect)) + " of everything",
        "'enforce = false' makes it a report");
  }
}

// Whether a clause is in force wherever `clause` is.
bool holds_beside(const Clause& clause, const Clause& other) {
  return other.alternative == 0 || other.alternative == clause.alternative;
}

// The rights that the rule's modes leave to the owning group of objects of `type`, 0 to 7, where
// `acl` is in force.
unsigned group_bits(const Rule& rule, const Clause& acl, Type type) {
  unsigned bits = 07;
  for (const Clause& clause : rule.clauses) {
    const ModeWant* mode = mode_of(clause);
    const bool counts = mode != nullptr && clause.types.has(type) && holds_beside(acl, clause);
    if (counts) bits &= ~(barred(mode->table(type)) >> 3);
  }
  return bits;
}

void fail_for_mask(Reading& reading, const Clause& clause) {
  reading.fail(Code::acl_mask_empty, clause.pos,
               "the mask of this ACL comes out '---', and the kernel skips such an ACL",
               "write 'mask::r--', so that the entries that deny are in force");
}

void check_mask(Reading& reading, const Rule& rule, const Clause& clause) {
  const auto* default_acl = std::get_if<DefaultAclWant>(&clause.want);
  if (default_acl != nullptr && mask_comes_out_empty(*default_acl)) fail_for_mask(reading, clause);
  const auto* acl = std::get_if<AclWant>(&clause.want);
  if (acl == nullptr) return;
  for (const Type type : {Type::file, Type::directory, Type::fifo}) {
    if (!clause.types.has(type) || !mask_comes_out_empty(*acl, group_bits(rule, clause, type)))
      continue;
    return fail_for_mask(reading, clause);
  }
}

bool goes_deep(const Rule& rule) {
  return rule.recurse != not_recursive ||
         std::any_of(rule.paths.begin(), rule.paths.end(), [](const RulePath& path) {
           const auto& tail = path.pattern.tail;
           return !tail.empty() && tail.back().kind == Component::Kind::any_depth;
         });
}

void warn_of_locked_directories(Reading& reading, const RuleDraft& draft, const Clause& clause) {
  const ModeWant* mode = mode_of(clause);
  const bool own = std::any_of(draft.own.begin(), draft.own.end(),
                               [&clause](const Clause& o) { return o.pos == clause.pos; });
  if (mode == nullptr || !own || !clause.types.has(Type::directory)) return;
  if (!goes_deep(draft.rule) || (barred(mode->of_directories) & owner_x) == 0) return;
  reading.fail(Code::locks_directories, clause.pos,
               "this mode takes 'x' from the directories too, which locks everybody out",
               "write 'files = { mode = … }' and 'directories = { mode = … }'");
}

void advise_of_acl(Reading& reading, const Rule& rule, const Clause& clause) {
  const ModeWant* mode = mode_of(clause);
  const auto speaks_of_acl = [&clause](const Clause& other) {
    return other.aspect == Aspect::acl && holds_beside(clause, other);
  };
  if (mode == nullptr) return;
  if (std::any_of(rule.clauses.begin(), rule.clauses.end(), speaks_of_acl)) return;
  if ((barred(mode->of_files) & bits_of_others) != bits_of_others) return;
  reading.fail(Code::acl_may_let_in, clause.pos,
               "the mode bars others, and a named entry of an ACL can let them in",
               "'acl = []' demands that there is none");
}

// What is made has all that others could wait for from its first instant.
void check_create(Reading& reading, const RuleDraft& draft) {
  if (!draft.create_key) return;
  const Rule& rule = draft.rule;
  if (pins(rule)) {
    return reading.fail(Code::exclusive_keys, *draft.create_key,
                        "what is pinned is not made anew, with nothing in it",
                        "leave out 'on_missing = \"create\"', or 'content = \"pinned\"'");
  }
  const bool file = draft.type && draft.type->value == TypeSet(Type::file);
  const bool directory = draft.type && draft.type->value == TypeSet(Type::directory);
  const auto states = [&](Aspect aspect, const auto& whole) {
    return std::any_of(rule.clauses.begin(), rule.clauses.end(), [&](const Clause& clause) {
      return clause.aspect == aspect && clause.alternative == 0 && whole(clause) &&
             clause.types.has(file ? Type::file : Type::directory);
    });
  };
  const auto is_account = [](const Clause& clause) { return !std::get<IdWant>(clause.want).known; };
  const auto is_exact_mode = [](const Clause& clause) {
    return std::get<ModeWant>(clause.want).form == ModeWant::Form::exact;
  };
  std::vector<std::string> lacking;
  if (shape_of(rule).globs) lacking.emplace_back("paths without wildcards");
  if (!file && !directory) lacking.emplace_back("the type 'file' or 'directory'");
  if (!states(Aspect::owner, is_account)) lacking.emplace_back("an owner");
  if (!states(Aspect::group, is_account)) lacking.emplace_back("a group");
  if (!states(Aspect::mode, is_exact_mode)) lacking.emplace_back("an exact mode");
  if (lacking.empty()) return;
  reading.fail(Code::create_in_part, *draft.create_key,
               "'on_missing = \"create\"' needs " + listed(lacking, "and"),
               "state all that it is to be made with");
}

// There is nothing else that anything could be restored from, or would be removed for.
void check_restore(Reading& reading, const RuleDraft& draft) {
  const bool forbidden = draft.presence && draft.presence->value == Presence::forbidden;
  if (draft.remove_key && !forbidden) {
    reading.fail(Code::missing_key, *draft.remove_key,
                 "'on_forbidden = \"remove\"' needs 'presence = \"forbidden\"'",
                 "else there is nothing that must not be there");
  }
  if (pins(draft.rule)) return;
  const auto needs_pinned = [&reading](const std::optional<Pos>& key, const char* name) {
    if (!key) return;
    reading.fail(Code::missing_key, *key, std::string(name) + " needs 'content = \"pinned\"'",
                 "what is pinned is restored from what `permward snapshot create` accepted");
  };
  needs_pinned(draft.restore_missing_key, "'on_missing = \"restore\"'");
  needs_pinned(draft.verify_key, "'verify'");
  needs_pinned(draft.restore_changed_key, "'on_changed = \"restore\"'");
}

void check_effect(Reading& reading, const RuleDraft& draft) {
  const RuleShape shape = shape_of(draft.rule);
  const auto without_effect = [&](const std::optional<Pos>& key, std::string_view name) {
    if (!key || shape.selects()) return;
    reading.fail(Code::without_effect, *key, quoted(name) + " has no effect on one path",
                 "'recurse = true' makes the rule speak of what lies below");
  };
  without_effect(draft.exclude_key, "exclude");
  if (draft.exclude_key && shape.globs && !shape.recursive) {
    reading.fail(Code::without_effect, *draft.exclude_key,
                 "'exclude' has no effect on a glob, it leaves out of a recursion",
                 "write a glob that does not match it, or 'recurse = true'");
  }
  without_effect(draft.cross_filesystems_key, "cross_filesystems");
  if (draft.users && !draft.of_a_user) {
    reading.fail(Code::without_effect, draft.users->pos,
                 "'users' has no effect on a rule that uses none of their variables",
                 "use '${home}', '${user}' or '${group}', as in 'path = \"${home}/.ssh\"'");
  }
  if (shape.selects() && !draft.demand_key && !draft.presence) {
    reading.fail(Code::demands_nothing, draft.rule.pos,
                 "the rule demands nothing of what it matches, only that something is there",
                 "demand an owner, a group, a mode or an ACL, or state 'presence'");
  }
}

}  // namespace

RuleShape shape_of(const Rule& rule) {
  RuleShape shape;
  shape.recursive = rule.recurse != not_recursive;
  for (const RulePath& path : rule.paths) {
    (path.pattern.glob() ? shape.globs : shape.literals) = true;
  }
  return shape;
}

void check_keys(Reading& reading, const RuleDraft& draft) {
  if (draft.path_key && draft.paths_key) {
    reading.fail(Code::exclusive_keys, std::max(*draft.path_key, *draft.paths_key),
                 "'path' and 'paths' in one rule", "write all of them in 'paths'");
  } else if (!draft.path_key && !draft.paths_key) {
    reading.fail(Code::missing_key, draft.rule.pos, "the rule has no 'path'",
                 "say what it is about, as in 'path = \"/etc/passwd\"'");
  }
  if (draft.presence && draft.presence->value == Presence::forbidden && draft.demand_key) {
    reading.fail(Code::forbidden_and_demanded, *draft.demand_key,
                 "a demand on what must not exist ('presence' is 'forbidden')",
                 "leave out one of them");
  }
}

void check_clauses(Reading& reading, const RuleDraft& draft, const LoadOptions& options) {
  const Rule& rule = draft.rule;
  check_root(reading, rule);
  check_create(reading, draft);
  check_restore(reading, draft);
  check_effect(reading, draft);
  for (const Clause& clause : rule.clauses) {
    check_mask(reading, rule, clause);
    warn_of_locked_directories(reading, draft, clause);
    if (options.lint) advise_of_acl(reading, rule, clause);
  }
}

}  // namespace permward
