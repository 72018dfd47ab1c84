// SPDX-License-Identifier: Apache-2.0
#include "engine/judge.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace permward {
namespace {

constexpr std::size_t most_looked_up = 128;         // entries of an ACL
constexpr std::size_t most_ids_of_entries = 16384;  // of all ACLs, each asked for once a thread
constexpr std::size_t longest_subject = 4096;       // PATH_MAX; of a message

// Every finding below a deep tree would carry another copy of its own path.
std::string subject_text(const std::string& subject) {
  if (subject.size() < longest_subject) return printable(subject);
  return "a path of " + std::to_string(subject.size()) + " bytes";
}

}  // namespace

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
  if (!error.subject.empty()) out += " " + subject_text(error.subject);
  if (error.kind == ErrorKind::changed && error.number == 0) out += ": it has been replaced";
  if (error.number != 0) out.append(": ").append(std::strerror(error.number));
  return out;
}

Result<void> at_path(Result<void> done, const std::string& path) {
  if (done.ok() || !done.error().subject.empty()) return done;
  Error error = done.error();
  error.subject = path;
  return error;
}

void tell_unseen(Finding& finding, const Error& error) {
  finding.aspect = Aspect::path;
  finding.status = Status::error;
  finding.unsafe = error.kind == ErrorKind::insecure_path;
  finding.message = message_of(error);
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
  std::string real_path;
  for (const Judged& judged : judge_all(*rules_.policy, demand, observed)) {
    const bool pass = judged.status == Status::pass;
    clean = clean && pass;
    if (pass && !(passes_ && demands(*judged.decided->clause, observed.type))) continue;
    if (real_path.empty()) real_path = path();
    findings_.push_back(finding_of(judged, observed, real_path));
  }
  count(demand, clean);
}

Finding Judge::finding_of(const Judged& judged, const Observed& observed,
                          const std::string& real_path) {
  const Decided& decided = *judged.decided;
  Finding out = made(decided.target, real_path);
  out.aspect = decided.clause->aspect;
  out.status = judged.status;
  out.type = observed.type;
  out.source = decided.clause->pos;
  Description texts = describe(*rules_.policy, judged, observed, names_for(observed));
  out.expected = std::move(texts.expected);
  out.actual = std::move(texts.actual);
  out.message = std::move(texts.message);
  return out;
}

Finding Judge::made(std::uint32_t target, const std::string& real_path) {
  Finding out;
  out.rule = rules_.targets[target].rule;
  std::string shown = shown_path(rules_.targets[target], real_path);
  if (shown != real_path) out.resolved = paths_.share(real_path);
  out.path = paths_.share(std::move(shown));
  return out;
}

void Judge::add_unseen(std::uint32_t target, Type type, const Error& error,
                       const std::string& real_path) {
  Finding& finding = findings_.emplace_back(made(target, real_path));
  finding.type = type;
  finding.source = rules_.rule(target).pos;
  Error told = error;
  // Whoever looked had its name in a directory that was open.
  if (!told.subject.empty() && told.subject.front() != '/') told.subject = real_path;
  tell_unseen(finding, told);
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

const AccountNames& Judge::names_for(const Observed& observed) {
  if (observed.type == Type::absent) return names_;
  learn(AccountKind::user, observed.owner);
  learn(AccountKind::group, observed.group);
  for (const Account& account : rules_.policy->accounts) {
    if (account.found()) learn(account.kind, account.id);
  }
  learn_entries(observed.acl.value);
  learn_entries(observed.default_acl.value);
  return names_;
}

const AccountNames& Judge::names_for(const Principals& who) {
  for (const std::uint32_t id : who.users) learn(AccountKind::user, id);
  for (const std::uint32_t id : who.groups) learn(AccountKind::group, id);
  return names_;
}

// The ids of an ACL are an enemy's: thousands an object, that nobody has. Those of the greater part
// are shown as numbers.
void Judge::learn_entries(const AclView& acl) {
  for (std::size_t i = 0; i < std::min(acl.size(), most_looked_up); ++i) {
    const AclEntry entry = acl[i];
    if (!entry.named()) continue;
    const AccountKind kind = entry.tag == AclTag::user ? AccountKind::user : AccountKind::group;
    if (names_.knows(kind, entry.id)) continue;
    if (ids_of_entries_ == most_ids_of_entries) return;
    ++ids_of_entries_;
    learn(kind, entry.id);
  }
}

}  // namespace permward
