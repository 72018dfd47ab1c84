// SPDX-License-Identifier: Apache-2.0
#include "fs/combined_demands.hpp"

#include <bitset>
#include <map>
#include <string>
#include <tuple>

namespace permward::test::combined {
namespace {

// --- Modes

struct Clause {
  unsigned classes = 0;  // 04700, 02070, 01007
  char operation = '+';
  std::string rights;
};

std::vector<Clause> clauses_of(const std::string& text) {
  std::vector<Clause> out(1);
  for (const char byte : text) {
    Clause& last = out.back();
    if (byte == ',')
      out.emplace_back();
    else if (byte == 'u')
      last.classes |= 04700;
    else if (byte == 'g')
      last.classes |= 02070;
    else if (byte == 'o')
      last.classes |= 01007;
    else if (byte == 'a')
      last.classes |= 07777;
    else if (byte == '+' || byte == '-' || byte == '=')
      last.operation = byte;
    else
      last.rights += byte;
  }
  return out;
}

// `x`: what X comes to.
unsigned bits_of(const Clause& clause, bool x) {
  unsigned bits = 0;
  for (const char right : clause.rights) {
    if (right == 'r') bits |= 0444;
    if (right == 'w') bits |= 0222;
    if (right == 'x' || (right == 'X' && x)) bits |= 0111;
    if (right == 's') bits |= 06000;
    if (right == 't') bits |= 01000;
  }
  return bits & clause.classes;
}

// All that `=` states of that object.
unsigned stated_by_equals(const Clause& clause, bool directory) {
  const bool names_set_id = clause.rights.find('s') != std::string::npos;
  return directory && !names_set_id ? clause.classes & ~06000U : clause.classes;
}

}  // namespace

// The bits that the demand names.
unsigned named_bits(const Mode& mode, bool directory) {
  if (mode.exact || mode.at_most) return 07777;
  if (mode.at_least) return *mode.at_least;
  unsigned bits = 0;
  for (const Clause& clause : clauses_of(mode.clauses)) {
    bits |= clause.operation == '=' ? stated_by_equals(clause, directory) : bits_of(clause, true);
  }
  return bits;
}

// The mode once the demand has been applied to it.
unsigned applied(const Mode& demand, unsigned mode, bool directory, bool x) {
  if (demand.exact) return *demand.exact;
  if (demand.at_most) mode &= *demand.at_most;
  if (demand.at_least) mode |= *demand.at_least;
  if (demand.clauses.empty()) return mode;
  for (const Clause& clause : clauses_of(demand.clauses)) {
    const unsigned bits = bits_of(clause, x);
    if (clause.operation == '+') mode |= bits;
    if (clause.operation == '-') mode &= ~bits;
    if (clause.operation == '=') mode = (mode & ~stated_by_equals(clause, directory)) | bits;
  }
  return mode;
}

bool somebody_executes(unsigned mode, bool directory) { return directory || (mode & 0111) != 0; }

namespace {

using ModeSet = std::bitset<010000>;

// The modes that are in policy.
const ModeSet& in_policy(const Mode& demand, bool directory) {
  using Key = std::tuple<std::optional<unsigned>, std::optional<unsigned>, std::optional<unsigned>,
                         std::string, bool>;
  static std::map<Key, ModeSet> known;
  const auto [it, is_new] = known.try_emplace(
      Key(demand.exact, demand.at_most, demand.at_least, demand.clauses, directory));
  if (is_new) {
    for (unsigned mode = 0; mode < 010000; ++mode) {
      it->second[mode] =
          applied(demand, mode, directory, somebody_executes(mode, directory)) == mode;
    }
  }
  return it->second;
}

// --- Rules

template <class T>
void replace(std::optional<T>& key, const std::optional<T>& by) {
  if (by) key = by;
}

}  // namespace

bool recursive(const Keys& rule) { return rule.recurse.value_or(0) != 0; }

bool demands_anything(const Keys& rule) {
  return !rule.own.empty() || rule.files || rule.directories || rule.any_of;
}

Presence presence_at(const Keys& rule, bool glob) {
  if (rule.presence) return *rule.presence;
  if (!glob || !demands_anything(rule)) return Presence::required;
  return Presence::optional;
}

bool selects(const Keys& rule, Kind kind) { return !rule.type || rule.type->count(kind) != 0; }

// What the rule demands outright of an object of that kind.
Demands outright(const Keys& rule, Kind kind) {
  Demands out = rule.own;
  const auto& table = kind == Kind::file ? rule.files : rule.directories;
  if (kind != Kind::symlink && table) {
    replace(out.owner, table->owner);
    replace(out.group, table->group);
    replace(out.mode, table->mode);
  }
  if (kind == Kind::symlink) out.mode.reset();
  return out;
}

// What each alternative demands of such an object.
std::vector<Demands> alternatives(const Keys& rule, Kind kind) {
  std::vector<Demands> out = rule.any_of.value_or(std::vector<Demands>());
  for (Demands& one : out) {
    if (kind == Kind::symlink) one.mode.reset();
  }
  return out;
}

namespace {

bool ids_meet(const std::vector<const Demands*>& all, Ids Demands::*ids) {
  std::optional<std::set<unsigned>> left;
  for (const Demands* one : all) {
    const Ids& listed = one->*ids;
    if (!listed) continue;
    std::set<unsigned> both;
    for (const unsigned id : *listed) {
      if (!left || left->count(id) != 0) both.insert(id);
    }
    left = both;
  }
  return !left || !left->empty();
}

// Whether one object of that kind can be as all of them demand.
bool hold_together(const std::vector<const Demands*>& all, Kind kind) {
  ModeSet modes;
  modes.set();
  for (const Demands* one : all) {
    if (one->mode) modes &= in_policy(*one->mode, kind == Kind::directory);
  }
  return modes.any() && ids_meet(all, &Demands::owner) && ids_meet(all, &Demands::group);
}

}  // namespace

bool hold_together(const Keys& a, const Keys& b, Kind kind) {
  if (!selects(a, kind) || !selects(b, kind)) return true;
  const Demands first = outright(a, kind);
  const Demands second = outright(b, kind);
  const auto choices = [kind](const Keys& rule) {
    std::vector<Demands> out = alternatives(rule, kind);
    if (out.empty()) out.emplace_back();
    return out;
  };
  for (const Demands& one : choices(a)) {
    for (const Demands& other : choices(b)) {
      if (hold_together({&first, &second, &one, &other}, kind)) return true;
    }
  }
  return false;
}

// What is only reported contradicts nothing.
bool both_enforced(const Keys& a, const Keys& b) {
  return a.enforce.value_or(true) && b.enforce.value_or(true);
}

bool hold_together(const Keys& a, const Keys& b) {
  return hold_together(a, b, Kind::file) && hold_together(a, b, Kind::directory) &&
         hold_together(a, b, Kind::symlink);
}

bool contradict(const Keys& a, const Keys& b) {
  return both_enforced(a, b) && !hold_together(a, b);
}

std::vector<Keys> overridden(const RuleSet& set) {
  std::vector<Keys> out = set.rules;
  for (const auto& [index, by] : set.overrides) {
    Keys& rule = out[index];
    replace(rule.recurse, by.recurse);
    replace(rule.exclude, by.exclude);
    replace(rule.type, by.type);
    replace(rule.presence, by.presence);
    replace(rule.own.owner, by.own.owner);
    replace(rule.own.group, by.own.group);
    replace(rule.own.mode, by.own.mode);
    replace(rule.files, by.files);
    replace(rule.directories, by.directories);
    replace(rule.any_of, by.any_of);
    replace(rule.enforce, by.enforce);
    replace(rule.disabled, by.disabled);
  }
  return out;
}

}  // namespace permward::test::combined
