// SPDX-License-Identifier: Apache-2.0
// Policies for tests, rule by rule:
//
//   const Policy policy = policy_of({
//       on("/etc").recursive().owner({"root"}).mode(symbolic("o-w")),
//       on("/etc/shadow").group({"shadow", "root"}).mode(at_most(0640)),
//   });
//
// The rules are called `r0`, `r1` … and stand in `test.toml`, rule N with its header in line
// 10 (N + 1) and its clauses in the lines below it.
//
// These accounts there are: the users root 0, daemon 1, bob 1001, robert 1001 (bob again) and carol
// 1002, the groups root 0, adm 4, web 33 and shadow 42. `ldap` is one of which the name service did
// not answer (EIO). Every other name is unknown, numbers are themselves.
#pragma once

#include "model/accounts.hpp"
#include "model/policy.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward::test {

using Texts = std::vector<std::string>;

ModeWant exact(unsigned mode);
ModeWant at_most(unsigned mode);
ModeWant at_least(unsigned mode);
ModeWant between(unsigned at_least, unsigned at_most);
// "u=rw,g-w", "a+X", as chmod(1) means it.
ModeWant symbolic(std::string_view clauses);
// `mode` after one pass of chmod(1) with those clauses. `read`: the mode whose execute bits `X`
// looks at, if it is not the one in hand.
unsigned chmod(std::string_view clauses, unsigned mode, Type type,
               std::optional<unsigned> read = {});

// Entries as "user:bob:rw", "group:33:r", "mask::rX".
struct AclSpec {
  AclWant::Form form = AclWant::Form::exact;
  bool above = false;
  bool below = false;
  Texts at_most;  // exact: the entries
  Texts at_least;
};
AclSpec acl(Texts entries);
AclSpec acl_at_most(Texts entries);
AclSpec acl_at_least(Texts entries);
AclSpec acl_between(Texts at_least, Texts at_most);

// The names that every test knows.
AccountNames account_names();

// A rule as it is written. Each call adds a key and returns the rule.
class RuleSpec {
 public:
  explicit RuleSpec(Texts paths) : paths_(std::move(paths)) {}

  RuleSpec& id(std::string id);
  RuleSpec& severity(Severity severity);
  RuleSpec& tags(Texts tags);
  RuleSpec& disabled();
  RuleSpec& recursive(std::uint32_t depth = unlimited_depth);
  RuleSpec& exclude(Texts globs);
  RuleSpec& crossing(CrossFilesystems crossing);
  RuleSpec& type(TypeSet types);
  RuleSpec& presence(Presence presence);
  // `types`: of these only, as in `files` and `directories`; what is said of all types then leaves
  // them out.
  RuleSpec& owner(Texts names, std::optional<Type> type = {});
  RuleSpec& group(Texts names, std::optional<Type> type = {});
  RuleSpec& mode(ModeWant want, std::optional<Type> type = {});
  RuleSpec& acl(AclSpec want, std::optional<Type> type = {});
  // One table of `any_of`: what `demands`, a rule on anything, demands.
  RuleSpec& alternative(RuleSpec demands);
  // What needs no accounts.
  RuleSpec& want(Aspect aspect, Want want);

 private:
  friend class PolicyMaker;
  struct Demanded {
    Aspect aspect = Aspect::owner;
    std::optional<Type> type;
    Texts names;  // of `owner` and `group`
    ModeWant mode;
    AclSpec acl;
    std::optional<Want> other;
    std::uint32_t alternative = 0;
  };
  RuleSpec& add(Demanded demanded);

  std::string id_;
  Texts paths_;
  Severity severity_ = Severity::medium;
  Texts tags_;
  bool disabled_ = false;
  std::uint32_t recurse_ = not_recursive;
  Texts excludes_;
  CrossFilesystems crossing_ = CrossFilesystems::no;
  std::optional<TypeSet> type_;
  std::optional<Presence> presence_;
  std::vector<Demanded> demanded_;
  std::uint32_t alternatives_ = 0;
};

RuleSpec on(std::string path);
RuleSpec on_all(Texts paths);

Policy policy_of(const std::vector<RuleSpec>& rules);

// Index into the policy's accounts; added where it is not there.
std::uint32_t account(Policy& policy, AccountKind kind, const std::string& text);
IdWant ids(Policy& policy, AccountKind kind, const Texts& names);
AclWant acl_want(Policy& policy, const AclSpec& spec);

}  // namespace permward::test
