// SPDX-License-Identifier: Apache-2.0
#include "property/precedence_model.hpp"

#include "model/mode.hpp"
#include "support/patterns.hpp"

#include <algorithm>

namespace permward::test {
namespace {

bool bytes_fit(const Component& component, const std::vector<GlobToken>& tokens, std::size_t token,
               std::string_view name) {
  if (token == tokens.size()) return name.empty();
  const GlobToken& one = tokens[token];
  if (one.kind == GlobToken::Kind::any_bytes) {
    for (std::size_t taken = 0; taken <= name.size(); ++taken) {
      if (bytes_fit(component, tokens, token + 1, name.substr(taken))) return true;
    }
    return false;
  }
  if (name.empty()) return false;
  const auto byte = static_cast<unsigned char>(name[0]);
  const bool fits = one.kind == GlobToken::Kind::any_byte ||
                    (one.kind == GlobToken::Kind::byte && one.byte == byte) ||
                    (one.kind == GlobToken::Kind::set && component.sets[one.set].test(byte));
  return fits && bytes_fit(component, tokens, token + 1, name.substr(1));
}

bool names_fit(const std::vector<Component>& tail, std::size_t part, const Names& names,
               std::size_t at) {
  if (part == tail.size()) return at == names.size();
  if (tail[part].kind != Component::Kind::any_depth) {
    return at < names.size() && test::slowly_matches(tail[part], names[at]) &&
           names_fit(tail, part + 1, names, at + 1);
  }
  // At the end it is everything below, and so one name at least.
  if (part + 1 == tail.size()) return at < names.size();
  for (std::size_t taken = at; taken <= names.size(); ++taken) {
    if (names_fit(tail, part + 1, names, taken)) return true;
  }
  return false;
}

Names prefix(const Names& path, std::size_t length) {
  return {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length)};
}

bool begins_with(const Names& path, const Names& start) {
  return path.size() >= start.size() && std::equal(start.begin(), start.end(), path.begin());
}

std::uint16_t parts_of(const Clause& clause, Type type) {
  const auto* mode = std::get_if<ModeWant>(&clause.want);
  return mode != nullptr ? mode->table(type).parts : std::uint16_t{1};
}

}  // namespace

bool slowly_matches(const Component& component, std::string_view name) {
  if (component.kind == Component::Kind::literal) return component.text == name;
  return std::any_of(component.alternatives.begin(), component.alternatives.end(),
                     [&](const auto& tokens) { return bytes_fit(component, tokens, 0, name); });
}

bool slowly_matches(const std::vector<Component>& tail, const Names& names) {
  return names_fit(tail, 0, names, 0);
}

bool PrecedenceModel::glob(std::uint32_t target) const {
  return pattern_of(policy_, targets_[target]).glob();
}

MountKind PrecedenceModel::mount_at(const Names& path) const {
  for (const Mount& mount : mounts_) {
    if (mount.path == path_of(path)) return mount.kind;
  }
  return MountKind::none;
}

// Whether recursion goes on at the path if it is a mount point.
bool PrecedenceModel::may_enter(CrossFilesystems cross, const Names& path) const {
  switch (mount_at(path)) {
    case MountKind::none:
      return true;
    case MountKind::local:
      return cross != CrossFilesystems::no;
    case MountKind::remote:
      return cross == CrossFilesystems::yes;
    case MountKind::pseudo:
      return false;
  }
  return false;
}

// Whether the literal part of a glob ends in a pseudo file system, which no wildcard is meant for.
bool PrecedenceModel::begins_in_pseudo(std::uint32_t target) const {
  Names head = targets_[target].head;
  for (; !head.empty() && mount_at(head) == MountKind::none; head.pop_back()) {
  }
  return mount_at(head) == MountKind::pseudo;
}

std::uint32_t PrecedenceModel::order(std::uint32_t target) const {
  std::uint32_t last = target;
  for (std::uint32_t i = 0; i < targets_.size(); ++i) {
    const bool same =
        pattern_of(policy_, targets_[i]).text == pattern_of(policy_, targets_[target]).text;
    if (same) last = i;
  }
  return last;
}

bool PrecedenceModel::glob_matches(std::uint32_t target, const Names& path) const {
  const std::size_t head = targets_[target].head.size();
  return begins_with(path, targets_[target].head) && !begins_in_pseudo(target) &&
         glob_matches(target, 0, path, head);
}

bool PrecedenceModel::glob_matches(std::uint32_t target, std::size_t part, const Names& path,
                                   std::size_t at) const {
  const std::vector<Component>& tail = pattern_of(policy_, targets_[target]).tail;
  if (part == tail.size()) return at == path.size();
  const bool deep = tail[part].kind == Component::Kind::any_depth;
  const bool last = part + 1 == tail.size();
  if (deep && !last && glob_matches(target, part + 1, path, at)) return true;
  if (at == path.size()) return false;
  const Names next = prefix(path, at + 1);
  if (!deep) {
    return slowly_matches(tail[part], path[at]) && mount_at(next) != MountKind::pseudo &&
           glob_matches(target, part + 1, path, at + 1);
  }
  if (!may_enter(rule(target).cross_filesystems, next)) return false;
  return (last && at + 1 == path.size()) || glob_matches(target, part, path, at + 1);
}

std::set<std::size_t> PrecedenceModel::next_parts(std::uint32_t target, const Names& path) const {
  const std::vector<Component>& tail = pattern_of(policy_, targets_[target]).tail;
  const std::size_t head = targets_[target].head.size();
  if (!begins_with(path, targets_[target].head) || begins_in_pseudo(target)) return {};
  const auto closed = [&tail](std::set<std::size_t> parts) {
    for (std::size_t part = 0; part < tail.size(); ++part) {
      const bool may_be_nothing = tail[part].kind == Component::Kind::any_depth &&
                                  part + 1 < tail.size() && parts.count(part) != 0;
      if (may_be_nothing) parts.insert(part + 1);
    }
    parts.erase(tail.size());
    return parts;
  };
  std::set<std::size_t> parts = closed({0});
  for (std::size_t at = head; at < path.size(); ++at) {
    const Names next = prefix(path, at + 1);
    std::set<std::size_t> after;
    for (const std::size_t part : parts) {
      if (tail[part].kind == Component::Kind::any_depth) {
        if (may_enter(rule(target).cross_filesystems, next)) after.insert(part);
      } else if (slowly_matches(tail[part], path[at]) && mount_at(next) != MountKind::pseudo) {
        after.insert(part + 1);
      }
    }
    parts = closed(after);
  }
  return parts;
}

bool PrecedenceModel::excluded(const Rule& rule, const Names& path, std::size_t top) const {
  const Names below(path.begin() + static_cast<std::ptrdiff_t>(top), path.end());
  return std::any_of(rule.excludes.begin(), rule.excludes.end(), [&](const Exclude& exclude) {
    return exclude.base_name ? slowly_matches(exclude.tail.front(), path.back())
                             : slowly_matches(exclude.tail, below);
  });
}

bool PrecedenceModel::recursion_covers(const Rule& rule, const Names& path, std::size_t top) const {
  if (path.size() < top || path.size() - top > rule.recurse) return false;
  for (std::size_t length = top + 1; length <= path.size(); ++length) {
    const Names on_the_way = prefix(path, length);
    if (excluded(rule, on_the_way, top)) return false;
    if (!may_enter(rule.cross_filesystems, on_the_way)) return false;
  }
  return true;
}

std::vector<std::size_t> PrecedenceModel::tops(std::uint32_t target, const Names& path) const {
  std::vector<std::size_t> out;
  if (rule(target).recurse == not_recursive) return out;
  for (std::size_t length = 0; length <= path.size(); ++length) {
    const Names top = prefix(path, length);
    if (glob(target) ? glob_matches(target, top) : top == targets_[target].head) {
      out.push_back(length);
    }
  }
  return out;
}

std::vector<PrecedenceModel::Strength> PrecedenceModel::ways(std::uint32_t target,
                                                             const Names& path, Type type,
                                                             const Clause& clause) const {
  constexpr int by_recursion = 1;
  constexpr int by_glob = 2;
  constexpr int literally = 3;
  const Rule& said = rule(target);
  const bool recursive = said.recurse != not_recursive;
  const Aspect aspect = clause.aspect;
  const auto* presence = std::get_if<PresenceWant>(&clause.want);
  const bool unsaid = presence != nullptr && presence->silent_for_globs;
  const bool of_the_name = aspect == Aspect::presence || aspect == Aspect::type;
  std::vector<Strength> out;
  if (!glob(target)) {
    const bool there = path == targets_[target].head;
    if (there && (!recursive || of_the_name)) out.emplace_back(literally, 0);
  } else if (type != Type::absent && said.selects.has(type) && glob_matches(target, path)) {
    const bool speaks = recursive ? aspect == Aspect::presence : aspect != Aspect::type;
    if (speaks && !unsaid) out.emplace_back(by_glob, order(target));
  }
  if (of_the_name || type == Type::absent) return out;
  for (const std::size_t top : tops(target, path)) {
    if (recursion_covers(said, path, top)) {
      out.emplace_back(by_recursion, static_cast<std::uint32_t>(top));
    }
  }
  return out;
}

Decisions PrecedenceModel::decisions(const Names& path, Type type) const {
  struct Said {
    std::uint32_t rule = 0;
    const Clause* clause = nullptr;
    Strength strength;
  };
  std::vector<Said> all;
  for (std::uint32_t target = 0; target < targets_.size(); ++target) {
    for (const Clause& clause : rule(target).clauses) {
      if (!clause.types.has(type)) continue;
      for (const Strength& strength : ways(target, path, type, clause)) {
        all.push_back({targets_[target].rule, &clause, strength});
      }
    }
  }
  Decisions out;
  for (const Said& said : all) {
    for (unsigned part = 1; part <= all_mode_bits; part <<= 1) {
      if ((parts_of(*said.clause, type) & part) == 0) continue;
      const bool strongest = std::none_of(all.begin(), all.end(), [&](const Said& other) {
        return other.clause->aspect == said.clause->aspect &&
               (parts_of(*other.clause, type) & part) != 0 && other.strength > said.strength;
      });
      if (!strongest) continue;
      std::uint16_t& parts = out[{said.rule, said.clause}];
      parts = static_cast<std::uint16_t>(parts | part);
    }
  }
  return out;
}

Decisions PrecedenceModel::compared(const Decisions& decided, Type type) const {
  const auto wrong = [type](const Decisions::value_type& one) {
    const auto* want = std::get_if<TypeWant>(&one.first.second->want);
    return want != nullptr && !want->allowed.has(type);
  };
  Decisions out;
  for (const auto& one : decided) {
    const bool silenced = std::any_of(decided.begin(), decided.end(), [&](const auto& other) {
      const std::uint32_t speaker = other.first.first;
      return wrong(other) && (policy_.rules[speaker].enforce || speaker == one.first.first);
    });
    if (!silenced || wrong(one)) out.insert(one);
  }
  return out;
}

std::set<std::uint32_t> PrecedenceModel::matched_globs(const Names& path, Type type) const {
  std::set<std::uint32_t> out;
  for (std::uint32_t target = 0; target < targets_.size(); ++target) {
    if (!glob(target) || !rule(target).selects.has(type)) continue;
    if (requires_matches(rule(target)) && glob_matches(target, path)) out.insert(target);
  }
  return out;
}

bool PrecedenceModel::named(const Names& path) const {
  for (std::uint32_t target = 0; target < targets_.size(); ++target) {
    if (!glob(target) && targets_[target].head == path) return true;
  }
  return false;
}

bool PrecedenceModel::leads_to_named(const Names& path) const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [&path](const Target& target) { return begins_with(target.head, path); });
}

bool PrecedenceModel::taken(const Names& path) const {
  for (std::uint32_t target = 0; target < targets_.size(); ++target) {
    if (glob(target) && glob_matches(target, path)) return true;
    for (const std::size_t top : tops(target, path)) {
      if (recursion_covers(rule(target), path, top)) return true;
    }
  }
  return false;
}

bool PrecedenceModel::goes_on(const Names& path) const {
  for (std::uint32_t target = 0; target < targets_.size(); ++target) {
    if (glob(target) && !next_parts(target, path).empty()) return true;
    for (const std::size_t top : tops(target, path)) {
      const bool deeper = path.size() - top < rule(target).recurse;
      if (deeper && recursion_covers(rule(target), path, top)) return true;
    }
  }
  return false;
}

bool PrecedenceModel::stops(const Names& path) const {
  const Names above = prefix(path, path.size() - 1);
  for (std::uint32_t target = 0; target < targets_.size(); ++target) {
    const Rule& said = rule(target);
    const std::vector<Component>& tail = pattern_of(policy_, targets_[target]).tail;
    if (glob(target)) {
      for (const std::size_t part : next_parts(target, above)) {
        const bool deep = tail[part].kind == Component::Kind::any_depth;
        if (deep ? !may_enter(said.cross_filesystems, path)
                 : mount_at(path) == MountKind::pseudo && slowly_matches(tail[part], path.back())) {
          return true;
        }
      }
    }
    for (const std::size_t top : tops(target, above)) {
      const bool would = recursion_covers(said, above, top) && path.size() - top <= said.recurse &&
                         !excluded(said, path, top);
      if (would && !may_enter(said.cross_filesystems, path)) return true;
    }
  }
  return false;
}

}  // namespace permward::test
