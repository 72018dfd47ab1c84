// SPDX-License-Identifier: Apache-2.0
// What a set of rules says of a small tree, worked out slowly from the text of the policy language
// alone, path by path and bit by bit. Nothing of the product is used here.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace permward::test::combined {

enum class Kind { file, directory, symlink };

struct Node {
  Kind kind = Kind::file;
  unsigned owner = 0;
  unsigned group = 0;
  unsigned mode = 0644;
};

// By path below the top of the tree: "" is the top, "/a/b" lies in it.
using Tree = std::map<std::string, Node>;

struct Mode {
  std::optional<unsigned> exact;
  std::optional<unsigned> at_most;
  std::optional<unsigned> at_least;
  std::string clauses;  // where it is symbolic
};

// A table of aspects.
struct Demands {
  std::optional<std::vector<unsigned>> owner;
  std::optional<std::vector<unsigned>> group;
  std::optional<Mode> mode;
  [[nodiscard]] bool empty() const { return !owner && !group && !mode; }
};

enum class Presence { required, optional, forbidden };

// A rule, or what an override states of one.
struct Keys {
  std::optional<std::vector<std::string>> paths;  // below the top
  std::optional<int> recurse;                     // 0: false, -1: true, else the depth
  std::optional<std::vector<std::string>> exclude;
  std::optional<std::set<Kind>> type;
  std::optional<Presence> presence;
  Demands own;
  std::optional<Demands> files;
  std::optional<Demands> directories;
  std::optional<std::vector<Demands>> any_of;
  std::optional<bool> enforce;
  std::optional<bool> disabled;
};

struct Override {
  std::size_t rule = 0;
  Keys keys;
};

struct Waiver {
  std::string rule;                 // glob on ids
  std::optional<std::string> path;  // glob below the top
  std::vector<std::string> aspects;
  int days = 0;  // until it expires; negative: it has
};

struct RuleSet {
  std::vector<Keys> rules;  // called r0, r1 …
  std::vector<Override> overrides;
  std::vector<Waiver> waivers;
};

struct Outcome {
  bool refused = false;
  // Tops meet of which rules disagree, but nothing that lies there today shows it.
  bool may_be_refused = false;
  std::multiset<std::string> findings;  // `PATH RULE ASPECT STATUS`, the path below the top
  std::size_t objects = 0;
  std::size_t compliant = 0;
};

Outcome outcome(const RuleSet& set, const Tree& tree);

}  // namespace permward::test::combined
