// SPDX-License-Identifier: Apache-2.0
//
// Giving up what a process does not need, for good: capabilities(7), credentials(7). Layer `os`.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// Who looks at a tree and could not change it.
struct ObserverAccount {
  std::uint32_t uid = 65534;
  std::uint32_t gid = 65534;
};

// The account `permward`, or, where there is none, the numbers that belong to nobody.
[[nodiscard]] ObserverAccount observer_account();

// What a process could not give up, or does not have: "it may not become the user 65534: …". Empty
// where all of it was done.
using Shortfalls = std::vector<std::string>;

// The calling process becomes `account`, without supplementary groups, with CAP_DAC_READ_SEARCH as
// its only capability, and can get nothing back: no bounding set, no ambient set, no_new_privs.
// The limit of that user's processes (RLIMIT_NPROC) is lifted as far as it may be.
// Only for a process with one thread. Where it may not become that user, or has no such capability,
// it keeps the user and what it has of the rights to read, and the shortfalls say so. Errors: `io`,
// where what it has cannot be told, or was not given up although the kernel said so; then it must
// not go on.
[[nodiscard]] Result<Shortfalls> become_observer(const ObserverAccount& account);

// Whether the process may correct what it finds: it is root, or has CAP_CHOWN, CAP_FOWNER and
// CAP_DAC_OVERRIDE.
[[nodiscard]] bool may_correct();

// The calling process gives up for good every capability that no correction needs; it keeps of
// these what it has: CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID
// (without it a chmod drops the set-group-ID bit in silence), CAP_SETFCAP, CAP_LINUX_IMMUTABLE. And
// no_new_privs. Only for a process with one thread. Errors: `io`.
[[nodiscard]] Result<void> keep_what_corrects();

}  // namespace permward
