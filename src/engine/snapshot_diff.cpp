// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot_diff.hpp"

#include "base/text.hpp"
#include "base/unified_diff.hpp"
#include "decide/describe_change.hpp"
#include "decide/steps.hpp"
#include "engine/beside.hpp"
#include "engine/collect.hpp"
#include "engine/content_diff.hpp"
#include "engine/ground.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/pinned.hpp"
#include "engine/resolve.hpp"
#include "engine/restored.hpp"
#include "engine/sensitive.hpp"
#include "engine/state_names.hpp"
#include "os/capture.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"
#include "store/carried.hpp"
#include "store/spool_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace permward {
namespace {

using What = SnapshotChange::What;

std::string types_text(Type then, Type now) {
  return std::string(name(then)) + " → " + std::string(name(now));
}

std::string sizes_text(std::uint64_t then, std::uint64_t now) {
  return std::to_string(then) + " → " + std::to_string(now) + " bytes";
}

// From the generation to the present, on the ground that it lies on.
class Comparison {
 public:
  Comparison(const Ground& ground, const ComparedGeneration& generation,
             const CheckOptions& options, std::uint64_t most_content, SnapshotDiff& out)
      : ground_(ground),
        generation_(generation),
        then_(generation.manifest.objects),
        options_(options),
        most_content_(most_content),
        out_(out),
        observer_(ground.system.kernel, ground.mounts, ground.system.names.get()),
        steps_(ground.machine, Steps::small_budget),
        names_(*ground.system.names),
        sensitivity_(ground, observer_, steps_, then_) {}

  // `pinned`: what the policy pins now, where that counts.
  Result<void> run(std::vector<SnapshotObject> pinned);

 private:
  void find_places();
  [[nodiscard]] bool is_asked_for(const std::string& path) const;
  void sort_out_unseen(const std::vector<SnapshotObject>& pinned);
  [[nodiscard]] bool is_hidden(const std::string& path) const;
  [[nodiscard]] bool stopped();
  void look_at_the_others(const std::vector<SnapshotObject>& pinned);
  void look_at(const SnapshotObject& object);
  void refuse(const std::string& path, std::string why);
  void compare(const SnapshotObject& then, const SnapshotObject& now);
  void compare_metadata(const SnapshotObject& then, const SnapshotObject& now, bool same_content);
  Result<void> show_contents();
  struct Differing;
  void show_content(const Differing& one, const DiffSide& before);
  SnapshotChange& add(const std::string& path, Type type, What what);

  const Ground& ground_;
  const ComparedGeneration& generation_;
  const std::vector<SnapshotObject>& then_;
  const CheckOptions& options_;
  std::uint64_t most_content_;
  SnapshotDiff& out_;
  Observer observer_;
  Steps steps_;
  StateNames names_;
  Sensitivity sensitivity_;
  ContentDiffs diffs_;
  std::vector<std::string> places_;     // that were asked for; none: all
  std::vector<NotTaken> hidden_;        // by mounts
  std::vector<SnapshotObject> others_;  // that the generation has and the policy does not pin

  // A file with another content.
  struct Differing {
    std::size_t change = 0;  // in `out_.changes`
    const SnapshotObject* then = nullptr;
    ObjectState now;
    bool sensitive = true;
  };
  std::vector<Differing> differing_;
};

Result<void> Comparison::run(std::vector<SnapshotObject> pinned) {
  find_places();
  sort_out_unseen(pinned);
  look_at_the_others(pinned);
  pinned.insert(pinned.end(), std::make_move_iterator(others_.begin()),
                std::make_move_iterator(others_.end()));
  for (const SnapshotObject& now : pinned) {
    if (!is_asked_for(now.path)) continue;
    if (const SnapshotObject* const then = find_object(then_, now.path)) {
      compare(*then, now);
    } else {
      add(now.path, now.state.type, What::added);
    }
  }
  TRY(show_contents());
  std::stable_sort(out_.changes.begin(), out_.changes.end(),
                   [](const auto& a, const auto& b) { return a.path < b.path; });
  std::sort(out_.not_seen.begin(), out_.not_seen.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return {};
}

void Comparison::find_places() {
  for (const std::string& path : options_.paths) {
    const auto names = resolve_argument(path, ground_.safe_open);
    if (names.ok()) places_.push_back(path_of(*names));
    places_.push_back(path_of(names_of(path)));
  }
  ground_.safe_open.rest();
}

bool Comparison::is_asked_for(const std::string& path) const {
  return places_.empty() ||
         std::any_of(places_.begin(), places_.end(),
                     [&path](const std::string& place) { return lies_at_or_below(path, place); });
}

bool Comparison::is_hidden(const std::string& path) const {
  return std::any_of(hidden_.begin(), hidden_.end(),
                     [&path](const NotTaken& one) { return lies_at_or_below(path, one.path); });
}

// What the generation has is told one by one, but for what lies in a directory beside it; and of
// what is nowhere there is nothing to say.
void Comparison::sort_out_unseen(const std::vector<SnapshotObject>& pinned) {
  const auto is_told_elsewhere = [this](const NotTaken& one) {
    const SnapshotObject* const then = find_object(then_, one.path);
    if (then != nullptr && then->state.type != Type::directory) return true;
    const Result<Held> held = hold(ground_.system, ground_.safe_open, names_of(one.path));
    if (!held.ok()) return held.error().kind == ErrorKind::not_found;
    Observed now;
    const bool seen = observer_.of(held->fd.get(), FacetSet{}, now).ok();
    return then != nullptr && seen && now.type != Type::directory;
  };
  auto& all = out_.not_seen;
  all.erase(std::remove_if(all.begin(), all.end(), is_told_elsewhere), all.end());
  hidden_ = hidden_by_mounts(out_.looked.not_entered, then_, pinned);
  for (const NotTaken& one : hidden_) {
    if (is_asked_for(one.path)) all.push_back(one);
  }
}

bool Comparison::stopped() {
  const bool stop = options_.stop != nullptr && options_.stop->load();
  out_.looked.interrupted = out_.looked.interrupted || stop;
  return stop;
}

void Comparison::look_at_the_others(const std::vector<SnapshotObject>& pinned) {
  for (const SnapshotObject& then : then_) {
    if (!is_asked_for(then.path)) continue;
    out_.looked.uncovered.clear();
    if (stopped()) return;
    if (find_object(pinned, then.path) == nullptr && !is_hidden(then.path)) look_at(then);
  }
}

SnapshotChange& Comparison::add(const std::string& path, Type type, What what) {
  SnapshotChange change;
  change.path = path;
  change.type = type;
  change.what = what;
  out_.changes.push_back(std::move(change));
  return out_.changes.back();
}

void Comparison::refuse(const std::string& path, std::string why) {
  out_.not_seen.push_back({path, std::move(why)});
}

// What no rule pins any more, or what could not be taken.
void Comparison::look_at(const SnapshotObject& then) {
  const std::vector<std::string> names = names_of(then.path);
  const Result<Held> held = hold(ground_.system, ground_.safe_open, names);
  if (!held.ok() && held.error().kind == ErrorKind::not_found) {
    add(then.path, then.state.type, What::removed);
    return;
  }
  if (!held.ok()) return refuse(then.path, message_of(held.error()));
  if (held->way && !is_the_way(*held->way, names)) {
    return refuse(then.path, "what is now a link lies on the way to it");
  }
  Observed status;
  if (const auto seen = observer_.of(held->fd.get(), FacetSet{}, status); !seen.ok()) {
    return refuse(then.path, message_of(seen.error()));
  }
  if (status.type != Type::directory && !can_be_pinned(status.type)) {
    add(then.path, status.type, What::content).details = {types_text(then.state.type, status.type)};
    return;
  }
  Spool nothing_kept;
  auto now = capture(ground_.system.kernel, observer_, held->fd.get(), most_content_, nothing_kept,
                     options_.stop);
  const bool longer = !now.ok() && now.error().number == EFBIG && status.type == then.state.type &&
                      status.size != then.size;
  if (longer) {
    SnapshotChange& change = add(then.path, status.type, What::content);
    change.details = {sizes_text(then.size, status.size)};
    change.withheld = why_not_taken(now.error());
    return;
  }
  if (!now.ok()) return refuse(then.path, why_not_taken(now.error()));
  now->object.path = then.path;
  others_.push_back(std::move(now->object));
}

void Comparison::compare(const SnapshotObject& then, const SnapshotObject& now) {
  if (then.state.type != now.state.type) {
    add(now.path, now.state.type, What::content).details = {
        types_text(then.state.type, now.state.type)};
    return;
  }
  const bool same =
      then.digest == now.digest && then.size == now.size && then.state.target == now.state.target;
  if (!same) {
    SnapshotChange& change = add(now.path, now.state.type, What::content);
    if (now.state.type == Type::symlink) {
      change.details = {printable(then.state.target) + " → " + printable(now.state.target)};
    } else {
      if (then.size != now.size) change.details = {sizes_text(then.size, now.size)};
      differing_.push_back({out_.changes.size() - 1, &then, now.state, true});
    }
  }
  compare_metadata(then, now, same);
}

void Comparison::compare_metadata(const SnapshotObject& then, const SnapshotObject& now,
                                  bool same_content) {
  std::vector<std::string> details;
  names_.learn(then.state);
  names_.learn(now.state);
  for (const LoggedAspect& one : differences(then.state, now.state, nullptr, names_.names())) {
    if (one.aspect == Aspect::target) continue;  // which is the content of a symlink
    details.push_back(std::string(name(one.aspect)) + ' ' + one.before + " → " + one.intended);
  }
  for (const SetExtended& one : extended_changes(now.attributes, then.attributes)) {
    details.push_back("extended attribute " + printable(one.name));
  }
  const bool timed = same_content && now.state.type != Type::directory;
  if (timed && then.modified != now.modified) details.emplace_back("another modification time");
  if (!details.empty()) add(now.path, now.state.type, What::metadata).details = std::move(details);
}

// --- What is in files ---

// The archive is read once for all of them, and no more is kept of it than may be shown.
Result<void> Comparison::show_contents() {
  std::set<std::string> shown;
  std::uint64_t bytes = 0;
  for (Differing& one : differing_) {
    if (stopped()) return {};
    const std::string& path = one.then->path;
    one.sensitive = sensitivity_.of(path, path, one.then->state, one.now);
    const std::uint64_t size = one.then->size;
    const bool fits = size <= most_diffed_bytes && size <= ContentDiffs::most_compared - bytes;
    if (one.sensitive || !fits) continue;
    bytes += size;
    shown.insert(path);
  }
  TRY_ASSIGN(const Fd file, spool_file(0));
  Spool spool{file.get(), 0};
  CarryOver carried([&shown](const std::string& path) { return shown.count(path) != 0; }, spool);
  if (!shown.empty()) TRY(generation_.read(carried));
  for (const Differing& one : differing_) {
    if (stopped()) return {};
    DiffSide before{{file.get(), 0, one.then->size}, one.then->path, generation_.manifest.id};
    const auto& taken = carried.taken.objects;
    if (const SnapshotObject* const at = find_object(taken, one.then->path)) {
      before.content.begin = carried.taken.contents[static_cast<std::size_t>(at - taken.data())];
    } else if (!one.sensitive) {
      before.content.size = std::uint64_t{most_diffed_bytes} + 1;
    }
    show_content(one, before);
  }
  return {};
}

// What is there now is looked up once more: it was read for its digest alone.
void Comparison::show_content(const Differing& one, const DiffSide& before) {
  SnapshotChange& change = out_.changes[one.change];
  DiffSide after{{}, one.then->path, "now"};
  ShortCopy now;
  if (!one.sensitive) {
    const std::vector<std::string> names = names_of(one.then->path);
    const Result<Held> held = hold(ground_.system, ground_.safe_open, names);
    const bool there = held.ok() && (!held->way || is_the_way(*held->way, names));
    if (there) now = short_copy(ground_.system.kernel, held->fd.get(), options_.stop);
    if (!there) now.why_not = "it is not there any more";
    after.content = now.content;
  }
  ContentDiff diff = diffs_.between(before, after, one.sensitive);
  change.diff = std::move(diff.lines);
  change.withheld = now.why_not.empty() ? std::move(diff.withheld) : std::move(now.why_not);
}

}  // namespace

Result<SnapshotDiff> diff_snapshot(const Policy& policy, const System& system,
                                   const ComparedGeneration& generation,
                                   const CheckOptions& options, std::uint64_t most_content) {
  SnapshotDiff out;
  std::vector<SnapshotObject> pinned;
  if (generation.manifest.kind == SnapshotKind::accepted && pins_anything(policy)) {
    Spool nothing_kept;
    TRY_ASSIGN(Collected found, collect(policy, system, options, most_content, nothing_kept));
    out.looked = std::move(found.looked);
    out.not_seen = std::move(found.not_taken);
    pinned = std::move(found.taken.objects);
    if (!out.looked.conflicts.empty() || out.looked.interrupted) return out;
  } else {
    for (const std::string& path : options.paths) out.looked.uncovered.push_back({path, ""});
  }
  std::optional<Error> broken;
  TRY(on_ground(policy, system, {}, [&](const Ground& ground, const Hands& /*knowing*/) {
    Comparison comparison(ground, generation, options, most_content, out);
    if (auto done = comparison.run(std::move(pinned)); !done.ok()) broken = done.error();
    return ApplyOutcome();
  }));
  if (broken) return *broken;
  return out;
}

}  // namespace permward
