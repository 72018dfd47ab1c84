// SPDX-License-Identifier: Apache-2.0
//
// What lies where in the state directory: the one place that has the names. Layer `store`; values
// only.
#pragma once

namespace permward::layout {

inline constexpr const char* default_directory = "/var/lib/permward";

// In the state directory:
inline constexpr const char* lock = "lock";                    // `store/lock.hpp`
inline constexpr const char* snapshots = "snapshots";          // a directory: `store/snapshots.hpp`
inline constexpr const char* database = "state.db";            // `store/journal.hpp`
inline constexpr const char* database_log = "state.db-wal";    // SQLite's, what is not in it yet
inline constexpr const char* database_index = "state.db-shm";  // and where in that

// In the directory of snapshots:
inline constexpr const char* snapshot_suffix = ".pax.zst";   // behind the id of a generation
inline constexpr const char* new_snapshot_prefix = ".new-";  // before it, while it is written
inline constexpr const char* import_name = ".import";        // of one that is being read in
inline constexpr const char* scratch = ".scratch";           // of a moment, where files need names

}  // namespace permward::layout
