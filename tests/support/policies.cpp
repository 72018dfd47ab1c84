// SPDX-License-Identifier: Apache-2.0
#include "support/policies.hpp"

#include "support/patterns.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <tuple>

namespace permward::test {
namespace {

struct KnownAccount {
  AccountKind kind;
  std::string_view name;
  std::uint32_t id;
};
constexpr std::array<KnownAccount, 9> known_accounts = {{
    {AccountKind::user, "root", 0},
    {AccountKind::user, "daemon", 1},
    {AccountKind::user, "bob", 1001},
    {AccountKind::user, "robert", 1001},
    {AccountKind::user, "carol", 1002},
    {AccountKind::group, "root", 0},
    {AccountKind::group, "adm", 4},
    {AccountKind::group, "web", 33},
    {AccountKind::group, "shadow", 42},
}};

Account looked_up(AccountKind kind, const std::string& text) {
  Account out;
  out.kind = kind;
  out.text = text;
  out.state = Account::State::unknown;
  if (text == "ldap") {
    out.state = Account::State::failed;
    out.error = EIO;
  }
  for (const KnownAccount& known : known_accounts) {
    if (known.kind != kind || known.name != text) continue;
    out.state = Account::State::found;
    out.id = known.id;
  }
  if (const auto id = id_of_text(text)) {
    out.state = Account::State::found;
    out.id = *id;
  }
  return out;
}

// One clause of chmod(1): `[ugoa]+[-+=][rwxXst]*`.
struct ModeClause {
  unsigned who = 0;    // the bits that the classes affect, set-id and sticky bits included
  unsigned named = 0;  // those that the letters name, `X` not among them
  bool any_x = false;
  char operation = '+';
};

ModeClause mode_clause(std::string_view text) {
  ModeClause out;
  std::size_t at = 0;
  for (; text[at] != '+' && text[at] != '-' && text[at] != '='; ++at) {
    if (text[at] == 'u' || text[at] == 'a') out.who |= 04700;
    if (text[at] == 'g' || text[at] == 'a') out.who |= 02070;
    if (text[at] == 'o' || text[at] == 'a') out.who |= 01007;
  }
  out.operation = text[at];
  for (const char c : text.substr(at + 1)) {
    if (c == 'r') out.named |= 0444;
    if (c == 'w') out.named |= 0222;
    if (c == 'x') out.named |= 0111;
    if (c == 's') out.named |= 06000;
    if (c == 't') out.named |= 01000;
    if (c == 'X') out.any_x = true;
  }
  return out;
}

std::vector<ModeClause> mode_clauses(std::string_view text) {
  std::vector<ModeClause> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    out.push_back(mode_clause(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

// The bits that the clause touches, whatever the mode.
unsigned touched(const ModeClause& clause, Type type) {
  const unsigned named = (clause.named | (clause.any_x ? 0111U : 0U)) & clause.who;
  if (clause.operation != '=') return named;
  const unsigned kept = type == Type::directory ? 06000 & ~clause.named : 0U;
  return clause.who & ~kept;
}

// The bits that its letters stand for on an object of that mode.
unsigned value(const ModeClause& clause, unsigned mode, Type type) {
  const bool x = clause.any_x && (type == Type::directory || (mode & 0111) != 0);
  return (clause.named | (x ? 0111U : 0U)) & clause.who;
}

unsigned after(const ModeClause& clause, unsigned mode, unsigned read, Type type) {
  const unsigned named = value(clause, read, type);
  if (clause.operation == '+') return mode | named;
  if (clause.operation == '-') return mode & ~named;
  return (mode & ~touched(clause, type)) | named;
}

// What the clauses do to modes with the execute bits of `index`.
ModeRow row_of(const std::vector<ModeClause>& clauses, unsigned index, Type type) {
  const unsigned execute = (index >> 2 & 1) << 6 | (index >> 1 & 1) << 3 | (index & 1);
  unsigned set = 0;
  unsigned clear = 0;
  for (const ModeClause& clause : clauses) {
    const unsigned named = value(clause, (execute | set) & ~clear, type);
    const unsigned to_set = clause.operation == '-' ? 0U : named;
    const unsigned to_clear = clause.operation == '+'   ? 0U
                              : clause.operation == '-' ? named
                                                        : touched(clause, type) & ~named;
    set = (set & ~to_clear) | to_set;
    clear = (clear & ~to_set) | to_clear;
  }
  return {static_cast<std::uint16_t>(set), static_cast<std::uint16_t>(clear)};
}

ModeTable table_of(std::string_view text, Type type) {
  const std::vector<ModeClause> clauses = mode_clauses(text);
  ModeTable out;
  for (const ModeClause& clause : clauses) {
    out.parts = static_cast<std::uint16_t>(out.parts | touched(clause, type));
  }
  for (unsigned index = 0; index < out.rows.size(); ++index) {
    out.rows[index] = row_of(clauses, index, type);
  }
  return out;
}

AclWantEntry acl_entry(Policy& policy, const std::string& text) {
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (second == text.npos) throw std::invalid_argument(text);
  AclWantEntry out;
  const std::string tag = text.substr(0, first);
  out.tag = tag == "user" ? AclTag::user : tag == "group" ? AclTag::group : AclTag::mask;
  if (out.tag != AclTag::mask) {
    const AccountKind kind = out.tag == AclTag::user ? AccountKind::user : AccountKind::group;
    out.account = account(policy, kind, text.substr(first + 1, second - first - 1));
  }
  for (const char c : text.substr(second + 1)) {
    const unsigned bit = c == 'r' ? 4 : c == 'w' ? 2 : c == 'x' ? 1 : 0;
    out.permissions = static_cast<std::uint8_t>(out.permissions | bit);
    if (c == 'X') out.x_if_any_x = true;
  }
  return out;
}

void add_entries(Policy& policy, const Texts& texts, std::vector<AclWantEntry>& entries,
                 std::optional<AclWantEntry>& mask) {
  for (const std::string& text : texts) {
    const AclWantEntry entry = acl_entry(policy, text);
    if (entry.tag == AclTag::mask) {
      mask = entry;
    } else {
      entries.push_back(entry);
    }
  }
}

}  // namespace

unsigned chmod(std::string_view clauses, unsigned mode, Type type, std::optional<unsigned> read) {
  for (const ModeClause& clause : mode_clauses(clauses)) {
    mode = after(clause, mode, read.value_or(mode), type);
  }
  return mode;
}

ModeWant exact(unsigned mode) { return ModeWant::exact(static_cast<std::uint16_t>(mode)); }
ModeWant at_most(unsigned mode) {
  return ModeWant::bounds(static_cast<std::uint16_t>(mode), true, 0, false);
}
ModeWant at_least(unsigned mode) {
  return ModeWant::bounds(0, false, static_cast<std::uint16_t>(mode), true);
}
ModeWant between(unsigned at_least, unsigned at_most) {
  return ModeWant::bounds(static_cast<std::uint16_t>(at_most), true,
                          static_cast<std::uint16_t>(at_least), true);
}
ModeWant symbolic(std::string_view clauses) {
  ModeWant out;
  out.form = ModeWant::Form::symbolic;
  out.text = clauses;
  out.of_files = table_of(clauses, Type::file);
  out.of_directories = table_of(clauses, Type::directory);
  return out;
}

AclSpec acl(Texts entries) { return {AclWant::Form::exact, false, false, std::move(entries), {}}; }
AclSpec acl_at_most(Texts entries) {
  return {AclWant::Form::bounds, true, false, std::move(entries), {}};
}
AclSpec acl_at_least(Texts entries) {
  return {AclWant::Form::bounds, false, true, {}, std::move(entries)};
}
AclSpec acl_between(Texts at_least, Texts at_most) {
  return {AclWant::Form::bounds, true, true, std::move(at_most), std::move(at_least)};
}

AccountNames account_names() {
  AccountNames out;
  for (const KnownAccount& known : known_accounts) {
    out.learn(known.kind, known.id, std::string(known.name));
  }
  return out;
}

RuleSpec& RuleSpec::id(std::string id) {
  id_ = std::move(id);
  return *this;
}
RuleSpec& RuleSpec::severity(Severity severity) {
  severity_ = severity;
  return *this;
}
RuleSpec& RuleSpec::tags(Texts tags) {
  tags_ = std::move(tags);
  return *this;
}
RuleSpec& RuleSpec::disabled() {
  disabled_ = true;
  return *this;
}
RuleSpec& RuleSpec::recursive(std::uint32_t depth) {
  recurse_ = depth;
  return *this;
}
RuleSpec& RuleSpec::exclude(Texts globs) {
  excludes_ = std::move(globs);
  return *this;
}
RuleSpec& RuleSpec::crossing(CrossFilesystems crossing) {
  crossing_ = crossing;
  return *this;
}
RuleSpec& RuleSpec::type(TypeSet types) {
  type_ = types;
  return *this;
}
RuleSpec& RuleSpec::presence(Presence presence) {
  presence_ = presence;
  return *this;
}
RuleSpec& RuleSpec::add(Demanded demanded) {
  demanded_.push_back(std::move(demanded));
  return *this;
}
RuleSpec& RuleSpec::owner(Texts names, std::optional<Type> type) {
  return add({Aspect::owner, type, std::move(names), {}, {}, {}});
}
RuleSpec& RuleSpec::group(Texts names, std::optional<Type> type) {
  return add({Aspect::group, type, std::move(names), {}, {}, {}});
}
RuleSpec& RuleSpec::mode(ModeWant want, std::optional<Type> type) {
  return add({Aspect::mode, type, {}, std::move(want), {}, {}});
}
RuleSpec& RuleSpec::acl(AclSpec want, std::optional<Type> type) {
  return add({Aspect::acl, type, {}, {}, std::move(want), {}});
}
RuleSpec& RuleSpec::want(Aspect aspect, Want want) {
  return add({aspect, {}, {}, {}, {}, std::move(want)});
}

RuleSpec& RuleSpec::alternative(RuleSpec demands) {
  ++alternatives_;
  for (Demanded& demanded : demands.demanded_) {
    demanded.alternative = alternatives_;
    demanded_.push_back(std::move(demanded));
  }
  return *this;
}

RuleSpec on(std::string path) { return RuleSpec({std::move(path)}); }
RuleSpec on_all(Texts paths) { return RuleSpec(std::move(paths)); }

std::uint32_t account(Policy& policy, AccountKind kind, const std::string& text) {
  for (std::uint32_t i = 0; i < policy.accounts.size(); ++i) {
    if (policy.accounts[i].kind == kind && policy.accounts[i].text == text) return i;
  }
  policy.accounts.push_back(looked_up(kind, text));
  return static_cast<std::uint32_t>(policy.accounts.size() - 1);
}

IdWant ids(Policy& policy, AccountKind kind, const Texts& names) {
  IdWant out;
  for (const std::string& name : names) out.accounts.push_back(account(policy, kind, name));
  return out;
}

AclWant acl_want(Policy& policy, const AclSpec& spec) {
  AclWant out;
  out.form = spec.form;
  out.bounded_above = spec.above;
  out.bounded_below = spec.below;
  add_entries(policy, spec.at_most, out.at_most, out.mask_at_most);
  add_entries(policy, spec.at_least, out.at_least, out.mask_at_least);
  return out;
}

// From keys to clauses, as spec and parser have it.
class PolicyMaker {
 public:
  Policy take() { return std::move(policy_); }

  void add(const RuleSpec& spec) {
    const auto index = static_cast<std::uint32_t>(policy_.rules.size());
    Rule rule;
    rule.id = spec.id_.empty() ? "r" + std::to_string(index) : spec.id_;
    rule.severity = spec.severity_;
    rule.tags = spec.tags_;
    rule.disabled = spec.disabled_;
    rule.recurse = spec.recurse_;
    rule.cross_filesystems = spec.crossing_;
    rule.pos = {0, 10 * (index + 1), 1};
    for (const std::string& text : spec.excludes_) rule.excludes.push_back(exclude(text));
    bool literals = false;
    bool globs = false;
    for (const std::string& text : spec.paths_) {
      rule.paths.push_back({pattern(text), rule.pos});
      (rule.paths.back().pattern.glob() ? globs : literals) = true;
    }
    const bool selects = globs || rule.recurse != not_recursive;
    if (spec.type_ && selects) rule.selects = *spec.type_;
    add_presence(spec, literals, globs, rule);
    if (literals) add_type(spec, rule);
    for (const RuleSpec::Demanded& demanded : spec.demanded_) add_demand(spec, demanded, rule);
    rule.alternatives = spec.alternatives_;
    for (std::uint32_t i = 0; i < rule.clauses.size(); ++i) {
      rule.clauses[i].pos = {0, rule.pos.line + 1 + i, 1};
    }
    policy_.rules.push_back(std::move(rule));
  }

 private:
  static void add_presence(const RuleSpec& spec, bool literals, bool globs, Rule& rule) {
    PresenceWant want;
    const bool demands = !spec.demanded_.empty();
    want.presence = literals || !demands ? Presence::required : Presence::optional;
    want.silent_for_globs = globs && demands;
    if (spec.presence_) want = {*spec.presence_, false};
    const TypeSet types = literals ? TypeSet::all() : rule.selects | Type::absent;
    rule.clauses.push_back({Aspect::presence, types, want, {}});
  }

  static void add_type(const RuleSpec& spec, Rule& rule) {
    if (spec.type_ && rule.recurse == not_recursive) {
      rule.clauses.push_back(
          {Aspect::type, TypeSet::all_present(), TypeWant{*spec.type_, true}, {}});
    } else if (spec.presence_ != Presence::forbidden) {
      const TypeSet no_symlink = TypeSet::all_present().without(Type::symlink);
      rule.clauses.push_back(
          {Aspect::type, TypeSet::all_present(), TypeWant{no_symlink, false}, {}});
    }
  }

  void add_demand(const RuleSpec& spec, const RuleSpec::Demanded& demanded, Rule& rule) {
    TypeSet types = row(demanded.aspect).types;
    if (spec.type_) types = types & *spec.type_;
    if (demanded.type) types = types & *demanded.type;
    for (const RuleSpec::Demanded& other : spec.demanded_) {
      const bool narrower = other.aspect == demanded.aspect && other.type && !demanded.type;
      if (narrower) types = types.without(*other.type);
    }
    rule.clauses.push_back({demanded.aspect, types, want(demanded), {}, demanded.alternative});
  }

  Want want(const RuleSpec::Demanded& demanded) {
    if (demanded.other) return *demanded.other;
    switch (demanded.aspect) {
      case Aspect::owner:
        return ids(policy_, AccountKind::user, demanded.names);
      case Aspect::group:
        return ids(policy_, AccountKind::group, demanded.names);
      case Aspect::mode:
        return demanded.mode;
      default:
        return acl_want(policy_, demanded.acl);
    }
  }

  Policy policy_;
};

Policy policy_of(const std::vector<RuleSpec>& rules) {
  PolicyMaker maker;
  for (const RuleSpec& rule : rules) maker.add(rule);
  Policy policy = maker.take();
  policy.files = {{"test.toml", std::string(64, 'a')}};
  return policy;
}

}  // namespace permward::test
