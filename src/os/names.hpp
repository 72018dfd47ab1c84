// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a name, and done to it, in a directory in which nobody else may rename. Layer
// `os`, and private to what makes, replaces and removes names there.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <sys/stat.h>

namespace permward {

inline constexpr const char* making = "make";
inline constexpr const char* replacing = "replace";

[[nodiscard]] Error not_what_was_there(const char* doing);

// What a call that made or replaced a name failed with.
[[nodiscard]] Error name_error(const char* doing);

// Immutable or append-only bars what is to be done to names in the directory: `bars` are the
// attributes that do (STATX_ATTR_…). Asked before anything is done: in an append-only directory a
// scratch name can be made, and never be taken away again.
[[nodiscard]] Result<void> names_may_change(int directory, std::uint64_t bars, const char* doing);

[[nodiscard]] Result<struct stat> status_of(int descriptor, const char* doing);

// Of a directory, for `is_empty`: none is overlooked.
inline bool no_entry(const char* /*name*/) { return false; }

// Whether the name is of what `held` holds.
[[nodiscard]] Result<bool> has_name(int directory, const char* name, int held, const char* doing);

// `scratch` in `from` takes the place of `name` in `directory`, which is what `old` holds, and that
// one is under the name `scratch` afterwards; or, on a file system that cannot exchange names,
// gone. Where `name` was of something else both are as before, and the error is `changed`; false:
// they could not be put back, and what `scratch` is by now is not ours.
[[nodiscard]] Result<bool> exchange_names(int from, const char* scratch, int directory,
                                          const char* name, int old);

}  // namespace permward
