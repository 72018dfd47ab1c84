// SPDX-License-Identifier: Apache-2.0
//
// Files of the state directory that nobody else has a part in. Layer `store`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "store/state_dir.hpp"

namespace permward {

// The file `name`, for reading and writing, created 0600 where there is none, whatever the umask.
// Neither read nor changed. Errors: `insecure_path` where it is a link or no regular file, belongs
// to anybody but the caller, or its mode lets others write (by whom it may have been written);
// those of openat(2).
[[nodiscard]] Result<Fd> open_own_file(const StateDir& directory, const char* name);

}  // namespace permward
