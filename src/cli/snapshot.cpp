// SPDX-License-Identifier: Apache-2.0
#include "cli/snapshot.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "cli/messages.hpp"
#include "cli/option_values.hpp"
#include "cli/outputs.hpp"
#include "cli/paths.hpp"
#include "cli/runs.hpp"
#include "cli/selection.hpp"
#include "cli/signals.hpp"
#include "cli/state.hpp"
#include "cli/usage.hpp"
#include "cli/version.hpp"
#include "engine/gather.hpp"
#include "engine/judge.hpp"
#include "model/snapshot_report.hpp"
#include "os/privilege.hpp"
#include "store/manifest_text.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace permward {
namespace {

constexpr std::uint64_t most_kept = 1'000'000;

bool is_one_of(const std::string& id, const std::vector<Generation>& all) {
  return std::any_of(all.begin(), all.end(), [&id](const Generation& one) { return one.id == id; });
}

// One question about the generations of the store; changes nothing.
class SnapshotQuestion {
 public:
  SnapshotQuestion(const Invocation& invocation, SnapshotReport::Answer answer)
      : invocation_(invocation),
        options_(invocation.options),
        words_(invocation.words),
        outputs_(invocation.options) {
    report_.answer = answer;
    report_.version = version_text();
    if (answer == SnapshotReport::Answer::verified) stop_ = &stop_on_signals();
  }

  ExitStatus run();

 private:
  ExitStatus run_on(const SystemInput& found);
  ExitStatus nothing_there(const Error& error);
  ExitStatus list(const System& system, const StateDir& state, const Snapshots& snapshots,
                  const std::vector<Generation>& all);
  static SnapshotDigests digests_of(const StateDir& state);
  ExitStatus show_one(const Snapshots& snapshots, const std::vector<Generation>& all);
  ExitStatus verify(const StateDir& state, const Snapshots& snapshots,
                    const std::vector<Generation>& all);
  std::optional<ListedSnapshot> verified(const Snapshots& snapshots, const SnapshotDigests& digests,
                                         const Generation& one) const;
  ExitStatus write(ExitStatus status) { return outputs_.write(report_, status); }
  ExitStatus give_up(const Error& error);
  ExitStatus unknown(const std::string& id, const std::vector<Generation>& all) const;

  const Invocation& invocation_;
  const Options& options_;
  const std::vector<std::string>& words_;
  Outputs outputs_;
  SnapshotReport report_;
  const std::atomic<bool>* stop_ = nullptr;  // of what may take long
};

ExitStatus SnapshotQuestion::run() {
  return on_system(
      outputs_, options_, [this](const SystemInput& found) { return run_on(found); },
      [this](const Error& error) { return give_up(error); });
}

// A store that was never written to holds nothing.
ExitStatus SnapshotQuestion::nothing_there(const Error& error) {
  if (error.kind != ErrorKind::not_found || error.number != ENOENT) return give_up(error);
  if (words_.size() > 1) return unknown(words_[1], {});
  return write(ExitStatus::in_policy);
}

ExitStatus SnapshotQuestion::run_on(const SystemInput& found) {
  if (const auto refused = refuse_missing_settings(invocation_, outputs_)) return *refused;
  report_.warnings = found.warnings;
  if (!options_.quiet) show(report_.warnings, options_);
  auto place = state_directory(options_, found.system);
  if (!place.ok()) return give_up(place.error());
  report_.place = std::move(*place);
  const auto state = StateDir::open(report_.place, StateDir::Missing::is_error);
  if (!state.ok()) return nothing_there(state.error());
  const auto snapshots = Snapshots::open(*state, StateDir::Missing::is_error);
  if (!snapshots.ok()) return nothing_there(snapshots.error());
  auto all = snapshots->list();
  if (!all.ok()) return give_up(all.error());
  std::reverse(all->begin(), all->end());
  switch (report_.answer) {
    case SnapshotReport::Answer::manifest:
      return show_one(*snapshots, *all);
    case SnapshotReport::Answer::verified:
      return verify(*state, *snapshots, *all);
    case SnapshotReport::Answer::list:
    case SnapshotReport::Answer::made:
    case SnapshotReport::Answer::pruned:
    case SnapshotReport::Answer::differences:
      break;
  }
  return list(found.system, *state, *snapshots, *all);
}

// What `restore` would find of a path is what has it.
ExitStatus SnapshotQuestion::list(const System& system, const StateDir& state,
                                  const Snapshots& snapshots, const std::vector<Generation>& all) {
  bool damaged = false;
  std::vector<std::string> places;
  if (options_.of_path) {
    auto absolute = absolute_paths({*options_.of_path});
    if (!absolute.ok()) return give_up(absolute.error());
    report_.of_path = std::move(absolute->front());
    places = places_of_copies(system, report_.of_path);
  }
  for (const Generation& one : all) {
    ListedSnapshot listed{one.id, one.bytes, std::nullopt, 0, ""};
    Result<Manifest> manifest = snapshots.manifest(one.id);
    if (!manifest.ok() && manifest.error().kind == ErrorKind::not_found) continue;
    if (!manifest.ok()) {
      listed.damage = message_of(manifest.error());
      damaged = true;
    } else {
      if (!places.empty() && place_of_copies(places, manifest->objects) == nullptr) continue;
      listed.objects = manifest->objects.size();
      manifest->objects = {};
      listed.holds = std::move(*manifest);
    }
    report_.snapshots.push_back(std::move(listed));
  }
  const auto dropped = digests_of(state).dropped();
  if (!dropped.ok()) return give_up(dropped.error());
  report_.dropped = *dropped;
  return write(damaged ? ExitStatus::findings : ExitStatus::in_policy);
}

// Without a database that can be read nothing is known.
SnapshotDigests SnapshotQuestion::digests_of(const StateDir& state) {
  Result<SnapshotDigests> opened = SnapshotDigests::open_to_read(state);
  if (opened.ok()) return std::move(*opened);
  complain(opened.error());
  return SnapshotDigests::none();
}

ExitStatus SnapshotQuestion::show_one(const Snapshots& snapshots,
                                      const std::vector<Generation>& all) {
  const std::string& id = words_[1];
  if (!is_one_of(id, all)) return unknown(id, all);
  auto manifest = snapshots.manifest(id);
  if (!manifest.ok()) return give_up(manifest.error());
  report_.manifest_text = manifest_text(*manifest);
  report_.manifest = std::move(*manifest);
  return write(ExitStatus::in_policy);
}

// Every hash again, and of the archive as a whole what it was when it was written. Nothing of one
// that a signal kept from being read to its end.
std::optional<ListedSnapshot> SnapshotQuestion::verified(const Snapshots& snapshots,
                                                         const SnapshotDigests& digests,
                                                         const Generation& one) const {
  ListedSnapshot out{one.id, one.bytes, std::nullopt, 0, ""};
  KeepManifest whole(stop_);
  const auto digest = snapshots.read(one.id, whole);
  if (!digest.ok() && digest.error().number == EINTR) return std::nullopt;
  const auto recorded = digests.of(one.id);
  if (!digest.ok()) {
    out.damage = message_of(digest.error());
    return out;
  }
  out.objects = whole.manifest.objects.size();
  whole.manifest.objects = {};
  out.holds = std::move(whole.manifest);
  if (out.holds->id != one.id) {
    out.damage = "it is the snapshot " + printable(out.holds->id) + " by another name";
  } else if (!recorded.ok()) {
    out.damage = message_of(recorded.error());
  } else if (!*recorded) {
    out.recorded = false;
  } else if ((*recorded)->archive != *digest) {
    out.damage = "its bytes are not those that were written";
  }
  return out;
}

ExitStatus SnapshotQuestion::verify(const StateDir& state, const Snapshots& snapshots,
                                    const std::vector<Generation>& all) {
  const bool named = words_.size() > 1;
  if (named && !is_one_of(words_[1], all)) return unknown(words_[1], all);
  Result<SnapshotDigests> opened = SnapshotDigests::open_to_read(state);
  if (!opened.ok()) complain(opened.error());
  bool damaged = !opened.ok();
  const SnapshotDigests digests = opened.ok() ? std::move(*opened) : SnapshotDigests::none();
  for (const Generation& one : all) {
    if (named && one.id != words_[1]) continue;
    auto found = stop_->load() ? std::nullopt : verified(snapshots, digests, one);
    report_.interrupted = !found;
    if (!found) break;
    report_.snapshots.push_back(std::move(*found));
    damaged = damaged || !report_.snapshots.back().damage.empty();
  }
  return write(damaged || report_.interrupted ? ExitStatus::findings : ExitStatus::in_policy);
}

ExitStatus SnapshotQuestion::give_up(const Error& error) {
  complain(error);
  if (error.kind == ErrorKind::denied && ::geteuid() != 0) {
    complain("hint: what was accepted is for root to read");
  }
  report_.error = error;
  return write(ExitStatus::incomplete);
}

ExitStatus SnapshotQuestion::unknown(const std::string& id,
                                     const std::vector<Generation>& all) const {
  UsageError out{"there is no snapshot '" + printable(id) + "'",
                 "`permward snapshot list` lists them"};
  std::vector<std::string_view> ids;
  for (const Generation& one : all) ids.emplace_back(one.id);
  const std::string_view near = nearest(id, ids);
  if (!near.empty()) out.hint = "did you mean '" + std::string(near) + "'?";
  if (all.empty()) out.hint = "there is none in " + printable(report_.place);
  return refuse_usage(out);
}

// A question of `snapshot`, by its word.
struct Subcommand {
  std::string_view word;
  std::size_t least_words;  // after it
  std::size_t most_words;
  std::string_view missing;  // what is, where there are fewer
  Rights rights;
  ExitStatus (*run)(const Invocation& invocation);
};

template <SnapshotReport::Answer answer>
ExitStatus ask(const Invocation& invocation) {
  return SnapshotQuestion(invocation, answer).run();
}

constexpr std::array<Subcommand, 8> subcommands = {{
    {"create", 0, any_number, "", Rights::accepts, run_snapshot_create},
    {"list", 0, 0, "", Rights::reads_and_tells, ask<SnapshotReport::Answer::list>},
    {"show", 1, 1, "the ID of a snapshot", Rights::reads_and_tells,
     ask<SnapshotReport::Answer::manifest>},
    {"diff", 0, 2, "", Rights::accepts, run_snapshot_diff},
    {"verify", 0, 1, "", Rights::reads_and_tells, ask<SnapshotReport::Answer::verified>},
    {"prune", 0, 0, "", Rights::reads_and_tells, run_snapshot_prune},
    {"export", 0, 2, "", Rights::reads_and_tells, run_snapshot_export},
    {"import", 1, 1, "the FILE of an archive, or '-',", Rights::reads_and_tells,
     run_snapshot_import},
}};

template <std::uint64_t KeptGenerations::*member>
std::optional<UsageError> read_keep(Options& options, const std::string& value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number == 0 ||
      number > most_kept) {
    return UsageError{"'" + printable(value) + "' is no number of snapshots",
                      "1 to " + std::to_string(most_kept)};
  }
  options.keep.*member = number;
  return std::nullopt;
}

bool keeps_anything(const KeptGenerations& keep) {
  return keep.last + keep.daily + keep.weekly + keep.monthly > 0;
}

std::string all_words() {
  std::vector<std::string> words;
  for (const Subcommand& one : subcommands) words.emplace_back(one.word);
  return listed(words, "or");
}

// What is wrong with the words, and else what they ask for.
std::variant<UsageError, const Subcommand*> subcommand_of(const std::vector<std::string>& words) {
  if (words.empty()) {
    return UsageError{"snapshot is not told what to do", "write " + all_words() + " behind it"};
  }
  const auto* const at =
      std::find_if(subcommands.begin(), subcommands.end(),
                   [&words](const Subcommand& one) { return one.word == words.front(); });
  if (at == subcommands.end()) {
    return UsageError{"there is no 'snapshot " + printable(words.front()) + "'",
                      "write " + all_words() + " behind it"};
  }
  const std::size_t more = words.size() - 1;
  if (more < at->least_words) return UsageError{std::string(at->missing) + " is missing", ""};
  if (more > at->most_words) {
    return UsageError{"'" + printable(words[at->most_words + 1]) + "' is one word too many", ""};
  }
  return at;
}

}  // namespace

void add_snapshot_options(OptionSet& set, Options& /*options*/) {
  set.add_option("--path", "PATH", read_path_of_history,
                 "of list: only the snapshots that have PATH, or what lies below it");
  set.add_option("--keep-last", "N", read_keep<&KeptGenerations::last>,
                 "of prune: keep the newest N");
  set.add_option("--keep-daily", "N", read_keep<&KeptGenerations::daily>,
                 "of prune: keep the newest of each of N days");
  set.add_option("--keep-weekly", "N", read_keep<&KeptGenerations::weekly>,
                 "of prune: keep the newest of each of N weeks");
  set.add_option("--keep-monthly", "N", read_keep<&KeptGenerations::monthly>,
                 "of prune: keep the newest of each of N months");
}

ExitStatus list_snapshots_with(const Invocation& invocation, const std::string& path) {
  Invocation asked = invocation;
  asked.words = {"list"};
  asked.options.of_path = path;
  return SnapshotQuestion(asked, SnapshotReport::Answer::list).run();
}

ExitStatus run_snapshot(const Invocation& invocation) {
  const auto found = subcommand_of(invocation.words);
  if (const auto* mistake = std::get_if<UsageError>(&found)) return refuse_usage(*mistake);
  const Subcommand& chosen = *std::get<const Subcommand*>(found);
  const Options& options = invocation.options;
  if (options.of_path && chosen.word != "list") {
    return refuse_usage({"--path is for `permward snapshot list`", ""});
  }
  if (keeps_anything(options.keep) && chosen.word != "prune") {
    return refuse_usage({"--keep-last and its like are for `permward snapshot prune`", ""});
  }
  if (filtered(options)) {
    return refuse_usage({"snapshot has no use for --tag, --rule, --severity",
                         "`permward snapshot create PATH` accepts what lies there"});
  }
  if (chosen.rights != invocation.command->rights) {
    if (const auto kept = keep_rights(chosen.rights); !kept.ok()) {
      complain(kept.error());
      return ExitStatus::incomplete;
    }
  }
  return chosen.run(invocation);
}

}  // namespace permward
