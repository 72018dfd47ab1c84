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

// What a process may do that its user may not: sets of capabilities. `privilege.cpp` has them.
enum class Rights : std::uint8_t {
  none,
  reads_and_tells,  // every file; and writes reports wherever its user is told to
  accepts,          // the same, and reads extended attributes in `trusted`
  starts_looking,   // and then becomes the observer, with a procfs of its own
  starts_changing,  // and then only corrects; or starts looking
  corrects,
  restores,  // the same, and reads and writes extended attributes in `trusted`
};

// Whether extended attributes in `trusted` are there for this process (xattr(7)).
[[nodiscard]] bool sees_trusted_attributes();

// The calling process gives up for good every capability that is not among these; it keeps of them
// what it has. And no_new_privs, and what is left of the bounding and ambient sets is of no use.
// Only for a process with one thread. Errors: `io`.
[[nodiscard]] Result<void> keep_rights(Rights rights);

}  // namespace permward
