// SPDX-License-Identifier: Apache-2.0
#include "engine/worker.hpp"

#include "decide/compare.hpp"
#include "engine/pinned.hpp"
#include "model/baseline.hpp"
#include "model/control.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t listing_bytes = 65536;
constexpr unsigned entries_between_looks = 1024;  // at the progress, and at whether to stop
// Of a file to be hashed, some milliseconds: while one thread has it, another does what is short.
constexpr std::uint64_t size_of_long_work = std::uint64_t{1} << 20;

bool goes_to(const Node& node, bool in_scope) { return in_scope ? node.ruled : node.to_scope; }

// What was listed as something else: then it is looked at again as what it is.
bool has_become_directory(Steps::Place place, const Observed& observed) {
  return place.of_object() && observed.type == Type::directory;
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
      reader_{kernel, observer_, options.stop, options.baseline, options.beside},
      judge_(machine.rules(), names, options.passes),
      unseen_(machine, steps_, judge_),
      listing_(std::make_unique<std::byte[]>(listing_bytes)) {}

void Worker::run(Fd& root) {
  while (Dir* const dir = tree_.take()) {
    if (dir->is_file) {
      visit_file(*dir);
    } else if (dir->up == nullptr) {
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
  for (std::size_t i = 0; i < met_.size(); ++i) {
    if (met_[i]) out.met[i] = true;
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
    unseen_.tell(steps_.place(dir.cursor), dir.in_scope, fd.error(),
                 [&dir] { return path_of(dir); });
  }
}

// It was a directory when its parent was looked at.
void Worker::not_opened(Dir& dir, int parent, const Error& error) {
  const auto path = [&dir] { return path_of(dir); };
  const Steps::Place place = steps_.place(dir.cursor);
  // A mount that was not there when the mounts were read is nothing that a recursion was to enter.
  // What a network file system does not know any more (ESTALE) is no mount.
  if (error.kind == ErrorKind::changed && error.number != ESTALE && parent >= 0) {
    not_entered_.push_back({path_of(dir), "unknown", false});
    const bool named = place.node() != no_node && machine_.node(place.node()).ruled;
    if (!named) return;
  }
  if (dir.in_scope) unseen_.tell_object(place, error, path);
  unseen_.tell_below(place.node(), dir.in_scope, &error, path);
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
  read_at_length(reader_, here.fd, demand, path, observed);
  if (dir.in_scope) {
    here.itself = compare(here.place, observed, path);
    hand_over(here.fd, here.place, Type::directory, path);
  }
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
void Worker::visit_named(Here& here) {
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
    if (is_beside(options_.beside, here.fd, name, [&] { return path_below(*here.dir, name); }))
      continue;
    bool stopped = false;
    const Steps::Place place = step_to(here, **entry, stopped);
    if (place.node() != no_node) {
      const Node& node = machine_.node(place.node());
      if (goes_to(node, true)) continue;  // it is visited by its name
      if (stopped) note_not_entered(here, node);
    }
    if (steps_.silent(place)) continue;
    if (!look(here, name, place, (*entry)->type, (*entry)->inode)) note_moved(**entry);
  }
  look_at_moved(here);
}

Steps::Place Worker::step_to(const Here& here, const DirectoryEntry& entry, bool& stopped) {
  return entry.type && *entry.type != Type::directory
             ? steps_.step_to_object(here.place, entry.name, stopped)
             : steps_.step(here.place, entry.name, stopped);
}

void Worker::note_not_entered(const Here& here, const Node& node) {
  not_entered_.push_back({path_below(*here.dir, node.name), node.mount->filesystem,
                          node.mount->kind == MountKind::pseudo});
}

// An entry of which, or below which, something is demanded. `type` is what the listing said of it.
bool Worker::look(Here& here, const char* name, Steps::Place place, std::optional<Type> type,
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
    if (examine(here.fd, name, place, in_scope, path, inode, *here.dir, another, &here)) {
      descend(here, name, place, in_scope, inode);
    }
    return !another;
  };
  if (!descends && !demand->asks.empty() && !here.root_alone) return look_closer();
  const FacetSet asked = here.root_alone ? demand->asks & facets_by_name : FacetSet{};
  Observed observed;
  const Result<void> seen = observer_.by_name(here.fd, name, asked, observed, &here.moved);
  if (is_another(seen, observed, inode, *here.dir) || has_become_directory(place, observed)) {
    return false;
  }
  if (!seen.ok()) {
    unseen_.tell(place, in_scope, seen.error(), path);
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
  if (place.node() != no_node)
    unseen_.tell_no_directory(place.node(), in_scope, observed.type, path);
  return true;
}

// Returns the hold, and judges nothing, where it is a directory by now that is to be entered.
Fd Worker::examine(int directory, const char* name, Steps::Place place, bool in_scope,
                   const MakePath& path, std::uint64_t inode, const Dir& listed_in, bool& another,
                   const Here* here) {
  Result<Fd> held = take_hold(kernel_, directory, name);
  Observed observed;
  Result<void> seen = held.ok() ? observer_.of(held->get(), FacetSet{}, observed) : held.error();
  another = is_another(seen, observed, inode, listed_in) || has_become_directory(place, observed);
  if (another) return {};
  if (seen.ok() && observed.type == Type::directory && leads_down(place, in_scope)) {
    return std::move(*held);
  }
  if (!seen.ok()) {
    unseen_.tell(place, in_scope, seen.error(), path);
    return {};
  }
  const bool long_work = observed.type == Type::file && observed.size >= size_of_long_work &&
                         steps_.demand(place, Type::file).asks.has(Facet::content);
  if (long_work && here != nullptr && put_off(*here, name, place, in_scope, *held)) return {};
  judge_held(held->get(), place, in_scope, path, observed);
  return {};
}

// The rest of an object that was read for its status.
void Worker::judge_held(int held, Steps::Place place, bool in_scope, const MakePath& path,
                        Observed& observed) {
  if (in_scope && hand_over(held, place, observed.type, path)) return;
  const Demand& demand = steps_.demand(place, observed.type);
  if (const auto seen = read_demanded(reader_, held, demand, path, observed); !seen.ok()) {
    return unseen_.tell(place, in_scope, seen.error(), path);
  }
  note_met(observed);
  if (in_scope) compare(place, observed, path);
  unseen_.tell_no_directory(place.node(), in_scope, observed.type, path);
}

// What is pinned, where somebody asks for it.
bool Worker::hand_over(int held, Steps::Place place, Type type, const MakePath& path) {
  if (options_.pinned == nullptr) return false;
  const bool pinned = type == Type::directory
                          ? pinning_recursion(steps_, machine_, place, type).has_value()
                          : pins(steps_.demand(place, type));
  if (pinned) options_.pinned->visit(held, path(), observer_);
  return pinned;
}

void Worker::note_met(const Observed& observed) {
  if (observed.accepted.state != Read::value || observed.accepted.value == nullptr) return;
  const auto& objects = options_.baseline->objects();
  if (met_.empty()) met_.resize(objects.size());
  met_[static_cast<std::size_t>(observed.accepted.value - objects.data())] = true;
}

// Held, it is the same file whatever becomes of its name.
bool Worker::put_off(const Here& here, const char* name, Steps::Place place, bool in_scope,
                     Fd& held) {
  if (options_.jobs < 2) return false;
  Dir* const file = tree_.make(here.dir);
  file->name = name;
  file->cursor = steps_.cursor(place);
  file->in_scope = in_scope;
  if (tree_.put_off(file, held)) return true;
  tree_.give_back(file);
  return false;
}

void Worker::visit_file(const Dir& file) {
  const auto path = [&file] { return path_of(file); };
  const Steps::Place place = steps_.place(file.cursor);
  Observed observed;
  const Result<void> seen = observer_.of(file.kept.get(), FacetSet{}, observed);
  if (!seen.ok()) return unseen_.tell(place, file.in_scope, seen.error(), path);
  judge_held(file.kept.get(), place, file.in_scope, path, observed);
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

bool Worker::leads_down(Steps::Place place, bool in_scope) const {
  if (in_scope && steps_.enumerates(place)) return true;
  if (place.node() == no_node) return false;
  const std::vector<NodeId>& children = machine_.node(place.node()).children;
  return std::any_of(children.begin(), children.end(),
                     [&](NodeId id) { return goes_to(machine_.node(id), in_scope); });
}

}  // namespace permward
