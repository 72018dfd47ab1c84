// SPDX-License-Identifier: Apache-2.0
#include "engine/installer.hpp"

#include "base/text.hpp"
#include "decide/plan.hpp"
#include "decide/taken_back.hpp"
#include "decide/wanted.hpp"
#include "os/capture.hpp"
#include "os/changer.hpp"
#include "os/command_runner.hpp"
#include "os/content.hpp"
#include "os/xattr_names.hpp"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::chrono::seconds longest_verify{60};
constexpr std::size_t most_shown_output = 400;  // bytes

std::string path_in(const Way& way, const std::string& name) {
  const std::string above = path_of(way.names);
  return (above == "/" ? "" : above) + '/' + name;
}

}  // namespace

ObjectState seen_state(const Observed& observed, const std::optional<Sha256::Digest>& content) {
  ObjectState out = state_of(observed);
  if (out.type == Type::file) out.content = content;
  return out;
}

Result<void> Installer::finish(const Task& task, const Way& way, Candidate& made) {
  if (task.reach.state.type == Type::file) TRY(made.sync());
  return task.verify.empty() ? Result<void>() : verify(task, way, made);
}

Result<void> Installer::place(Task& task, const Way& way, Candidate& made) {
  const ToReplace old{task.held ? task.held.get() : -1, task.observed.modified, task.observed.size};
  Result<void> done = made.take_place(task.names.back().c_str(), old);
  if (!made.left_others().empty()) task.left_others = path_in(way, made.left_others());
  if (!done.ok()) return done;
  task.changed = true;
  task.held = made.take();
  task.observed = Observed{};
  task.content = task.reach.state.content;
  const Type type = task.reach.state.type;
  task.asked = task.asked | facets_to_plan(type) | facets_to_take_back(type);
  return {};
}

void Installer::settle(Task& task, Candidate& made, const Result<void>& synced) {
  const Result<void> settled = made.settle();
  if (!synced.ok() || !settled.ok())
    task.not_durable = !synced.ok() ? synced.error() : settled.error();
  task.left_beside = task.left_beside || made.left_scratch();
}

void Installer::give_up(Task& task, Candidate& made) {
  made.discard();
  task.left_beside = task.left_beside || made.left_scratch();
}

Result<Candidate> Installer::begin(const Task& task, const Way& way, const std::string& scratch) {
  const int directory = way.fd.get();
  const ObjectState& wanted = task.reach.state;
  if (wanted.type == Type::symlink) {
    return Candidate::link(system_.kernel, directory, scratch, wanted.target);
  }
  const Candidate::Place free =
      task.verify.empty() ? Candidate::Place::free : Candidate::Place::free_and_staged;
  return Candidate::file(system_.kernel, directory, scratch,
                         task.held ? Candidate::Place::taken : free);
}

// Whether the program that a rule names takes it as it is, under the name that it has as yet.
Result<void> Installer::verify(const Task& task, const Way& way, const Candidate& made) {
  const std::string path = path_in(way, made.staged_path());
  std::vector<std::string> words = task.verify;
  for (std::string& word : words) {
    for (std::size_t at = word.find("{}"); at != word.npos;
         at = word.find("{}", at + path.size())) {
      word.replace(at, 2, path);
    }
  }
  // Whoever may rename there could show it another file, and have it believed.
  if (!may_add(way.control).empty()) {
    return Error{ErrorKind::insecure_path, "verify, where others may change what lies there,",
                 task.path, 0};
  }
  if (hands_.runner == nullptr) return Error{ErrorKind::unsupported, "verify", task.path, 0};
  TRY_ASSIGN(const CommandRunner::Ended ended, hands_.runner->run(words, longest_verify, stop_));
  if (!ended.timed_out && ended.status == 0) return require_unchanged(task, made);
  const std::string how = ended.timed_out ? "did not end within 60 s"
                                          : "ended with status " + std::to_string(ended.status);
  return Error{ErrorKind::invalid,
               "put back what " + printable(words.front()) + " does not take: it " + how,
               !task.sensitive ? ended.output.substr(0, most_shown_output) : "", 0};
}

// A program that was to look at it has changed nothing of it.
Result<void> Installer::require_unchanged(const Task& task, const Candidate& made) {
  const auto digest = content_digest(system_.kernel, made.get(), stop_);
  const ObjectState wanted = installed(task.reach.state);
  Observed observed;
  TRY(observer_.of(made.get(), facets_to_plan(wanted.type) | facets_to_take_back(wanted.type),
                   observed));
  ObjectState now = seen_state(observed, digest.value);
  now.attributes = wanted.attributes;
  const bool same = digest.state == Read::value && now == wanted && observed.links == 1;
  if (same && made.has_staged_name()) return {};
  return Error{ErrorKind::changed, "put back what its own verification has changed,", task.path, 0};
}

// Content after the attributes that a file system looks at when it is written, and before what
// writing takes away.
Result<void> Installer::dress(const Task& task, Candidate& made) {
  const ObjectState wanted = installed(task.reach.state);
  if (wanted.type == Type::file) {
    if (task.kept.object == nullptr)
      return Error{ErrorKind::not_found, "find a copy of", task.path, 0};
    Observed empty;
    TRY(observer_.of(made.get(), Facet::attributes, empty));
    const AttributeSet now = empty.attributes.set;
    // What the file system does not keep is told once all else is there.
    (void)hands_.changer->change(
        made.get(), wanted.type,
        SetAttributes{wanted.attributes.without(now), now.without(wanted.attributes)});
    TRY(made.fill(task.kept.content, task.kept.object->digest));
  }
  TRY(dress_in(task, made.get(), wanted));
  if (wanted.type == Type::file) made.begin_sync();
  return {};
}

// What a security module has given the one that is replaced, and the generation knows nothing of:
// one that was not at work then. Where it gives the new one another, that is its word.
void Installer::label_as_before(const Task& task, int held, Type type) {
  const auto attributes = extended_attributes(system_.kernel, task.held.get());
  if (!attributes.ok()) return;
  for (const ExtendedAttribute& one : *attributes) {
    if (!one.name.starts_with("security.") || is_of_one_inode(one.name)) continue;
    (void)hands_.changer->change(held, type, SetExtended{one.name, one.value});
  }
}

// All of the metadata, and a look at whether it is there.
Result<void> Installer::dress_in(const Task& task, int held, const ObjectState& wanted) {
  const FacetSet all = facets_to_plan(wanted.type) | facets_to_take_back(wanted.type);
  Observed made;
  TRY(observer_.of(held, all, made));
  ObjectState before = seen_state(made, wanted.content);
  before.attributes = wanted.attributes;
  for (const Action& action : plan(before, wanted)) {
    TRY(hands_.changer->change(held, wanted.type, action));
  }
  if (task.held) label_as_before(task, held, wanted.type);
  if (task.kept.object != nullptr) {
    for (const ExtendedAttribute& one : task.kept.object->attributes) {
      if (is_of_one_inode(one.name)) continue;
      // One that cannot be set keeps nobody from having the rest; it is told in the end.
      (void)hands_.changer->change(held, wanted.type, SetExtended{one.name, one.value});
    }
    TRY(hands_.changer->change(held, wanted.type, SetModified{task.kept.object->modified}));
  }
  TRY(observer_.of(held, all, made));
  ObjectState now = seen_state(made, wanted.content);
  now.attributes = wanted.attributes;
  if (now == wanted) return {};
  return Error{ErrorKind::io, "give its metadata to the copy of", task.path, 0};
}

}  // namespace permward
