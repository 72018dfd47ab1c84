// SPDX-License-Identifier: Apache-2.0
//
// From an observed object to findings, for one thread of a sweep. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "decide/compare.hpp"
#include "decide/demand.hpp"
#include "decide/state.hpp"
#include "engine/make_path.hpp"
#include "model/accounts.hpp"
#include "model/control.hpp"
#include "model/finding.hpp"
#include "os/name_service.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

class Judge {
 public:
  // What the look at a directory itself came to.
  enum class Itself : std::uint8_t { no_object, compliant, with_findings };

  // `passes`: findings of status `pass` too. All must outlive it.
  Judge(const Rules& rules, NameService& service, bool passes);

  // The demand acquitted the object without a look at each clause.
  void acquitted(const Demand& demand, const Observed& observed, const MakePath& path);
  // Compares clause by clause. What is absent is an object only where it is required.
  void examined(const Demand& demand, const Observed& observed, const MakePath& path);
  // The object could not be looked at, or not safely: one finding, in the name of `target`'s rule.
  void unseen(std::uint32_t target, Type type, const Error& error, const std::string& real_path);
  // The same of a directory that has been looked at, and whose entries could not be had.
  void unlisted(std::uint32_t target, const Error& error, const std::string& real_path,
                Itself itself);

  // What is to be said of one clause. Counts and keeps nothing.
  [[nodiscard]] Finding finding_of(const Judged& judged, const Observed& observed,
                                   const std::string& real_path);

  // The names of all accounts that the policy and the object speak of, and of others.
  const AccountNames& names_for(const Observed& observed);
  const AccountNames& names_for(const Principals& who);

  [[nodiscard]] std::uint64_t objects() const { return objects_; }
  [[nodiscard]] std::uint64_t compliant() const { return compliant_; }
  [[nodiscard]] const std::vector<bool>& matched_globs() const { return matched_globs_; }
  [[nodiscard]] std::vector<Finding> take_findings() { return std::move(findings_); }

 private:
  void count(const Demand& demand, bool clean);
  void mark_globs(const Demand& demand);
  void learn(AccountKind kind, std::uint32_t id);
  void learn_entries(const AclView& acl);
  void add_unseen(std::uint32_t target, Type type, const Error& error,
                  const std::string& real_path);
  [[nodiscard]] Finding made(std::uint32_t target, const std::string& real_path);

  const Rules& rules_;
  NameService& service_;
  bool passes_;
  AccountNames names_;
  std::size_t ids_of_entries_ = 0;  // that only ACLs speak of
  SharedPaths paths_;               // of all findings
  std::vector<Finding> findings_;
  std::vector<bool> matched_globs_;  // one a target
  std::uint64_t objects_ = 0;
  std::uint64_t compliant_ = 0;
};

// The path under which a rule's target knows an object: the policy's words for the head, and the
// rest.
[[nodiscard]] std::string shown_path(const Target& target, std::string_view real_path);

// An error as the message of a finding.
[[nodiscard]] std::string message_of(const Error& error);

// What a call came to that was told a descriptor and no path: its error is of `path`.
[[nodiscard]] Result<void> at_path(Result<void> done, const std::string& path);

// Of an object that could not be looked at, or not safely: what is wrong is its path.
void tell_unseen(Finding& finding, const Error& error);

}  // namespace permward
