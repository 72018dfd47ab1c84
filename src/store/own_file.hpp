// SPDX-License-Identifier: Apache-2.0
//
// Files of the state directory that nobody else has a part in. Layer `store`.
#pragma once

#include "base/result.hpp"
#include "store/state_dir.hpp"

#include <cstdint>

namespace permward {

// Returns without an error if `name` is a regular file of the caller's that nobody else may write.
// One that is missing is made, empty, where that is asked for. Its mode is 0600 afterwards,
// whatever the umask. Nobody else can put another file there: the directory was judged.
//
// A file that is there is not opened: close(2) of any descriptor of it would drop the locks that
// this process has on it by fcntl(2), as SQLite has.
//
// Errors: `insecure_path` where it is a link or no regular file, is somebody else's, or its mode
// lets others write, who may have done so; `not_found`; `denied`, `io`.
[[nodiscard]] Result<void> require_own_file(const StateDir& directory, const char* name,
                                            StateDir::Missing missing);

// The same of a file that is only to be read: its mode may let others read it, and stays. Changes
// nothing. Returns its size.
[[nodiscard]] Result<std::uint64_t> judge_own_file(const StateDir& directory, const char* name);

}  // namespace permward
