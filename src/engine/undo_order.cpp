// SPDX-License-Identifier: Apache-2.0
#include "engine/undo_order.hpp"

#include "decide/lifted.hpp"
#include "model/finding.hpp"
#include "os/safe_open.hpp"

#include <iterator>
#include <map>
#include <utility>

namespace permward {
namespace {

void follow(Undoing& one, const RecordedChange& recorded) {
  one.known = recorded.outcome && recorded.outcome->after;
  one.done = one.known && recorded.outcome->status == name(Status::corrected);
  one.after = one.known ? *recorded.outcome->after : recorded.change.intended;
  one.inode = one.known ? recorded.outcome->inode : recorded.change.inode;
  one.changed = one.known ? recorded.outcome->changed : FileTime{};
}

bool without_effect(const RecordedChange& recorded) {
  return recorded.outcome && recorded.outcome->effect == Effect::none;
}

// Whether the change goes on from where the last one left the object: another one may have got its
// name between two attempts.
bool goes_on(const Undoing& one, const Change& change) {
  const bool gone = one.after.type == Type::absent;
  return gone ? change.before.type == Type::absent : same_inode(one.inode, change.inode);
}

using ByPath = std::map<std::vector<std::string>, std::vector<Undoing>>;

ByPath undoings_by_path(const std::vector<RecordedChange>& changes) {
  ByPath out;
  for (const RecordedChange& recorded : changes) {
    if (without_effect(recorded)) continue;
    const Change& change = recorded.change;
    std::vector<Undoing>& of_path = out[names_of(change.path)];
    if (of_path.empty() || !goes_on(of_path.back(), change)) {
      if (!of_path.empty()) of_path.back().replaced = true;
      Undoing& next = of_path.emplace_back();
      next.path = change.path;
      next.before = change.before;
    }
    follow(of_path.back(), recorded);
  }
  return out;
}

bool has_new_bars(const Undoing& one) {
  return !bars_of(one.after).without(bars_of(one.before)).empty();
}

Undoing part_of(const Undoing& whole, Undoing::Part part) {
  Undoing out = whole;
  out.part = part;
  return out;
}

}  // namespace

std::vector<Undoing> in_undo_order(const std::vector<RecordedChange>& changes) {
  std::vector<Undoing> lifted;
  std::vector<Undoing> made;
  std::vector<Undoing> rest;
  for (auto& [names, of_path] : undoings_by_path(changes)) {
    for (Undoing& one : of_path) {
      const bool to_make = one.after.type == Type::absent && !one.replaced;
      if (!one.replaced && has_new_bars(one)) {
        lifted.push_back(part_of(one, Undoing::Part::lifts));
      }
      if (to_make && !bars_of(one.before).empty()) {
        rest.push_back(part_of(one, Undoing::Part::bars));
      }
      (to_make ? made : rest).push_back(std::move(one));
    }
  }
  std::vector<Undoing> out = std::move(lifted);
  std::move(made.begin(), made.end(), std::back_inserter(out));
  std::move(rest.rbegin(), rest.rend(), std::back_inserter(out));
  return out;
}

}  // namespace permward
