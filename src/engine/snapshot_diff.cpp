// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot_diff.hpp"

#include "decide/describe_change.hpp"
#include "decide/steps.hpp"
#include "engine/collect.hpp"
#include "engine/content_diff.hpp"
#include "engine/ground.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/pinned.hpp"
#include "engine/resolve.hpp"
#include "engine/state_names.hpp"
#include "os/content.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"
#include "store/carried.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace permward {
namespace {

using What = SnapshotChange::What;

// The ones of another module are nobody's change: it may have given them since.
std::vector<ExtendedAttribute> compared(const std::vector<ExtendedAttribute>& attributes,
                                        const std::vector<ExtendedAttribute>& then) {
  std::vector<ExtendedAttribute> out;
  for (const ExtendedAttribute& one : attributes) {
    const bool known =
        std::any_of(then.begin(), then.end(),
                    [&one](const ExtendedAttribute& other) { return other.name == one.name; });
    if (known || one.name.starts_with("user.")) out.push_back(one);
  }
  return out;
}

// From the generation to the present, on the ground that it lies on.
class Comparison {
 public:
  Comparison(const Ground& ground, const ComparedGeneration& generation,
             const CheckOptions& options, std::uint64_t most_content, Spool& spool,
             SnapshotDiff& out)
      : ground_(ground),
        generation_(generation),
        options_(options),
        most_content_(most_content),
        spool_(spool),
        out_(out),
        observer_(ground.system.kernel, ground.mounts, ground.system.names.get()),
        steps_(ground.machine, Steps::small_budget),
        names_(*ground.system.names) {}

  // `pinned`: what the policy pins now, where that counts.
  Result<void> compare(SpooledObjects pinned);

 private:
  [[nodiscard]] std::vector<std::string> places() const;
  void sort_out_unseen();
  Result<void> look_at(const SnapshotObject& object);
  void compare(const SnapshotObject& then, const SnapshotObject& now, std::uint64_t content);
  void compare_metadata(const SnapshotObject& then, const SnapshotObject& now, bool same_content);
  Result<void> show_contents();
  SnapshotChange& add(const SnapshotObject& object, What what);

  const Ground& ground_;
  const ComparedGeneration& generation_;
  const CheckOptions& options_;
  std::uint64_t most_content_;
  Spool& spool_;
  SnapshotDiff& out_;
  Observer observer_;
  Steps steps_;
  StateNames names_;
  SpooledObjects now_;  // of what the generation has, what was looked at one by one

  // A file with another content, and whether somebody may not reach it.
  struct Differing {
    std::size_t change = 0;  // in `out_.changes`
    const SnapshotObject* then = nullptr;
    SnapshotObject now;
    std::uint64_t content = 0;
    bool in_private = false;
  };
  std::vector<Differing> differing_;
};

std::vector<std::string> Comparison::places() const {
  std::vector<std::string> out;
  for (const std::string& path : options_.paths) {
    const auto names = resolve_argument(path, ground_.safe_open);
    if (names.ok()) out.push_back(path_of(*names));
    out.push_back(path_of(names_of(path)));
  }
  ground_.safe_open.rest();
  return out;
}

// What the generation has is looked at one by one, and of what is nowhere there is nothing to say.
void Comparison::sort_out_unseen() {
  const auto is_told_elsewhere = [this](const NotTaken& one) {
    if (find_object(generation_.manifest.objects, one.path) != nullptr) return true;
    const Result<Held> held = hold(ground_.system, ground_.safe_open, names_of(one.path));
    return !held.ok() && held.error().kind == ErrorKind::not_found;
  };
  auto& all = out_.not_seen;
  all.erase(std::remove_if(all.begin(), all.end(), is_told_elsewhere), all.end());
}

Result<void> Comparison::compare(SpooledObjects pinned) {
  sort_out_unseen();
  const std::vector<std::string> asked = places();
  const auto is_asked_for = [&asked](const std::string& path) {
    return asked.empty() || std::any_of(asked.begin(), asked.end(), [&path](const auto& place) {
             return lies_at_or_below(path, place);
           });
  };
  bool any = false;
  for (const SnapshotObject& then : generation_.manifest.objects) {
    if (!is_asked_for(then.path)) continue;
    any = true;
    if (options_.stop != nullptr && options_.stop->load()) {
      out_.looked.interrupted = true;
      return {};
    }
    if (find_object(pinned.objects, then.path) != nullptr) continue;
    TRY(look_at(then));
  }
  if (any) out_.looked.uncovered.clear();
  const SpooledObjects now = laid_over(std::move(pinned), std::move(now_));
  for (std::size_t i = 0; i < now.objects.size(); ++i) {
    const SnapshotObject& object = now.objects[i];
    if (!is_asked_for(object.path)) continue;
    const SnapshotObject* const then = find_object(generation_.manifest.objects, object.path);
    if (then == nullptr) {
      add(object, What::added);
    } else {
      compare(*then, object, now.contents[i]);
    }
  }
  for (Differing& one : differing_) {
    one.in_private = lies_in_private(now.objects, one.now.path) ||
                     lies_in_private(generation_.manifest.objects, one.now.path);
  }
  TRY(show_contents());
  std::stable_sort(out_.changes.begin(), out_.changes.end(),
                   [](const auto& a, const auto& b) { return a.path < b.path; });
  std::sort(out_.not_seen.begin(), out_.not_seen.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return {};
}

SnapshotChange& Comparison::add(const SnapshotObject& object, What what) {
  SnapshotChange change;
  change.path = object.path;
  change.type = object.state.type;
  change.what = what;
  out_.changes.push_back(std::move(change));
  return out_.changes.back();
}

// What no rule pins any more is looked at all the same.
Result<void> Comparison::look_at(const SnapshotObject& object) {
  const Result<Held> held = hold(ground_.system, ground_.safe_open, names_of(object.path));
  if (!held.ok() && held.error().kind == ErrorKind::not_found) {
    add(object, What::removed);
    return {};
  }
  const auto refuse = [&](std::string why) {
    out_.not_seen.push_back({object.path, std::move(why)});
    return Result<void>();
  };
  if (!held.ok()) return refuse(message_of(held.error()));
  Observed observed;
  if (const auto seen = observer_.of(held->fd.get(), FacetSet{}, observed); !seen.ok()) {
    return refuse(message_of(seen.error()));
  }
  if (observed.type != Type::directory && !can_be_pinned(observed.type)) {
    add(object, What::content).details = {std::string(name(object.state.type)) + " → " +
                                          std::string(name(observed.type))};
    return {};
  }
  const std::uint64_t begin = spool_.end;
  auto captured = capture(ground_.system.kernel, observer_, held->fd.get(), most_content_, spool_,
                          options_.stop);
  if (!captured.ok()) {
    spool_.end = begin;
    if (captured.error().doing == writing_copy) return captured.error();
    return refuse(why_not_taken(captured.error()));
  }
  SnapshotObject& now = captured->object;
  now.path = object.path;
  now_.contents.push_back(begin);
  if (now.state.type == Type::file && now.digest == object.digest) spool_.end = begin;
  now_.objects.push_back(std::move(now));
  return {};
}

void Comparison::compare(const SnapshotObject& then, const SnapshotObject& now,
                         std::uint64_t content) {
  if (then.state.type != now.state.type) {
    add(then, What::content).details = {std::string(name(then.state.type)) + " → " +
                                        std::string(name(now.state.type))};
    return;
  }
  const bool is_file = now.state.type == Type::file;
  const bool same_file = !is_file || then.digest == now.digest;
  const bool same = same_file && then.state.target == now.state.target;
  if (!same) {
    SnapshotChange& change = add(now, What::content);
    if (is_file) {
      if (then.size != now.size) {
        change.details = {std::to_string(then.size) + " → " + std::to_string(now.size) + " bytes"};
      }
      differing_.push_back({out_.changes.size() - 1, &then, now, content, false});
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
    std::string text = one.before + " → " + one.intended;
    if (one.aspect == Aspect::target) {
      out_.changes.back().details = {std::move(text)};
    } else {
      details.push_back(std::string(name(one.aspect)) + ' ' + std::move(text));
    }
  }
  if (compared(then.attributes, then.attributes) != compared(now.attributes, then.attributes)) {
    details.emplace_back("other extended attributes");
  }
  const bool timed = same_content && now.state.type != Type::directory;
  if (timed && then.modified != now.modified) details.emplace_back("another modification time");
  if (!details.empty()) add(now, What::metadata).details = std::move(details);
}

// --- What is in files ---

// The archive is read once for all of them.
Result<void> Comparison::show_contents() {
  std::set<std::string> shown;
  std::set<std::string> sensitive;
  for (const Differing& one : differing_) {
    const Rule* const rule = pinning_rule(steps_, ground_.policy, one.now.path, Type::file);
    const bool ruled = rule != nullptr && rule->sensitive.has_value();
    const bool hidden =
        is_sensitive(rule, one.then->state, one.now.state) || (one.in_private && !ruled);
    (hidden ? sensitive : shown).insert(one.now.path);
  }
  SpooledObjects then;
  if (!shown.empty()) {
    CarryOver carried([&shown](const std::string& path) { return shown.count(path) != 0; }, spool_);
    TRY(generation_.read(carried));
    then = std::move(carried.taken);
  }
  ContentDiffs diffs;
  for (const Differing& one : differing_) {
    const auto at =
        std::find_if(then.objects.begin(), then.objects.end(),
                     [&one](const auto& object) { return object.path == one.now.path; });
    Extent before{spool_.file, 0, 0};
    if (at != then.objects.end()) {
      before.begin = then.contents[static_cast<std::size_t>(at - then.objects.begin())];
      before.size = at->size;
    }
    ContentDiff diff =
        diffs.between({before, one.now.path, generation_.manifest.id},
                      {{spool_.file, one.content, one.now.size}, one.now.path, "now"},
                      sensitive.count(one.now.path) != 0);
    out_.changes[one.change].diff = std::move(diff.lines);
    out_.changes[one.change].withheld = std::move(diff.withheld);
  }
  return {};
}

}  // namespace

Result<SnapshotDiff> diff_snapshot(const Policy& policy, const System& system,
                                   const ComparedGeneration& generation,
                                   const CheckOptions& options, std::uint64_t most_content,
                                   Spool& spool) {
  SnapshotDiff out;
  SpooledObjects pinned;
  if (generation.manifest.kind == SnapshotKind::accepted && pins_anything(policy)) {
    TRY_ASSIGN(Collected found,
               collect(policy, system, options, most_content, spool, &generation.manifest.objects));
    out.looked = std::move(found.looked);
    out.not_seen = std::move(found.not_taken);
    pinned = std::move(found.taken);
    if (!out.looked.conflicts.empty() || out.looked.interrupted) return out;
  } else {
    for (const std::string& path : options.paths) out.looked.uncovered.push_back({path, ""});
  }
  std::optional<Error> broken;
  TRY(on_ground(policy, system, {}, [&](const Ground& ground, const Hands& /*knowing*/) {
    Comparison comparison(ground, generation, options, most_content, spool, out);
    if (auto done = comparison.compare(std::move(pinned)); !done.ok()) broken = done.error();
    return ApplyOutcome();
  }));
  if (broken) return *broken;
  return out;
}

}  // namespace permward
