// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cli/messages.hpp"
#include "cli/outputs.hpp"
#include "cli/runs.hpp"
#include "cli/snapshot.hpp"
#include "cli/state.hpp"
#include "os/report_file.hpp"
#include "store/snapshots.hpp"

#include <algorithm>
#include <cerrno>
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

Result<std::string> id_to_export(const std::vector<std::string>& words,
                                 const Snapshots& snapshots) {
  if (words.size() > 1) return words[1];
  TRY_ASSIGN(const std::optional<Manifest> newest, snapshots.newest_accepted());
  if (newest) return newest->id;
  return Error{ErrorKind::not_found, "export: nothing was accepted", "", 0};
}

Result<void> export_from(const Invocation& invocation, const System& system) {
  const std::vector<std::string>& words = invocation.words;
  TRY_ASSIGN(const std::string place, state_directory(invocation.options, system));
  TRY_ASSIGN(const StateDir state, StateDir::open(place, StateDir::Missing::is_error));
  TRY_ASSIGN(const Snapshots snapshots, Snapshots::open(state, StateDir::Missing::is_error));
  TRY_ASSIGN(const std::string id, id_to_export(words, snapshots));
  Result<Fd> archive = snapshots.open(id);
  if (!archive.ok() && archive.error().kind == ErrorKind::not_found) {
    return Error{ErrorKind::not_found, finding_snapshot, id, 0};
  }
  if (!archive.ok()) return archive.error();
  KeepManifest whole;
  TRY_ASSIGN(const Sha256::Digest digest, read_archive(archive->get(), id, whole));
  if (whole.manifest.id != id) {
    return Error{ErrorKind::invalid, "export another snapshot by the name", id, 0};
  }
  TRY_ASSIGN(ReportFile out, ReportFile::open(words.size() > 2 ? words[2] : "-"));
  TRY(copy(archive->get(), id, digest, out));
  return out.commit();
}

}  // namespace

ExitStatus run_snapshot_export(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (options.main.file != "-" || options.main.format != Format::text || !options.reports.empty()) {
    return refuse_usage({"export has no report: -o, -f and --report are for others",
                         "`permward snapshot export ID FILE`"});
  }
  const bool to_stdout = invocation.words.size() < 3 || invocation.words[2] == "-";
  if (to_stdout && ::isatty(STDOUT_FILENO) != 0) {
    return refuse_usage(
        {"an archive is not for a terminal", "`permward snapshot export ID FILE`, or a pipe"});
  }
  const Outputs none(invocation.options);
  const auto give_up = [](const Error& error) {
    complain(error);
    return ExitStatus::incomplete;
  };
  return on_system(
      none, invocation.options,
      [&](const SystemInput& found) {
        const Result<void> done = export_from(invocation, found.system);
        if (done.ok()) return ExitStatus::in_policy;
        const bool unknown =
            done.error().kind == ErrorKind::not_found && done.error().doing == finding_snapshot;
        if (!unknown) return give_up(done.error());
        return refuse_usage({"there is no snapshot '" + printable(invocation.words[1]) + "'",
                             "`permward snapshot list` lists them"});
      },
      give_up);
}

}  // namespace permward
