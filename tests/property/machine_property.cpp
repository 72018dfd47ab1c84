// SPDX-License-Identifier: Apache-2.0
// Stepping a name at a time finds what a slow look at whole paths finds: for small policies of all
// kinds of paths, over small trees with mounts, with budgets under which everything is forgotten,
// and places handed from one thread's steps to another's.
#include "decide/conflict.hpp"
#include "decide/machine.hpp"
#include "decide/steps.hpp"
#include "property/precedence_model.hpp"
#include "support/patterns.hpp"
#include "support/policies.hpp"
#include "support/property.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace permward::test {
namespace {

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
int up_to(int most) { return *rc::gen::inRange(0, most + 1); }
bool one_in(int count) { return up_to(count - 1) == 0; }

std::string name_text() { return one_of<std::string>({"a", "a", "a", "b", "b", "ab"}); }
std::string wild_text() {
  return one_of<std::string>({"*", "a*", "*b", "?", "[!a]", "{a,ab}", "**", "**"});
}

// Components behind a head of names; `**` anywhere, one after another in a run as one.
std::string path_text() {
  // What matches within its own matches.
  if (one_in(6)) return one_of<std::string>({"/**/a", "/a/**", "/**/a*/**", "/*/**/a"});
  std::string out;
  for (int i = up_to(2); i > 0; --i) out += "/" + name_text();
  if (one_in(2)) return out.empty() ? "/" : out;
  bool deep = false;
  for (int i = up_to(2); i >= 0; --i) {
    std::string part = one_in(3) ? name_text() : wild_text();
    if (deep && part == "**") part = "*";
    deep = part == "**";
    out += "/" + part;
  }
  return out;
}

std::string exclude_text() {
  return one_of<std::string>({"a", "b", "*b", "a/b", "a/**", "**/b", "*/a", "a/**/b", "**/a/*",
                              "**", "ab/*", "b/b", "b/*", "*/b"});
}

RuleSpec rule_spec(std::string& text) {
  Texts paths;
  for (int i = one_in(3) ? 2 : 1; i > 0; --i) paths.push_back(path_text());
  RuleSpec out = on_all(paths);
  for (const std::string& path : paths) text += " " + path;
  if (one_in(2)) {
    const std::uint32_t depth = one_of<std::uint32_t>({unlimited_depth, unlimited_depth, 1, 2, 3});
    out.recursive(depth);
    text += " recurse " + std::to_string(depth);
    Texts excludes;
    for (int i = one_in(2) ? up_to(2) : 0; i > 0; --i) excludes.push_back(exclude_text());
    for (const std::string& exclude : excludes) text += " -" + exclude;
    out.exclude(excludes);
  }
  const auto crossing =
      one_of({CrossFilesystems::no, CrossFilesystems::local, CrossFilesystems::yes});
  out.crossing(crossing);
  text += " cross " + std::to_string(static_cast<int>(crossing));
  if (one_in(4)) {
    const auto type = one_of({Type::file, Type::directory});
    out.type(type);
    text += " type " + std::string(name(type));
  }
  if (one_in(4)) {
    out.presence(one_of({Presence::required, Presence::optional}));
    text += " presence";
  }
  if (one_in(2)) out.owner({"root"}), text += " owner";
  if (one_in(4)) out.owner({"root"}, Type::directory), text += " directories.owner";
  if (one_in(2)) {
    const auto mode = one_of<std::string>({"o-w", "u=rw", "g+X", "a=rX", "ug-s,o+t"});
    out.mode(one_in(3) ? at_most(0644) : one_in(3) ? at_least(0440) : symbolic(mode));
    text += " mode";
  }
  return out;
}

struct World {
  std::string text;
  Policy policy;
  Mounts mounts;
  std::vector<bool> selected;
};

World world() {
  World out;
  std::vector<RuleSpec> rules;
  for (int i = 1 + up_to(4); i > 0; --i) {
    out.text += "\n ";
    rules.push_back(rule_spec(out.text));
  }
  out.policy = policy_of(rules);
  for (int i = up_to(3); i > 0; --i) {
    std::string path;
    for (int depth = up_to(2); depth >= 0; --depth) path += "/" + name_text();
    out.mounts.push_back(
        mount(path, one_of({MountKind::local, MountKind::remote, MountKind::pseudo})));
    out.text += "\n mount " + path + " " + out.mounts.back().filesystem;
  }
  // Of two mounts at one point the walk knows one.
  std::sort(out.mounts.begin(), out.mounts.end(),
            [](const Mount& a, const Mount& b) { return a.path < b.path; });
  out.mounts.erase(std::unique(out.mounts.begin(), out.mounts.end(),
                               [](const Mount& a, const Mount& b) { return a.path == b.path; }),
                   out.mounts.end());
  if (one_in(3)) {
    for (std::size_t i = 0; i < rules.size(); ++i) out.selected.push_back(one_in(2));
  }
  return out;
}

// The demand, as the model has decisions; empty where one clause is in it twice.
std::optional<Decisions> decisions_of(const Demand& demand) {
  Decisions out;
  for (const Decided& one : demand.decided) {
    if (!out.emplace(std::pair(one.rule, one.clause), one.parts).second) return std::nullopt;
  }
  return out;
}

Decisions selected_of(Decisions decisions, const std::vector<bool>& selected) {
  if (selected.empty()) return decisions;
  std::erase_if(decisions, [&](const auto& one) { return !selected[one.first.first]; });
  return decisions;
}

class Comparison {
 public:
  explicit Comparison(const World& world)
      : world_(world),
        machine_(world.policy, targets_as_written(world.policy), world.mounts, {}, world.selected),
        model_(world.policy, targets_as_written(world.policy), world.mounts),
        steps_{{Steps(machine_, budget()), Steps(machine_, budget())}} {}

  void run() { visit({}, steps_[0].root(), 0); }

 private:
  static std::size_t budget() { return one_of<std::size_t>({0, 400, 3000, ample}); }

  void visit(const Names& path, const Cursor& cursor, std::size_t depth) {
    check(path, cursor);
    if (depth == 4) return;
    for (const char* name : {"a", "b", "ab"}) {
      // All names of few letters meet; of the third a few are enough.
      if (depth > 1 && std::string_view(name) == "ab") continue;
      Steps& steps = steps_[visited_ % 2];
      bool stopped = false;
      const Steps::Place place = steps.step(steps.place(cursor), name, stopped);
      Names below = path;
      below.emplace_back(name);
      require(stopped == model_.stops(below), "what stops at a mount", below);
      const Cursor there = steps.cursor(place);
      check_object(steps, cursor, below);
      visit(below, there, depth + 1);
    }
  }

  // Of what is no directory as much is known with less work.
  void check_object(Steps& steps, const Cursor& from, const Names& path) {
    bool stopped = false;
    const Steps::Place place = steps.step_to_object(steps.place(from), path.back(), stopped);
    require(stopped == model_.stops(path), "what stops an object at a mount", path);
    const Demand& demand = steps.demand(place, Type::file);
    const Decisions selected = selected_of(model_.decisions(path, Type::file), world_.selected);
    require(decisions_of(demand) == model_.compared(selected, Type::file),
            "who decides of an object", path);
    const std::set<std::uint32_t> globs(demand.matched_globs.begin(), demand.matched_globs.end());
    require(globs == model_.matched_globs(path, Type::file), "what globs match an object", path);
  }

  void require(bool holds, std::string_view what, const Names& path) {
    if (holds) return;
    RC_LOG() << what << " at " << path_of(path) << " in" << world_.text << '\n';
    RC_FAIL("stepping and looking differ");
  }

  void check(const Names& path, const Cursor& cursor) {
    Steps& steps = steps_[++visited_ % 2];
    const Steps::Place place = steps.place(cursor);
    const bool names_it = place.node() != no_node && !machine_.node(place.node()).literals.empty();
    require(names_it == model_.named(path), "whether it is named", path);
    for (const Type type : {Type::file, Type::directory, Type::symlink}) {
      const Demand& demand = steps.demand(place, type);
      const Decisions selected = selected_of(model_.decisions(path, type), world_.selected);
      require(decisions_of(demand) == model_.compared(selected, type),
              "who decides of a " + std::string(name(type)), path);
      const std::set<std::uint32_t> globs(demand.matched_globs.begin(), demand.matched_globs.end());
      require(globs == model_.matched_globs(path, type), "what globs match", path);
    }
    if (names_it) {
      const Decisions wanted = model_.decisions(path, Type::absent);
      require(
          decisions_of(steps.demand_absent(place.node())) == selected_of(wanted, world_.selected),
          "who decides of nothing", path);
    }
    const bool goes_on = model_.goes_on(path);
    const bool taken = model_.taken(path);
    const bool leads = model_.leads_to_named(path);
    require(steps.enumerates(place) == goes_on, "whether it is listed", path);
    require(steps.silent(place) == !(goes_on || taken || leads), "whether it is silent", path);
    if (world_.selected.empty()) {
      require(covered(machine_, path) == (goes_on || taken || leads), "whether it is covered",
              path);
    }
  }

  const World& world_;
  Machine machine_;
  PrecedenceModel model_;
  std::array<Steps, 2> steps_;
  std::size_t visited_ = 0;
};

TEST_CASE("stepping a name at a time finds what a look at whole paths finds") {
  check_property("policies over trees, place by place", 300, 8000, [] {
    const World drawn = world();
    Comparison(drawn).run();
  });
}

}  // namespace
}  // namespace permward::test
