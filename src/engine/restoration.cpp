// SPDX-License-Identifier: Apache-2.0
#include "engine/restoration.hpp"

#include "decide/describe_change.hpp"
#include "decide/lifted.hpp"
#include "decide/plan.hpp"
#include "decide/taken_back.hpp"
#include "decide/wanted.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/resolve.hpp"
#include "os/content.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace permward {
namespace {

constexpr const char* behind_a_link = "what is now a link lies on the way to it: move it away";
constexpr const char* no_place = "the directory that it lies in is not there";
constexpr const char* made_meanwhile =
    "somebody has made it meanwhile: look at it, and restore again";
constexpr const char* not_as_made =
    "it was made, and is not there any more: look at what is, and restore again";
constexpr const char* no_copy_of_link = "where it leads now could not be kept";
constexpr const char* as_accepted = "as accepted";
constexpr const char* is_mount =
    "a mount lies there: unmount it and run again, or put it in order by hand";
constexpr const char* other_type = "lies there: move it away, and restore again";
constexpr const char* several_links =
    "it has other names, which would keep what is in it now; --break-links parts them";

using Step = RestoreStep::What;

template <class One>
bool has(const Task& task) {
  return std::any_of(task.actions.begin(), task.actions.end(),
                     [](const Action& action) { return std::holds_alternative<One>(action); });
}

bool can_be_replaced(Type type) { return type == Type::file || type == Type::symlink; }

}  // namespace

TaskPtr Restoration::look(std::size_t index) {
  auto one = std::make_unique<Case>();
  one->index = index;
  const SnapshotObject& wanted = object(index);
  one->path = destination_.of(wanted);
  one->names = names_of(one->path);
  if (const Result<void> seen = open(*one); !seen.ok()) {
    if (order_.steps[index].what != Step::lifts) unseen(*one, seen.error());
    return nullptr;
  }
  one->now = state_of(one->observed);
  one->now.content = one->content;
  one->end = destination_.end_of(wanted);
  if (order_.steps[index].what == Step::lifts) return look_at_barred(std::move(one));
  const auto lifted = lifted_.find(one->path);
  if (changer_ == nullptr && lifted != lifted_.end()) one->now = lifted->second;
  if (order_.steps[index].what == Step::opens) return look_at_made(std::move(one));
  if (wanted.state.type == Type::symlink) one->end.attributes = one->now.attributes;
  if (!one->held) one->asked = facets_to_plan(one->end.type) | facets_to_take_back(one->end.type);
  const Result<Beside> differs = beside(*one);
  if (!differs.ok()) {
    unseen(*one, differs.error());
    return nullptr;
  }
  one->aspects = aspects(*one);
  const bool differ = !one->aspects.empty() || !differs->actual.empty();
  if (!differ && lifted != lifted_.end()) return nullptr;  // it was all of it
  if (!differ) return one;
  tell(*one);
  tell_beside(*one, *differs);
  plan_it(*one, *differs);
  show_difference(*one);
  if (is_to_close(*one)) {
    one->eventually = one->end;  // whoever finds it closed after a kill opens it
    one->end = one->reach.state = closed_directory();
    one->actions = plan(one->now, one->end);
  }
  if (const std::string why = why_left(*one); !why.empty()) {
    for (Finding& finding : one->findings) {
      finding.reason = why;
      if (why == is_mount) finding.status = Status::refused;
    }
    if (why == is_mount) mounts_.insert(order_.steps[index].object);
    leave(*one);
    return nullptr;
  }
  if (one->end.type == Type::absent && !one->actions.empty()) removed_.insert(one->path);
  const bool directory = one->end.type == Type::directory;
  if (directory && !one->held && !one->actions.empty()) made_.insert(one->path);
  return one;
}

// Null where nothing of it can be done yet: what is to be said of it is said with the rest.
TaskPtr Restoration::look_at_barred(std::unique_ptr<Case> one) {
  if (one->now.type != Type::directory || on_mount_ || behind_link_) return nullptr;
  one->end = while_lifted(one->now, one->end);
  one->aspects = aspects(*one);
  if (one->aspects.empty()) return nullptr;
  tell(*one);
  surround(*one);
  one->reach = restrained(one->now, one->end, one->around);
  if (one->reach.why != Restraint::none) return nullptr;
  one->actions = plan(one->now, one->reach.state);
  lifted_[one->path] = one->end;
  return one;
}

// What is there is what this run has made.
bool Restoration::is_placed(const Case& one) const {
  const auto at = placed_.find(order_.steps[one.index].object);
  return at != placed_.end() && one.held && same_inode(at->second, inode_key(one.observed));
}

// One that somebody else has made meanwhile is his, with what is in it, and is brought to what it
// was as any other.
bool Restoration::is_to_close(const Case& one) const {
  const bool makes = order_.steps[one.index].what == Step::makes && changer_ != nullptr;
  return makes && one.end.type == Type::directory && one.reach.why == Restraint::none &&
         (!one.held || is_placed(one));
}

// Whoever may rename there can have put another in its place. Where it could not be made that is
// told already.
TaskPtr Restoration::look_at_made(std::unique_ptr<Case> one) {
  const std::size_t made = order_.steps[one->index].object;
  if (closed_.count(made) == 0) return nullptr;
  if (!is_placed(*one)) {
    closed_.erase(made);
    left(one->path, Status::failed, not_as_made);
    return nullptr;
  }
  const bool told = told_.count(made) != 0;
  const ObjectState now = told ? one->now : std::exchange(one->now, ObjectState{});
  one->aspects = aspects(*one);
  tell(*one);
  one->now = now;
  one->kept.object = &object(one->index);
  one->own = true;
  plan_made(*one);
  return one;
}

// A rehearsal has lifted nothing.
void Restoration::surround_by(Case& one, const WayPtr& way) const {
  set_directory(one.around, way);
  if (changer_ != nullptr || !way) return;
  const auto lifted = lifted_.find(path_of(way->names));
  if (lifted != lifted_.end()) one.around.bars = bars_of(lifted->second);
}

Result<void> Restoration::open(Case& one) {
  on_mount_ = false;
  behind_link_ = false;
  Result<Held> named = hold(ground_.system, ground_.safe_open, one.names);
  if (!named.ok() && named.error().kind != ErrorKind::not_found) return named.error();
  if (!named.ok()) {
    const Result<WayPtr> way = directory_of(ground_.safe_open, one.names);
    if (way.ok()) surround_by(one, *way);
    behind_link_ = way.ok() && !is_the_way(**way, one.names);
    const std::vector<std::string> above(one.names.begin(), one.names.end() - 1);
    one.place = way.ok() || made_.count(path_of(above)) != 0;
    return {};
  }
  behind_link_ = named->way && !is_the_way(*named->way, one.names);
  surround_by(one, named->way);
  one.held = std::move(named->fd);
  one.looked = Task::Clock::now();
  TRY(observer_.of(one.held.get(), FacetSet{}, one.observed));
  on_mount_ = named->way && named->way->identity.mount != one.observed.identity.mount;
  one.asked = facets_to_plan(one.observed.type) | facets_to_take_back(one.observed.type);
  TRY(observe(one, named->way));
  if (one.observed.type != Type::file) return {};
  const auto digest = content_digest(ground_.system.kernel, one.held.get(), options_.stop);
  if (digest.state == Read::value) one.content = digest.value;
  return {};
}

// Of what is to become another type nothing else compares.
Result<Beside> Restoration::beside(const Case& one) const {
  if (!one.held || one.observed.type != one.end.type) return Beside{};
  return find_beside(ground_.system.kernel, one.held.get(), one.observed, object(one.index));
}

void Restoration::tell_beside(Case& one, const Beside& beside) {
  const bool told = std::any_of(one.findings.begin(), one.findings.end(), [](const Finding& f) {
    return f.aspect == Aspect::content || f.aspect == Aspect::presence || f.aspect == Aspect::type;
  });
  if (beside.actual.empty() || told) return;
  one.aspects.push_back({Aspect::content, beside.actual, as_accepted, std::nullopt});
  one.findings.push_back(finding_beside(one, beside.actual));
}

Finding Restoration::finding_beside(const Case& one, const std::string& actual) {
  Finding out;
  out.rule = of_no_rule;
  out.aspect = Aspect::content;
  out.status = Status::violation;
  out.type = one.now.type;
  out.path = paths_.share(one.path);
  out.expected = as_accepted;
  out.actual = actual;
  return out;
}

// Empty: it may be put back.
std::string Restoration::why_left(const Case& one) const {
  const Type now = one.now.type;
  if (!one.place) return no_place;
  if (behind_link_) return behind_a_link;
  if (now == Type::absent) return "";
  const bool was_missing = order_.steps[one.index].what == Step::makes;
  if (was_missing && !is_placed(one) && one.end.type != Type::directory) return made_meanwhile;
  if (one.end.type == Type::absent) return why_not_removed(one);
  const bool fits = now == one.end.type || (can_be_replaced(now) && can_be_replaced(one.end.type));
  if (!fits) return "a " + std::string(name(now)) + ' ' + other_type;
  if (has<SetTarget>(one) && changer_ != nullptr && !writes_down_) return no_copy_of_link;
  if (on_mount_) return is_mount;
  if (!has<Install>(one)) return "";
  return one.observed.links > 1 && !options_.break_links ? several_links : "";
}

std::string Restoration::why_not_removed(const Case& one) const {
  const Type now = one.now.type;
  if (on_mount_) return is_mount;
  if (can_be_replaced(now)) return "";
  if (now != Type::directory) {
    return "no copy can be kept of a " + std::string(name(now)) + ": remove it by hand";
  }
  const auto goes_before = [&](const char* name) {
    return removed_.count(one.path + '/' + name) != 0;
  };
  const Result<bool> empty = is_empty(ground_.system.kernel, one.held.get(), now, goes_before);
  return empty.ok() && *empty ? "" : "it is not empty";
}

// As rules say. In a root the programs of this host, and their own files, are not those that are to
// take it. Nothing else shows what is in it, but a rehearsal.
void Restoration::take_rule(Case& one) {
  const Decided* const pinning = decider(one, Aspect::content);
  const bool verified =
      pinning != nullptr && one.end.type == Type::file && !ground_.system.root.given();
  if (verified) one.verify = ground_.policy.rules[pinning->rule].verify;
  if (changer_ != nullptr && one.verify.empty()) return;
  const bool is_there = one.now.type == Type::file;
  one.sensitive =
      sensitivity_.of(object(one.index).path, one.path, is_there ? one.now : one.end, one.end);
}

// What a rehearsal has to say of a file's content beside that it differs.
void Restoration::show_difference(Case& one) {
  const auto at = std::find_if(one.findings.begin(), one.findings.end(),
                               [](const Finding& f) { return f.aspect == Aspect::content; });
  const bool differs = at != one.findings.end() && one.now.type == Type::file && one.content &&
                       one.end.content && one.content != one.end.content;
  if (changer_ != nullptr || !differs || objects_.spool < 0) return;
  ShortCopy now;
  if (!one.sensitive) now = short_copy(ground_.system.kernel, one.held.get(), options_.stop);
  ContentDiff diff = diffs_.between({now.content, one.path, "now"},
                                    {one.kept.content, one.path, "restored"}, one.sensitive);
  at->diff = std::move(diff.lines);
  if (!now.why_not.empty()) diff.withheld = std::move(now.why_not);
  if (at->message.empty()) at->message = std::move(diff.withheld);
}

void Restoration::surround(Case& one) {
  one.around.links = one.observed.links;
  one.around.offline = options_.offline;
  one.around.owner_demanded = true;
  add_untrusted(one);
}

// Where what is there could be armed only by a new inode it gets one.
void Restoration::plan_it(Case& one, const Beside& beside) {
  surround(one);
  if (one.end.type == Type::absent) {
    one.reach = restrained(one.now, one.end, one.around);
    one.actions = plan(one.now, one.reach.state);
    for (Action& action : one.actions) {
      if (auto* remove = std::get_if<Remove>(&action)) remove->kept = can_be_replaced(one.now.type);
    }
    return;
  }
  const std::size_t at = order_.steps[one.index].object;
  const SnapshotObject& wanted = objects_.spooled.objects[at];
  take_rule(one);
  if (!one.verify.empty()) one.around.renames = true;
  one.kept = {&wanted, {objects_.spool, objects_.spooled.contents[at], wanted.size}};
  // Whoever could write it may have it open: what is there then would be his to change.
  const bool open_to_others = one.now.type == Type::file && one.observed.links == 1 &&
                              written_by_others(one.now, one.end.owner);
  const bool same_inode =
      one.now.type == one.end.type && one.now.content == one.end.content && !open_to_others;
  // As if it were another content: the plan gives it a new inode then.
  if (open_to_others && one.now.content == one.end.content) one.now.content.reset();
  one.reach = same_inode ? restrained(one.now, one.end, one.around)
                         : restrained_install(one.now, one.end, one.around);
  if (same_inode && one.reach.why == Restraint::unverified) {
    one.now.content.reset();
    one.reach = restrained_install(one.now, one.end, one.around);
  }
  const bool renewed = one.now.content != one.end.content || one.now.type != one.end.type;
  const bool without = renewed || beside.actions.empty() || one.reach.why != Restraint::none;
  one.actions = without ? plan(one.now, one.reach.state)
                        : plan_with(one.now, one.reach.state, beside.actions);
  // An undo leaves the new inode, which has the content that this one has.
  one.now.content = one.content;
}

// A directory: nobody else had a right to it, and what it inherited goes.
void Restoration::plan_made(Task& task) {
  Case& one = case_of(task);
  one.now = state_of(one.observed);
  one.reach = {one.end, Restraint::none, false};
  std::vector<Action> beside;
  if (!closes(one)) {
    for (const ExtendedAttribute& attribute : one.kept.object->attributes) {
      beside.emplace_back(SetExtended{attribute.name, attribute.value});
    }
  }
  if (order_.steps[one.index].what == Step::opens) {
    beside.emplace_back(SetModified{one.kept.object->modified});
  }
  one.actions = plan_with(one.now, one.reach.state, beside);
}

}  // namespace permward
