// SPDX-License-Identifier: Apache-2.0
//
// Opens the database of the journal, and brings its tables to what this version knows. Layer
// `store`, and private to it.
#pragma once

#include "base/result.hpp"
#include "store/sqlite.hpp"
#include "store/state_dir.hpp"

#include <memory>

namespace permward {

// Errors: those of `Journal::open`.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open_journal_file(
    const StateDir& directory, StateDir::Missing missing);

// The same to read, null where there is none yet. Errors: those of `Journal::open_to_read`.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open_journal_file_to_read(
    const StateDir& directory);

}  // namespace permward
