// SPDX-License-Identifier: Apache-2.0
#include "engine/worker.hpp"

#include "decide/compare.hpp"
#include "model/control.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t listing_bytes = 65536;
// Who renames faster than a directory can be listed does not stop a check.
constexpr unsigned most_follows = 16;
// Where more entries than these have another inode than they are listed with, the inodes listed
// there mean nothing.
constexpr unsigned most_other_inodes = 16;
constexpr unsigned looks_before_elsewhere = 8;
constexpr std::size_t most_moved = 65536;
constexpr unsigned entries_between_looks = 1024;  // at the progress, and at whether to stop

bool goes_to(const Node& node, bool in_scope) { return in_scope ? node.ruled : node.to_scope; }

Error renamed_all_the_time(const std::string& name) {
  return {ErrorKind::changed, "look at what is renamed all the time,", name, 0};
}

std::string path_below(const Dir& dir, std::string_view name) {
  std::string path = path_of(dir);
  if (path.back() != '/') path += '/';
  return path.append(name);
}

}  // namespace

Worker::Worker(const Machine& machine, const Kernel& kernel, const Mounts& mounts,
               NameService& names, Tree& tree, const CheckOptions& options, std::size_t steps_bytes)
    : machine_(machine),
      kernel_(kernel),
      tree_(tree),
      options_(options),
      steps_(machine, steps_bytes),
      observer_(kernel, mounts, &names),
      reader_{kernel, observer_, options.stop},
      judge_(machine.rules(), names, options.passes),
      listing_(std::make_unique<std::byte[]>(listing_bytes)) {}

void Worker::run(Fd& root) {
  while (Dir* const dir = tree_.take()) {
    if (dir->up == nullptr) {
      visit_open(*dir, std::exchange(root, Fd()), true);
    } else {
      visit(*dir);
    }
    tree_.done(dir);
    goes_on();
  }
  tree_.leave(standing_);
}

// Says how far it is, and returns false where it is to end.
bool Worker::goes_on() {
  if (options_.progress != nullptr) {
    options_.progress->count(judge_.objects() - reported_);
    reported_ = judge_.objects();
  }
  if (options_.stop == nullptr || !options_.stop->load(std::memory_order_relaxed)) return true;
  interrupted_ = true;
  tree_.stop();
  return false;
}

void Worker::report_to(SweepOutcome& out) {
  std::vector<Finding> findings = judge_.take_findings();
  out.findings.insert(out.findings.end(), std::make_move_iterator(findings.begin()),
                      std::make_move_iterator(findings.end()));
  out.objects += judge_.objects();
  out.compliant += judge_.compliant();
  for (std::size_t i = 0; i < judge_.matched_globs().size(); ++i) {
    if (judge_.matched_globs()[i]) out.matched_globs[i] = true;
  }
  out.not_entered.insert(out.not_entered.end(), not_entered_.begin(), not_entered_.end());
  out.conflicts.insert(steps_.conflicts().begin(), steps_.conflicts().end());
  out.interrupted = out.interrupted || interrupted_;
}

void Worker::visit(Dir& dir) {
  const Result<int> parent = tree_.parent_descriptor(dir, standing_, observer_);
  if (!parent.ok()) {
    tree_.opened(dir);
    return not_opened(dir, -1, parent.error());
  }
  // The one that was listed is looked for under other names: in somebody else's directory it may
  // have one by now. Where it has none any more, what has its name is visited.
  const bool done = open_and_visit(dir, *parent, dir.inode != 0) || follow_directory(dir, *parent);
  if (!done) open_and_visit(dir, *parent, false);
}

bool Worker::follow_directory(Dir& dir, int parent) {
  Moved moved{dir.inode, Type::directory, dir.name, dir.name, seen_inode_, 0};
  const auto rename_to = [&](const std::string& name) {
    bool stopped = false;
    const Steps::Place place = steps_.step(steps_.place(dir.up->cursor), name, stopped);
    dir.name = name;
    dir.cursor = steps_.cursor(place);
    return !steps_.silent(place);
  };
  for (unsigned tries = 0; tries < most_follows; ++tries) {
    const auto names = find_inodes(kernel_, parent, {moved.inode, moved.seen_instead});
    if (!names.ok()) {
      tree_.opened(dir);
      not_opened(dir, -1, names.error());
      return true;
    }
    if (!goes_elsewhere(moved, *names, *dir.up) || !rename_to(moved.name)) {
      rename_to(moved.listed_as);
      return false;
    }
    if (open_and_visit(dir, parent, true)) return true;
    moved.seen_instead = seen_inode_;
  }
  rename_to(moved.listed_as);
  tree_.opened(dir);
  not_opened(dir, -1, renamed_all_the_time(moved.listed_as));
  return true;
}

// Whether it is to be looked for under `moved.name`, which becomes its present one. Else it has
// been removed, or has always another inode than it is listed with, and what has its name by now
// matters.
bool Worker::goes_elsewhere(Moved& moved, const InodeNames& names, Dir& listed_in) {
  const auto now = names.find(moved.inode);
  if (now == names.end()) return false;
  // What is listed beside it has changed places with it.
  const bool exchanged = moved.seen_instead == 0 || names.count(moved.seen_instead) != 0;
  if (now->second == moved.name && !exchanged && ++moved.stayed == looks_before_elsewhere) {
    ++listed_in.other_inodes;
    return false;
  }
  moved.name = now->second;
  return true;
}

bool Worker::open_and_visit(Dir& dir, int parent, bool expected) {
  Result<Fd> fd = open_directory(kernel_, parent, dir.name.c_str(), dir.crossing);
  const bool listable = fd.ok() || fd.error().kind != ErrorKind::denied;
  if (!listable) {
    fd = open_directory_to_search(kernel_, parent, dir.name.c_str(), dir.crossing);
  }
  const bool replaced = !fd.ok() && (fd.error().kind == ErrorKind::not_found ||
                                     fd.error().kind == ErrorKind::insecure_path);
  if (replaced && expected) {
    seen_inode_ = 0;
    return false;
  }
  if (fd.ok() && expected) {
    return visit_open(dir, std::move(*fd), listable, true);
  }
  Fd held;
  if (replaced) {
    bool another = false;
    held = examine(
        parent, dir.name.c_str(), steps_.place(dir.cursor), dir.in_scope,
        [&dir] { return path_of(dir); }, 0, dir, another);
  } else if (!fd.ok()) {
    not_opened(dir, parent, fd.error());
  }
  tree_.opened(dir);
  if (fd.ok()) {
    visit_open(dir, std::move(*fd), listable);
  } else if (held) {
    visit_held(dir, std::move(held));
  }
  return true;
}

// It was something else between being met and being held, and may be again: what the descriptor
// holds is opened, not what has the name.
void Worker::visit_held(Dir& dir, Fd held) {
  Result<Fd> fd = open_directory(kernel_, held.get(), ".", Crossing::allowed);
  if (fd.ok()) {
    visit_open(dir, std::move(*fd), true);
  } else if (fd.error().kind == ErrorKind::denied) {
    visit_open(dir, std::move(held), false);
  } else {
    not_seen(steps_.place(dir.cursor), dir.in_scope, fd.error(), [&dir] { return path_of(dir); });
  }
}

// It was a directory when its parent was looked at.
void Worker::not_opened(Dir& dir, int parent, const Error& error) {
  const auto path = [&dir] { return path_of(dir); };
  const Steps::Place place = steps_.place(dir.cursor);
  // A mount that was not there when the mounts were read is nothing that a recursion was to enter.
  if (error.kind == ErrorKind::changed && parent >= 0) {
    not_entered_.push_back({path_of(dir), "unknown", false});
    const bool named = place.node() != no_node && machine_.node(place.node()).ruled;
    if (!named) return;
  }
  if (dir.in_scope) unseen(place, error, path);
  lost_below(place.node(), dir.in_scope, &error, path);
}

bool Worker::visit_open(Dir& dir, Fd fd, bool listable, bool expected) {
  const auto path = [&dir] { return path_of(dir); };
  Here here{&dir, fd.get(), steps_.place(dir.cursor)};
  const Demand& demand = steps_.demand(here.place, Type::directory);
  Observed observed;
  const Result<void> seen = listable ? observer_.of_open_directory(here.fd, demand.asks, observed)
                                     : observer_.of(here.fd, demand.asks, observed);
  if (expected && is_another(seen, observed, dir.inode, *dir.up)) return false;
  if (expected) tree_.opened(dir);
  if (!seen.ok()) {
    not_opened(dir, -1, seen.error());
    return true;
  }
  const bool unknown_mount = dir.up != nullptr && dir.crossing == Crossing::refused &&
                             observed.identity.mount != dir.up->identity.mount;
  if (unknown_mount) {
    not_opened(dir, here.fd, Error{ErrorKind::changed, "enter", path_of(dir), 0});
    return true;
  }
  dir.identity = observed.identity;
  read_at_length(reader_, here.fd, demand, observed);
  if (dir.in_scope) here.itself = compare(here.place, observed, path);
  DirectoryFacts facts;
  facts.owner = observed.owner;
  facts.mode = observed.mode;
  here.root_alone = root_alone(facts);
  if (options_.progress != nullptr) options_.progress->entering(path);

  children_.clear();
  visit_named(here);
  if (dir.in_scope && steps_.enumerates(here.place)) {
    if (listable) {
      list(here);
    } else {
      cannot_list(here, EACCES);
    }
  }
  if (children_.empty()) return true;
  tree_.keep(dir, std::move(fd), static_cast<std::uint32_t>(children_.size()), standing_);
  tree_.push(children_);
  return true;
}

void Worker::cannot_list(const Here& here, int number) {
  const auto lister = steps_.lister(here.place);
  if (!lister) return;
  judge_.unlisted(*lister, system_error(number, "list its entries", ""), path_of(*here.dir),
                  here.itself);
}

// What literal paths name is looked at whether it is listed or not: what is missing is in no list.
void Worker::visit_named(const Here& here) {
  if (here.place.node() == no_node) return;
  for (const NodeId id : machine_.node(here.place.node()).children) {
    const Node& node = machine_.node(id);
    if (!goes_to(node, here.dir->in_scope)) continue;
    bool stopped = false;
    const Steps::Place place = steps_.step(here.place, node.name, stopped);
    if (stopped && here.dir->in_scope) note_not_entered(here, node);
    look(here, node.name.c_str(), place, std::nullopt, 0);
  }
}

void Worker::list(Here& here) {
  moved_.clear();
  bool too_many = false;
  Listing listing(here.fd, {listing_.get(), listing_bytes});
  for (unsigned listed = 1;; ++listed) {
    if (listed % entries_between_looks == 0 && !goes_on()) return;
    const Result<std::optional<DirectoryEntry>> entry = listing.next();
    if (!entry.ok()) {
      // A directory that has been removed since: nothing lies in it any more.
      if (entry.error().kind == ErrorKind::not_found) return;
      return cannot_list(here, entry.error().number);
    }
    if (!entry->has_value()) break;
    const char* const name = (*entry)->name;
    bool stopped = false;
    const Steps::Place place = steps_.step(here.place, name, stopped);
    if (place.node() != no_node) {
      const Node& node = machine_.node(place.node());
      if (goes_to(node, true)) continue;  // it is visited by its name
      if (stopped) note_not_entered(here, node);
    }
    if (steps_.silent(place) || look(here, name, place, (*entry)->type, (*entry)->inode)) continue;
    // Nobody but an enemy moves as many while they are listed.
    too_many = moved_.size() == most_moved;
    if (!too_many) moved_.push_back({(*entry)->inode, (*entry)->type, name, name, seen_inode_, 0});
  }
  look_at_moved(here);
  if (!moved_.empty() || too_many) {
    const auto lister = steps_.lister(here.place);
    const std::string example = moved_.empty() ? "" : moved_.front().listed_as;
    if (lister) {
      judge_.unlisted(*lister, renamed_all_the_time(example), path_of(*here.dir), here.itself);
    }
  }
}

// What was listed is looked for under other names where its own has come to be another's, or
// nobody's: else whoever renames all the time would not be seen. All of a directory at once, so
// that it is listed a bounded number of times.
void Worker::look_at_moved(Here& here) {
  for (unsigned tries = 0; tries < most_follows && !moved_.empty(); ++tries) {
    std::unordered_set<std::uint64_t> inodes;
    for (const Moved& one : moved_) inodes.insert({one.inode, one.seen_instead});
    const auto names = find_inodes(kernel_, here.fd, inodes);
    if (!names.ok()) break;
    std::erase_if(moved_, [&](Moved& one) { return look_again(here, one, *names); });
  }
}

// True where it has been looked at, or nobody asks.
bool Worker::look_again(const Here& here, Moved& moved, const InodeNames& names) {
  const auto look_at = [&](const std::string& name, std::uint64_t inode) {
    bool stopped = false;
    const Steps::Place place = steps_.step(here.place, name, stopped);
    return !steps_.silent(place) && look(here, name.c_str(), place, moved.type, inode);
  };
  bool stopped = false;
  const bool elsewhere = goes_elsewhere(moved, names, *here.dir);
  if (!elsewhere || steps_.silent(steps_.step(here.place, moved.name, stopped))) {
    look_at(moved.listed_as, 0);
    return true;
  }
  if (look_at(moved.name, moved.inode)) return true;
  moved.seen_instead = seen_inode_;
  return false;
}

void Worker::note_not_entered(const Here& here, const Node& node) {
  not_entered_.push_back({path_below(*here.dir, node.name), node.mount->filesystem,
                          node.mount->kind == MountKind::pseudo});
}

// An entry of which, or below which, something is demanded. `type` is what the listing said of it.
bool Worker::look(const Here& here, const char* name, Steps::Place place, std::optional<Type> type,
                  std::uint64_t inode) {
  const auto path = [&here, name] { return path_below(*here.dir, name); };
  const bool in_scope =
      here.dir->in_scope || (place.node() != no_node && machine_.node(place.node()).in_scope);
  const bool descends = leads_down(place, in_scope);
  if (descends && type == Type::directory) {
    descend(here, name, place, in_scope, inode);
    return true;
  }
  const Type guess = type.value_or(Type::file);
  const Demand* demand = &steps_.demand(place, guess);
  if (type && demand->empty()) return true;
  const auto look_closer = [&] {
    bool another = false;
    if (examine(here.fd, name, place, in_scope, path, inode, *here.dir, another)) {
      descend(here, name, place, in_scope, inode);
    }
    return !another;
  };
  if (!descends && !demand->asks.empty() && !here.root_alone) return look_closer();
  const FacetSet asked = here.root_alone ? demand->asks & facets_by_name : FacetSet{};
  Observed observed;
  const Result<void> seen = observer_.by_name(here.fd, name, asked, observed);
  if (is_another(seen, observed, inode, *here.dir)) return false;
  if (!seen.ok()) {
    not_seen(place, in_scope, seen.error(), path);
    return true;
  }
  if (descends && observed.type == Type::directory) {
    descend(here, name, place, in_scope, inode);
    return true;
  }
  if (observed.type != guess) demand = &steps_.demand(place, observed.type);
  if (!asked.covers(demand->asks)) return look_closer();
  if (in_scope && !demand->empty()) {
    if (!acquits(*demand, observed) && !complies(*machine_.rules().policy, *demand, observed)) {
      return look_closer();
    }
    judge_.acquitted(*demand, observed, path);
  }
  if (place.node() != no_node) not_a_directory(place.node(), in_scope, observed.type, path);
  return true;
}

// Whether nothing is there, or something else than what was listed, which then is to be looked for.
bool Worker::is_another(const Result<void>& seen, const Observed& observed, std::uint64_t inode,
                        const Dir& listed_in) {
  if (inode == 0) return false;
  seen_inode_ = seen.ok() ? observed.identity.inode : 0;
  if (!seen.ok()) return seen.error().kind == ErrorKind::not_found;
  return observed.identity.inode != inode && listed_in.other_inodes < most_other_inodes;
}

// Returns the hold, and judges nothing, where it is a directory by now that is to be entered.
Fd Worker::examine(int directory, const char* name, Steps::Place place, bool in_scope,
                   const MakePath& path, std::uint64_t inode, const Dir& listed_in, bool& another) {
  Result<Fd> held = take_hold(kernel_, directory, name);
  Observed observed;
  Result<void> seen = held.ok() ? observer_.of(held->get(), FacetSet{}, observed) : held.error();
  another = is_another(seen, observed, inode, listed_in);
  if (another) return {};
  if (seen.ok() && observed.type == Type::directory && leads_down(place, in_scope)) {
    return std::move(*held);
  }
  if (seen.ok()) {
    const Demand& demand = steps_.demand(place, observed.type);
    seen = read_demanded(reader_, held->get(), demand, observed);
  }
  if (!seen.ok()) {
    not_seen(place, in_scope, seen.error(), path);
    return {};
  }
  if (in_scope) compare(place, observed, path);
  not_a_directory(place.node(), in_scope, observed.type, path);
  return {};
}

// One object, seen through one descriptor.
Judge::Itself Worker::compare(Steps::Place place, const Observed& observed, const MakePath& path) {
  const Demand& demand = steps_.demand(place, observed.type);
  const std::uint64_t compliant = judge_.compliant();
  if (demand.empty()) return Judge::Itself::no_object;
  if (acquits(demand, observed)) {
    judge_.acquitted(demand, observed, path);
  } else {
    judge_.examined(demand, observed, path);
  }
  if (!demand.counted) return Judge::Itself::no_object;
  return judge_.compliant() > compliant ? Judge::Itself::compliant : Judge::Itself::with_findings;
}

void Worker::descend(const Here& here, const char* name, Steps::Place place, bool in_scope,
                     std::uint64_t inode) {
  Dir* const child = tree_.make(here.dir);
  child->name = name;
  child->cursor = steps_.cursor(place);
  child->in_scope = in_scope;
  const bool mount = place.node() != no_node && machine_.node(place.node()).mount != nullptr;
  child->crossing = mount ? Crossing::allowed : Crossing::refused;
  child->inode = mount ? 0 : inode;
  children_.push_back(child);
}

void Worker::not_seen(Steps::Place place, bool in_scope, const Error& error, const MakePath& path) {
  if (error.kind != ErrorKind::not_found) {
    if (in_scope) unseen(place, error, path);
    return lost_below(place.node(), in_scope, &error, path);
  }
  const bool named = place.node() != no_node && !machine_.node(place.node()).literals.empty();
  if (named && in_scope) judge_.examined(steps_.demand_absent(place.node()), Observed{}, path);
  lost_below(place.node(), in_scope, nullptr, path);
}

void Worker::unseen(Steps::Place place, const Error& error, const MakePath& path) {
  const auto speaker = steps_.speaker(place);
  if (speaker) judge_.unseen(*speaker, Type::absent, error, path());
}

void Worker::not_a_directory(NodeId node, bool in_scope, Type type, const MakePath& path) {
  if (type == Type::directory || node == no_node || machine_.node(node).children.empty()) return;
  if (type != Type::symlink) return lost_below(node, in_scope, nullptr, path);
  // Links among directories were followed before the walk began: this one has come since.
  const Error error{ErrorKind::insecure_path, "follow what has become a link", path(), 0};
  lost_below(node, in_scope, &error, path);
}

void Worker::lost_below(NodeId node, bool in_scope, const Error* error, const MakePath& path) {
  if (node == no_node || machine_.node(node).children.empty()) return;
  struct Lost {
    NodeId node;
    bool in_scope;
    std::string path;
  };
  std::vector<Lost> left{{node, in_scope, path()}};
  while (!left.empty()) {
    const Lost at = std::move(left.back());
    left.pop_back();
    for (const NodeId id : machine_.node(at.node).children) {
      const Node& child = machine_.node(id);
      if (!child.ruled && !child.to_scope) continue;
      std::string child_path = (at.path == "/" ? "" : at.path) + "/" + child.name;
      left.push_back({id, at.in_scope || child.in_scope, child_path});
      if (!left.back().in_scope || child.literals.empty()) continue;
      const Demand& demand = steps_.demand_absent(id);
      const auto same_path = [&child_path] { return child_path; };
      if (error == nullptr) {
        judge_.examined(demand, Observed{}, same_path);
      } else if (!demand.decided.empty()) {  // what need not be there, or must not, was not seen
        judge_.unseen(demand.decided.front().target, Type::absent, *error, child_path);
      }
    }
  }
}

bool Worker::leads_down(Steps::Place place, bool in_scope) const {
  if (in_scope && steps_.enumerates(place)) return true;
  if (place.node() == no_node) return false;
  const std::vector<NodeId>& children = machine_.node(place.node()).children;
  return std::any_of(children.begin(), children.end(),
                     [&](NodeId id) { return goes_to(machine_.node(id), in_scope); });
}

}  // namespace permward
