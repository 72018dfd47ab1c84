// SPDX-License-Identifier: Apache-2.0
//
// The links that globs match. What they lead to must be known before the sweep, so that each object
// is met once with all its rules: a walk of its own, over the globs of rules with `follow` alone.
// Few have it.
#include "decide/machine.hpp"
#include "decide/steps.hpp"
#include "engine/resolve.hpp"
#include "engine/tree.hpp"
#include "os/directory.hpp"
#include "os/observe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t bytes_on_the_way = std::size_t{4} << 20;
constexpr std::size_t listing_bytes = 32768;
constexpr unsigned most_descriptors_kept = 64;
constexpr std::size_t longest_path = 4095;  // PATH_MAX, which counts a NUL

class LinkFinder {
 public:
  LinkFinder(const Policy& policy, const Mounts& mounts, SafeOpen& safe_open,
             Resolution& resolution, std::vector<std::uint32_t> globs)
      : kernel_(safe_open.kernel()),
        safe_open_(safe_open),
        resolution_(resolution),
        globs_(std::move(globs)),
        machine_(policy, targets_of(resolution, globs_), mounts, {}, {}),
        steps_(machine_, bytes_on_the_way),
        observer_(kernel_, mounts),
        tree_(kernel_, most_descriptors_kept) {}

  void run() {
    Dir* const top = tree_.make(nullptr);
    top->cursor = steps_.root();
    tree_.push({&top, 1});
    while (Dir* const dir = tree_.take()) {
      visit(*dir);
      tree_.done(dir);
    }
    tree_.leave(standing_);
  }

 private:
  static std::vector<Target> targets_of(const Resolution& resolution,
                                        const std::vector<std::uint32_t>& globs) {
    std::vector<Target> out;
    for (const std::uint32_t index : globs) out.push_back(resolution.targets[index]);
    return out;
  }

  // What cannot be opened or listed here is reported by the sweep, which comes to it again.
  void visit(Dir& dir) {
    Result<Fd> fd = open(dir);
    if (dir.up != nullptr) tree_.opened(dir);
    Observed observed;
    if (!fd.ok() || !observer_.of(fd->get(), FacetSet{}, observed).ok()) return;
    dir.identity = observed.identity;
    if (dir.up != nullptr && dir.crossing == Crossing::refused &&
        dir.identity.mount != dir.up->identity.mount) {
      return;
    }
    children_.clear();
    visit_named(dir, fd->get());
    list(dir, fd->get());
    if (children_.empty()) return;
    tree_.keep(dir, std::move(*fd), static_cast<std::uint32_t>(children_.size()), standing_);
    tree_.push(children_);
  }

  // To search, at least: names that the globs begin with are found without a list.
  Result<Fd> open(const Dir& dir) {
    if (dir.up == nullptr) {
      TRY_ASSIGN(const WayPtr root, safe_open_.directory({}));
      return open_directory_to_search(kernel_, root->fd.get(), ".", Crossing::allowed);
    }
    TRY_ASSIGN(const int parent, tree_.parent_descriptor(dir, standing_, observer_));
    return open_directory_to_search(kernel_, parent, dir.name.c_str(), dir.crossing);
  }

  void visit_named(Dir& dir, int fd) {
    const Steps::Place place = steps_.place(dir.cursor);
    if (place.node() == no_node) return;
    for (const NodeId child : machine_.node(place.node()).children) {
      if (machine_.node(child).ruled) {
        step(dir, fd, place, machine_.node(child).name.c_str(), std::nullopt);
      }
    }
  }

  void list(Dir& dir, int fd) {
    const Steps::Place place = steps_.place(dir.cursor);
    if (!steps_.enumerates(place)) return;
    const Result<Fd> listed = open_directory(kernel_, fd, ".", Crossing::allowed);
    if (!listed.ok()) return;
    Listing listing(listed->get(), listing_);
    for (;;) {
      const Result<std::optional<DirectoryEntry>> entry = listing.next();
      if (!entry.ok() || !entry->has_value()) return;
      const NodeId child = machine_.child(place.node(), (*entry)->name);
      if (child != no_node && machine_.node(child).ruled) continue;  // visited by its name
      step(dir, fd, place, (*entry)->name, (*entry)->type);
    }
  }

  void step(Dir& dir, int fd, Steps::Place from, const char* name, std::optional<Type> type) {
    bool stopped = false;
    const Steps::Place place = type && *type != Type::directory
                                   ? steps_.step_to_object(from, name, stopped)
                                   : steps_.step(from, name, stopped);
    if (steps_.silent(place)) return;
    if (!type || *type == Type::symlink) {
      for (const Accept& accept : steps_.wild_accepts(place)) {
        if (accept.kind != AcceptKind::recursion) follow(dir, fd, name, globs_[accept.target]);
      }
    }
    if (type && *type != Type::directory) return;
    Dir* const child = tree_.make(&dir);
    child->name = name;
    child->cursor = steps_.cursor(place);
    const bool mount = place.node() != no_node && machine_.node(place.node()).mount != nullptr;
    child->crossing = mount ? Crossing::allowed : Crossing::refused;
    children_.push_back(child);
  }

  void follow(const Dir& dir, int fd, const char* name, std::uint32_t glob) {
    Observed observed;
    if (!observer_.by_name(fd, name, FacetSet{}, observed).ok()) return;
    if (observed.type != Type::symlink) return;
    std::vector<std::string> names = names_of(dir);
    Target target = resolution_.targets[glob];
    target.followed_from = glob;
    Result<std::optional<std::vector<std::string>>> leads = lead(dir, names, name, observed);
    names.emplace_back(name);
    target.shown = shown_below(target, names);
    if (!leads.ok()) {
      target.head = std::move(names);
      resolution_.unresolved.push_back({std::move(target), std::move(leads).error()});
    } else if (leads->has_value()) {
      target.head = std::move(**leads);
      resolution_.targets.push_back(std::move(target));
    }
  }

  // Where a link in `dir` leads. The way to it is resolved once more, to know who controls it; but
  // not for links that are not root's, nor for those that no path can name: of both somebody else
  // makes as many as he likes, as deep as he likes.
  Result<std::optional<std::vector<std::string>>> lead(const Dir& dir,
                                                       const std::vector<std::string>& names,
                                                       const std::string& name,
                                                       const Observed& link) {
    const std::string path = path_of(dir);
    if (link.owner != 0) {
      return Error{ErrorKind::insecure_path, "follow a link that is not root's,", path + '/' + name,
                   0};
    }
    if (path.size() + 1 + name.size() > longest_path) {
      return system_error(ENAMETOOLONG, "follow the link", path + '/' + name);
    }
    TRY_ASSIGN(const WayPtr way, safe_open_.directory(names));
    if (!way->present || way->identity != dir.identity)
      return std::optional<std::vector<std::string>>();
    return safe_open_.follow_last(way, name);
  }

  static std::vector<std::string> names_of(const Dir& dir) {
    std::vector<std::string> names;
    for (const Dir* at = &dir; at->up != nullptr; at = at->up) names.push_back(at->name);
    std::reverse(names.begin(), names.end());
    return names;
  }

  // The path of a match in the policy's words: its head as written, and the rest.
  static std::string shown_below(const Target& glob, const std::vector<std::string>& names) {
    std::string shown = glob.shown == "/" ? "" : glob.shown;
    for (std::size_t i = glob.head.size(); i < names.size(); ++i)
      shown.append("/").append(names[i]);
    return shown;
  }

  const Kernel& kernel_;
  SafeOpen& safe_open_;
  Resolution& resolution_;
  std::vector<std::uint32_t> globs_;  // indices into the resolution, by those of the machine
  Machine machine_;
  Steps steps_;
  Observer observer_;
  Tree tree_;
  Standing standing_;
  std::vector<Dir*> children_;  // of the directory in hand, to be opened
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
