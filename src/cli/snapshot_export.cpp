// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cli/messages.hpp"
#include "cli/outputs.hpp"
#include "cli/runs.hpp"
#include "cli/signals.hpp"
#include "cli/snapshot.hpp"
#include "cli/state.hpp"
#include "os/report_file.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr const char* finding_snapshot = "find the snapshot";
constexpr std::size_t piece = std::size_t{256} << 10;

// What was read to its end is what is written: no other bytes leave the store.
Result<void> copy(int from, const std::string& name, const Sha256::Digest& digest, ReportFile& to) {
  std::vector<char> room(piece);
  Sha256 seen;
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(from, room.data(), room.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read", name);
    if (got == 0) break;
    const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
    seen.add(bytes);
    to.write(bytes);
    at += got;
  }
  if (seen.digest() != digest) return Error{ErrorKind::changed, "export", name, 0};
  return {};
}

// What is behind `export`: an ID, a FILE, or both.
struct Asked {
  std::string id;  // empty: the newest accepted one
  std::string file = "-";
};

// A word alone is a FILE where it has not the form of an ID.
Asked asked_of(const std::vector<std::string>& words) {
  Asked out;
  if (words.size() > 2) {
    out = {words[1], words[2]};
  } else if (words.size() > 1) {
    (is_snapshot_id(words[1]) ? out.id : out.file) = words[1];
  }
  return out;
}

Result<std::string> id_to_export(const Asked& asked, const Snapshots& snapshots) {
  if (!asked.id.empty()) return asked.id;
  TRY_ASSIGN(const std::optional<Manifest> newest, snapshots.newest_accepted());
  if (newest) return newest->id;
  return Error{ErrorKind::not_found, "export: nothing was accepted", "", 0};
}

Result<void> export_from(const Invocation& invocation, const Asked& asked, const System& system) {
  TRY_ASSIGN(const std::string place, state_directory(invocation.options, system));
  TRY_ASSIGN(const StateDir state, StateDir::open(place, StateDir::Missing::is_error));
  TRY_ASSIGN(const Snapshots snapshots, Snapshots::open(state, StateDir::Missing::is_error));
  TRY_ASSIGN(const std::string id, id_to_export(asked, snapshots));
  Result<Fd> archive = snapshots.open(id);
  if (!archive.ok() && archive.error().kind == ErrorKind::not_found) {
    return Error{ErrorKind::not_found, finding_snapshot, id, 0};
  }
  if (!archive.ok()) return archive.error();
  KeepManifest whole;
  TRY_ASSIGN(const Sha256::Digest digest, read_archive(archive->get(), id, whole));
  const Result<SnapshotDigests> opened = SnapshotDigests::open_to_read(state);
  if (!opened.ok()) complain(opened.error());
  const auto recorded =
      opened.ok() ? opened->of(id) : Result<std::optional<RecordedDigests>>(std::nullopt);
  if (recorded.ok() && *recorded && (*recorded)->archive != digest) {
    return Error{ErrorKind::invalid, "export what is not the archive that was written of", id, 0};
  }
  if (whole.manifest.id != id) {
    return Error{ErrorKind::invalid, "export another snapshot by the name", id, 0};
  }
  TRY_ASSIGN(ReportFile out, ReportFile::open(asked.file));
  TRY(copy(archive->get(), id, digest, out));
  return out.commit();
}

}  // namespace

ExitStatus run_snapshot_export(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (options.main.file != "-" || options.main.format != Format::text || !options.reports.empty()) {
    return refuse_usage({"export has no report: -o, -f and --report are for others",
                         "`permward snapshot export [ID] FILE`"});
  }
  const Asked asked = asked_of(invocation.words);
  if (asked.file == "-" && ::isatty(STDOUT_FILENO) != 0) {
    return refuse_usage(
        {"an archive is not for a terminal", "`permward snapshot export [ID] FILE`, or a pipe"});
  }
  say_on_signals("permward: interrupted: the archive may not be there, or not as a whole\n");
  Outputs none(invocation.options);
  const auto give_up = [](const Error& error) {
    complain(error);
    return ExitStatus::incomplete;
  };
  return on_system(
      none, invocation.options,
      [&](const SystemInput& found) {
        if (const auto refused = refuse_missing_settings(invocation, none)) return *refused;
        const Result<void> done = export_from(invocation, asked, found.system);
        if (done.ok()) return ExitStatus::in_policy;
        const bool unknown =
            done.error().kind == ErrorKind::not_found && done.error().doing == finding_snapshot;
        if (!unknown) return give_up(done.error());
        return refuse_usage({"there is no snapshot '" + printable(asked.id) + "'",
                             "`permward snapshot list` lists them"});
      },
      give_up);
}

}  // namespace permward
