// SPDX-License-Identifier: Apache-2.0
#include "cli/store.hpp"

#include "cli/messages.hpp"
#include "cli/state.hpp"

#include <utility>

namespace permward {
namespace {

bool is_missing(const Error& error) {
  return error.kind == ErrorKind::not_found && error.number == ENOENT;
}

}  // namespace

Result<std::optional<StoredCopies>> open_stored_copies(const Options& options,
                                                       const System& system) {
  TRY_ASSIGN(const std::string place, state_directory(options, system));
  const auto state = StateDir::open(place, StateDir::Missing::is_error);
  if (!state.ok() && is_missing(state.error())) return std::optional<StoredCopies>();
  if (!state.ok()) return state.error();
  auto snapshots = Snapshots::open(*state, StateDir::Missing::is_error);
  if (!snapshots.ok() && is_missing(snapshots.error())) return std::optional<StoredCopies>();
  if (!snapshots.ok()) return snapshots.error();
  auto digests = SnapshotDigests::open_to_read(*state);
  if (!digests.ok()) complain(digests.error());  // the archives are enough
  return std::optional(StoredCopies{std::move(*snapshots),
                                    digests.ok() ? std::move(*digests) : SnapshotDigests::none()});
}

}  // namespace permward
