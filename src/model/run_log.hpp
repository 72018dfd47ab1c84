// SPDX-License-Identifier: Apache-2.0
//
// Earlier runs and what they changed, as `log` tells it. Layer `model`; values only.
#pragma once

#include "base/result.hpp"
#include "model/aspect.hpp"
#include "model/diagnostic.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

struct LoggedRun {
  enum class State : std::uint8_t {
    unfinished,  // at work, or killed, which no later run has found yet
    killed,
    in_policy,
    out_of_policy,
  };

  std::string id;
  std::chrono::sys_seconds started;
  std::optional<std::chrono::sys_seconds> finished;  // of a killed one: when it was found to be
  std::string command;                               // "apply"
  std::string command_line;                          // any bytes
  std::string user;                                  // any bytes
  std::uint32_t uid = 0;
  State state = State::unfinished;
  // That it changed, or was about to; of what did not finish, or is of an earlier version, its
  // changes.
  std::uint64_t objects = 0;
  // Findings; 0 of what did not finish.
  std::uint64_t corrected = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::uint64_t changes = 0;  // of its objects, each by its sequence number
};

// Of one aspect of an object: texts in the policy's own notation, in which names are escaped.
struct LoggedAspect {
  Aspect aspect = Aspect::presence;
  std::string before;
  std::string intended;
  std::optional<std::string> after;  // none: nobody has seen it, or there is no object any more
  bool operator==(const LoggedAspect&) const = default;
};

inline constexpr std::string_view unknown_outcome = "unknown";

struct LoggedObject {
  std::uint64_t sequence = 0;         // in its run, from 1
  std::string path;                   // any bytes but NUL
  std::string outcome;                // a word: "corrected", "failed"; `unknown_outcome`
  std::vector<LoggedAspect> aspects;  // those that differ, in the order of a report
};

struct LogReport {
  std::string version;          // of the tool
  std::string place;            // the state directory
  std::vector<LoggedRun> runs;  // newest first; of a run that was asked for, that one
  Diagnostics warnings;
  std::optional<Error> error;  // what ended it
};

}  // namespace permward
