// SPDX-License-Identifier: Apache-2.0
//
// Exit statuses, all of them. The man page has this table; scripts rely on it. Layer `cli`.
#pragma once

#include <cstdint>
#include <optional>

namespace permward {

// 64, 65 and 77 are those of sysexits(3): EX_USAGE, EX_DATAERR, EX_NOPERM.
enum class ExitStatus : int {
  in_policy = 0,   // or: what was asked is done, or answered
  incomplete = 1,  // the run could not be completed: lock held, I/O error, internal
  findings = 2,    // something is out of policy, or could not be verified
  remains = 4,     // of `apply --detailed-exitcodes`: something is, whatever was done
  changed_and_remains = 6,
  usage = 64,       // nothing was touched, as with those below
  bad_policy = 65,  // invalid, missing or untrusted
  no_right = 77,    // the process has not the rights that the command needs
};

// The one that has that number; none where none has. Whoever is told a status by another process
// knows them all: a new one that is left out here does not compile (-Wswitch).
[[nodiscard]] constexpr std::optional<ExitStatus> exit_status_of(std::uint32_t number) {
  const auto status = static_cast<ExitStatus>(number);
  switch (status) {
    case ExitStatus::in_policy:
    case ExitStatus::incomplete:
    case ExitStatus::findings:
    case ExitStatus::remains:
    case ExitStatus::changed_and_remains:
    case ExitStatus::usage:
    case ExitStatus::bad_policy:
    case ExitStatus::no_right:
      return status;
  }
  return std::nullopt;
}

// `apply --detailed-exitcodes`: something was changed, with --dry-run would be, and all is in
// policy.
inline constexpr ExitStatus detailed_changed = ExitStatus::findings;

}  // namespace permward
