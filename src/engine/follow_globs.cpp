// SPDX-License-Identifier: Apache-2.0
//
// The links that globs match. What they lead to must be known before the sweep, so that each object
// is met once with all its rules: a walk of its own, over the globs of rules with `follow` alone.
// Few have it.
#include "decide/machine.hpp"
#include "decide/steps.hpp"
#include "engine/resolve.hpp"
#include "os/directory.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t steps_bytes = std::size_t{4} << 20;
constexpr std::size_t listing_bytes = 32768;

class LinkFinder {
 public:
  LinkFinder(const Policy& policy, const Mounts& mounts, SafeOpen& safe_open,
             Resolution& resolution, std::vector<std::uint32_t> globs)
      : policy_(policy),
        safe_open_(safe_open),
        resolution_(resolution),
        globs_(std::move(globs)),
        machine_(policy, targets_of(resolution, globs_), mounts, {}, {}),
        steps_(machine_, steps_bytes) {}

  void run() {
    pending_.push_back({{}, steps_.root()});
    while (!pending_.empty()) {
      const Pending at = std::move(pending_.back());
      pending_.pop_back();
      visit(at);
    }
  }

 private:
  struct Pending {
    std::vector<std::string> names;
    Cursor cursor;
  };

  static std::vector<Target> targets_of(const Resolution& resolution,
                                        const std::vector<std::uint32_t>& globs) {
    std::vector<Target> out;
    for (const std::uint32_t index : globs) out.push_back(resolution.targets[index]);
    return out;
  }

  // What cannot be opened or listed here is reported by the sweep, which comes to it again.
  void visit(const Pending& at) {
    const Result<WayPtr> way = safe_open_.directory(at.names);
    if (!way.ok() || !(*way)->present || (*way)->names != at.names) return;
    const Steps::Place place = steps_.place(at.cursor);
    if (place.node() != no_node) {
      for (const NodeId child : machine_.node(place.node()).children) {
        if (machine_.node(child).ruled) step(at, place, machine_.node(child).name, std::nullopt);
      }
    }
    if (!steps_.enumerates(place)) return;
    const Result<Fd> listed =
        open_directory(safe_open_.kernel(), (*way)->fd.get(), ".", Crossing::refused);
    if (!listed.ok()) return;
    Listing listing(listed->get(), listing_);
    for (;;) {
      const Result<std::optional<Entry>> entry = listing.next();
      if (!entry.ok() || !entry->has_value()) return;
      const NodeId child = machine_.child(place.node(), (*entry)->name);
      if (child != no_node && machine_.node(child).ruled) continue;  // visited by its name
      step(at, place, (*entry)->name, (*entry)->type);
    }
  }

  void step(const Pending& at, Steps::Place from, const std::string& name,
            std::optional<Type> type) {
    bool stopped = false;
    const Steps::Place place = steps_.step(from, name, stopped);
    if (steps_.silent(place)) return;
    if (!type || *type == Type::symlink) {
      for (const Accept& accept : steps_.cursor(place).state->accepts) {
        if (accept.kind != AcceptKind::recursion) follow(at.names, name, globs_[accept.target]);
      }
    }
    if (type && *type != Type::directory) return;
    std::vector<std::string> names = at.names;
    names.push_back(name);
    pending_.push_back({std::move(names), steps_.cursor(place)});
  }

  void follow(const std::vector<std::string>& directory, const std::string& name,
              std::uint32_t glob) {
    std::vector<std::string> names = directory;
    names.push_back(name);
    Target target = resolution_.targets[glob];
    target.shown = shown_below(target, names);
    target.followed_from = glob;
    const Result<WayPtr> way = safe_open_.directory(directory);
    if (!way.ok()) return;
    Result<std::optional<std::vector<std::string>>> leads = safe_open_.follow_last(*way, name);
    if (!leads.ok()) {
      target.head = std::move(names);
      resolution_.unresolved.push_back({std::move(target), std::move(leads).error()});
    } else if (leads->has_value()) {
      target.head = std::move(**leads);
      resolution_.targets.push_back(std::move(target));
    }
  }

  // The path of a match in the policy's words: its head as written, and the rest.
  static std::string shown_below(const Target& glob, const std::vector<std::string>& names) {
    std::string shown = glob.shown == "/" ? "" : glob.shown;
    for (std::size_t i = glob.head.size(); i < names.size(); ++i)
      shown.append("/").append(names[i]);
    return shown;
  }

  const Policy& policy_;
  SafeOpen& safe_open_;
  Resolution& resolution_;
  std::vector<std::uint32_t> globs_;  // indices into the resolution, by those of the machine
  Machine machine_;
  Steps steps_;
  std::vector<Pending> pending_;
  alignas(8) std::array<std::byte, listing_bytes> listing_{};
};

}  // namespace

void follow_globs(const Policy& policy, const Mounts& mounts, SafeOpen& safe_open,
                  Resolution& resolution) {
  std::vector<std::uint32_t> globs;
  for (std::uint32_t i = 0; i < resolution.targets.size(); ++i) {
    const Target& target = resolution.targets[i];
    if (policy.rules[target.rule].follow && pattern_of(policy, target).glob()) globs.push_back(i);
  }
  if (globs.empty()) return;
  LinkFinder(policy, mounts, safe_open, resolution, std::move(globs)).run();
}

}  // namespace permward
