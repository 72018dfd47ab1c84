// SPDX-License-Identifier: Apache-2.0
#include "cli/accepted.hpp"

#include "cli/messages.hpp"
#include "cli/state.hpp"
#include "engine/collect.hpp"
#include "store/file_stamps.hpp"
#include "store/manifest_text.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace permward {
namespace {

Result<std::vector<StampedFile>> known_stamps(const StateDir& state) {
  TRY_ASSIGN(const FileStamps stamps, FileStamps::open_to_read(state));
  return stamps.all();
}

Result<Baseline> newest_baseline(const Options& options, const System& system) {
  TRY_ASSIGN(const std::string path, state_directory(options, system));
  TRY_ASSIGN(const StateDir state, StateDir::open(path, StateDir::Missing::is_error));
  TRY_ASSIGN(const Snapshots snapshots, Snapshots::open(state, StateDir::Missing::is_error));
  TRY_ASSIGN(std::optional<Manifest> newest, snapshots.newest_accepted());
  if (!newest) return Baseline();
  const auto digests = SnapshotDigests::open_to_read(state);
  if (digests.ok()) {
    TRY_ASSIGN(const std::optional<RecordedDigests> recorded, digests->of(newest->id));
    const Sha256::Digest read = Sha256().add(manifest_text(*newest)).digest();
    if (recorded && recorded->manifest != read) {
      return Error{ErrorKind::invalid, "use what is not the manifest that was written of",
                   newest->id, 0};
    }
  } else {
    complain(digests.error());  // the archive is enough
  }
  spdlog::debug("compared with the snapshot {}, {} objects", newest->id, newest->objects.size());
  Baseline out(std::move(newest->id), std::move(newest->objects));
  if (!options.trust_ctime) return out;
  Result<std::vector<StampedFile>> known = known_stamps(state);
  if (!known.ok()) {
    complain(known.error());  // all is read
    return out;
  }
  spdlog::debug("{} files need not be read while they are as they were", known->size());
  out.trust(std::move(*known));
  return out;
}

}  // namespace

Baseline read_baseline(const Options& options, const System& system, const Policy& policy) {
  if (!pins_anything(policy)) return {};
  auto found = newest_baseline(options, system);
  if (found.ok()) return std::move(*found);
  const Error& error = found.error();
  const bool none = error.kind == ErrorKind::not_found && error.number == ENOENT;
  if (none) return {};
  complain(error);
  return Baseline::unreadable(error.number != 0 ? error.number : EBADMSG);
}

}  // namespace permward
