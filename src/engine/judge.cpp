// SPDX-License-Identifier: Apache-2.0
#include "engine/judge.hpp"

#include "base/text.hpp"
#include "decide/compare.hpp"

#include <cstring>

namespace permward {

std::string shown_path(const Target& target, std::string_view real_path) {
  std::size_t head = 0;
  for (const std::string& name : target.head) head += name.size() + 1;
  if (real_path.size() < head) return std::string(real_path);
  const std::string_view rest = real_path.substr(head);
  if (target.shown == "/") return rest.empty() || rest == "/" ? "/" : std::string(rest);
  return rest == "/" ? target.shown : target.shown + std::string(rest);
}

std::string message_of(const Error& error) {
  std::string out = error.kind == ErrorKind::insecure_path ? "refused to " : "could not ";
  out += error.doing;
  if (!error.subject.empty()) out += " " + printable(error.subject);
  if (error.kind == ErrorKind::changed && error.number == 0) out += ": it has been replaced";
  if (error.number != 0) out.append(": ").append(std::strerror(error.number));
  return out;
}

Judge::Judge(const Rules& rules, NameService& service, bool passes)
    : rules_(rules),
      service_(service),
      passes_(passes),
      matched_globs_(rules.targets.size(), false) {}

void Judge::count(const Demand& demand, bool clean) {
  if (!demand.counted) return;
  ++objects_;
  if (clean) ++compliant_;
}

void Judge::mark_globs(const Demand& demand) {
  for (const std::uint32_t target : demand.matched_globs) {
    matched_globs_[rules_.targets[target].followed_from.value_or(target)] = true;
  }
}

void Judge::acquitted(const Demand& demand, const Observed& observed, const MakePath& path) {
  if (passes_) return examined(demand, observed, path);
  mark_globs(demand);
  count(demand, true);
}

void Judge::examined(const Demand& demand, const Observed& observed, const MakePath& path) {
  mark_globs(demand);
  bool clean = true;
  bool prepared = false;
  std::string real_path;
  for (const Decided& decided : demand.decided) {
    const Status status = judge(*rules_.policy, demand, decided, observed);
    if (status != Status::pass) clean = false;
    if (status == Status::pass && !(passes_ && demands(*decided.clause, observed.type))) continue;
    if (!prepared) {
      real_path = path();
      learn_names(observed);
      prepared = true;
    }
    Finding& finding = add(decided.target, real_path);
    finding.aspect = decided.clause->aspect;
    finding.status = status;
    finding.type = observed.type;
    finding.source = decided.clause->pos;
    Description texts = describe(*rules_.policy, demand, decided, observed, status, names_);
    finding.expected = std::move(texts.expected);
    finding.actual = std::move(texts.actual);
    finding.message = std::move(texts.message);
  }
  count(demand, clean);
}

Finding& Judge::add(std::uint32_t target, const std::string& real_path) {
  Finding& finding = findings_.emplace_back();
  finding.rule = rules_.targets[target].rule;
  finding.path = shown_path(rules_.targets[target], real_path);
  if (finding.path != real_path) finding.resolved = real_path;
  return finding;
}

void Judge::add_unseen(std::uint32_t target, Type type, const Error& error,
                       const std::string& real_path) {
  Finding& finding = add(target, real_path);
  finding.aspect = Aspect::path;
  finding.status = Status::error;
  finding.type = type;
  finding.source = rules_.rule(target).pos;
  finding.message = message_of(error);
}

void Judge::unseen(std::uint32_t target, Type type, const Error& error,
                   const std::string& real_path) {
  ++objects_;
  add_unseen(target, type, error, real_path);
}

void Judge::unlisted(std::uint32_t target, const Error& error, const std::string& real_path,
                     Itself itself) {
  if (itself == Itself::no_object) ++objects_;
  if (itself == Itself::compliant) --compliant_;
  add_unseen(target, Type::directory, error, real_path);
}

// Only what is reported needs names, and each id is asked for once.
void Judge::learn(AccountKind kind, std::uint32_t id) {
  if (names_.knows(kind, id)) return;
  names_.learn(kind, id, printable(service_.name_of(kind, id)));
}

void Judge::learn_names(const Observed& observed) {
  if (observed.type == Type::absent) return;
  learn(AccountKind::user, observed.owner);
  learn(AccountKind::group, observed.group);
  for (const Account& account : rules_.policy->accounts) {
    if (account.found()) learn(account.kind, account.id);
  }
  for (std::size_t i = 0; i < observed.acl.value.size(); ++i) {
    const AclEntry entry = observed.acl.value[i];
    if (entry.tag == AclTag::user) learn(AccountKind::user, entry.id);
    if (entry.tag == AclTag::group) learn(AccountKind::group, entry.id);
  }
}

}  // namespace permward
