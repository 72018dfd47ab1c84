// SPDX-License-Identifier: Apache-2.0
//
// All that a run has to say, as a value: every writer in `report/` prints this and nothing else.
// Layer `model`; values only.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/finding.hpp"
#include "model/policy.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

struct Summary {
  std::uint64_t objects = 0;  // of which some rule demands something, absent required ones included
  std::uint64_t compliant = 0;  // without a finding but `pass`
  std::uint64_t violations = 0;
  std::uint64_t corrected = 0;
  std::uint64_t would_correct = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::uint64_t waived = 0;
  std::uint64_t errors = 0;
  std::uint64_t changed = 0;
  bool in_policy = false;  // what exit status 0 says
};

// A mount point at which recursions stopped.
struct NotEntered {
  std::string path;
  std::string filesystem;  // its type, as mountinfo names it
  bool pseudo = false;     // procfs and its like, which nothing enters
};

// What a run was restricted to by filters and PATH arguments.
struct Selection {
  std::uint64_t rules = 0;         // those of the enabled ones that the filters leave
  std::vector<std::string> paths;  // absolute; none: all that the rules speak of
};

// What apply did to an object, or would do, in the order in which it does it.
struct PlannedObject {
  SharedPath path;                   // after links
  std::vector<std::string> actions;  // "mode 0640"; names in it are escaped
};

struct RunReport {
  std::string command;
  std::optional<std::string> run;     // the id that `log` and `undo` take
  std::optional<std::string> undone;  // of undo: the run that is taken back; none: there is none
  std::string version;                // of the tool
  std::string hostname;
  std::string root = "/";
  std::chrono::system_clock::time_point started;
  std::chrono::milliseconds duration{0};
  const Policy* policy = nullptr;  // never null while a report is written
  std::uint64_t rules = 0;         // enabled rules of the policy
  std::optional<Selection> selection;
  std::uint64_t rules_here = 0;  // those of the enabled and selected ones whose `when` holds
  Summary summary;
  std::vector<NotEntered> not_entered;  // by path
  std::vector<Finding> findings;        // in report_order
  bool dry_run = false;                 // of apply and undo
  std::vector<PlannedObject> plan;      // of a dry run, by path
  Diagnostics warnings;
  std::optional<Error> error;  // what ended the run
  bool interrupted = false;
};

}  // namespace permward
