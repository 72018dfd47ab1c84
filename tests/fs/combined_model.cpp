// SPDX-License-Identifier: Apache-2.0
#include "fs/combined_model.hpp"

#include "fs/combined_demands.hpp"
#include "fs/combined_globs.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace permward::test::combined {
namespace {

enum class Aspect { presence, type, owner, group, mode };
constexpr const char* aspect_names[] = {"presence", "type", "owner", "group", "mode"};

// Later ones are the stronger; of the same rank the greater number is.
enum class Rank { recursion, glob, literal };
using Strength = std::pair<Rank, std::size_t>;

class World {
 public:
  World(const RuleSet& set, const Tree& tree) : set_(set), tree_(tree), rules_(overridden(set)) {}

  Outcome judge() {
    out_.refused = clash_as_written() || clash_is_shown();
    out_.may_be_refused = !out_.refused && tops_clash();
    if (out_.refused) return out_;
    for (const auto& [path, node] : tree_) {
      judge_object(path, node);
    }
    judge_absent();
    judge_globs();
    return out_;
  }

 private:
  [[nodiscard]] bool enabled(std::size_t rule) const {
    return !rules_[rule].disabled.value_or(false);
  }
  // Calls for each path of each rule that is in force.
  void each_path(const std::function<void(std::size_t, const std::string&)>& act) const {
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      if (!enabled(rule)) continue;
      for (const std::string& path : *rules_[rule].paths) act(rule, path);
    }
  }

  // --- What cannot hold together

  [[nodiscard]] bool paths_clash(std::size_t a, std::size_t b, const std::string& path) const {
    if (!both_enforced(rules_[a], rules_[b])) return false;
    const bool glob = is_glob(path);
    const Presence first = presence_at(rules_[a], glob);
    const Presence second = presence_at(rules_[b], glob);
    if (first != second && first != Presence::optional && second != Presence::optional) return true;
    if (!glob && types_clash(rules_[a], rules_[b])) return true;
    return recursive(rules_[a]) == recursive(rules_[b]) && !hold_together(rules_[a], rules_[b]);
  }

  // The kinds that an object at a literal path of the rule may have. The types of a recursion
  // select, and of its top it only says that it is no symlink.
  static std::set<Kind> allowed_kinds(const Keys& rule) {
    if (rule.presence == Presence::forbidden) return {Kind::file, Kind::directory, Kind::symlink};
    if (rule.type && !recursive(rule)) return *rule.type;
    return {Kind::file, Kind::directory};
  }

  static bool types_clash(const Keys& a, const Keys& b) {
    const std::set<Kind> first = allowed_kinds(a);
    const std::set<Kind> second = allowed_kinds(b);
    return std::none_of(first.begin(), first.end(),
                        [&second](Kind kind) { return second.count(kind) != 0; });
  }

  [[nodiscard]] bool clash_as_written() const {
    bool clash = false;
    each_path([&](std::size_t a, const std::string& path) {
      const Keys& rule = rules_[a];
      for (const Kind kind : {Kind::file, Kind::directory, Kind::symlink}) {
        clash = clash || !hold_together(rule, rule, kind);
      }
      each_path([&](std::size_t b, const std::string& other) {
        clash = clash || (a < b && path == other && paths_clash(a, b, path));
      });
    });
    return clash;
  }

  // Two recursions that come to one top, one of them by a glob. As where both are literal, what
  // lies there today does not matter.
  [[nodiscard]] bool clash_of_tops(const std::string& top) const {
    std::vector<std::size_t> met;
    each_path([&](std::size_t rule, const std::string& said) {
      if (recursive(rules_[rule]) && (is_glob(said) ? fits(said, top) : said == top)) {
        met.push_back(rule);
      }
    });
    for (const std::size_t a : met) {
      for (const std::size_t b : met) {
        if (a < b && contradict(rules_[a], rules_[b])) return true;
      }
    }
    return false;
  }

  // Where such recursions reach something of a kind of which they disagree.
  [[nodiscard]] bool clash_is_shown() const {
    for (const auto& [path_of_node, node] : tree_) {
      // A lambda of clang before 16 captures no structured binding.
      const std::string& path = path_of_node;
      std::map<std::string, std::vector<std::size_t>> by_top;
      each_path([&](std::size_t rule, const std::string& said) {
        for (const std::string& top : tops(rule, said, path)) {
          if (covers(rules_[rule], top, path)) by_top[top].push_back(rule);
        }
      });
      for (const auto& [top, met] : by_top) {
        for (const std::size_t a : met) {
          for (const std::size_t b : met) {
            if (a < b && both_enforced(rules_[a], rules_[b]) &&
                !hold_together(rules_[a], rules_[b], node.kind)) {
              return true;
            }
          }
        }
      }
    }
    return false;
  }

  // Anywhere in the tree, or where a rule names what could lie in one of its directories.
  [[nodiscard]] bool tops_clash() const {
    bool clash = false;
    for (const auto& [path, node] : tree_) clash = clash || clash_of_tops(path);
    each_path([&](std::size_t, const std::string& path) {
      const auto above = tree_.find(path.substr(0, std::min(path.rfind('/'), path.size())));
      const bool near = above != tree_.end() && above->second.kind == Kind::directory;
      clash = clash || (!is_glob(path) && near && clash_of_tops(path));
    });
    return clash;
  }

  // --- Who speaks of what

  // Where recursions of that path of the rule begin, on the way to `path`.
  [[nodiscard]] Words tops(std::size_t rule, const std::string& said,
                           const std::string& path) const {
    Words out;
    if (!recursive(rules_[rule])) return out;
    for (const auto& [top, node] : tree_) {
      const bool above = path == top || path.compare(0, top.size() + 1, top + '/') == 0;
      if (!above) continue;
      if (is_glob(said) ? fits(said, top) : said == top) out.push_back(top);
    }
    return out;
  }

  static bool covers(const Keys& rule, const std::string& top, const std::string& path) {
    const Words below = components(path.substr(top.size()));
    if (*rule.recurse > 0 && below.size() > static_cast<std::size_t>(*rule.recurse)) return false;
    std::string way;
    for (const std::string& name : below) {
      way += '/' + name;
      for (const std::string& exclude : rule.exclude.value_or(Words())) {
        const bool of_path = exclude.find('/') != std::string::npos;
        if (of_path ? fits('/' + exclude, way) : any_name_fits(exclude, name)) return false;
      }
    }
    return true;
  }

  // Where the last rule of that glob stands.
  [[nodiscard]] std::size_t place_of(const std::string& glob) const {
    std::size_t place = 0;
    std::size_t last = 0;
    each_path([&](std::size_t, const std::string& path) {
      ++place;
      if (path == glob) last = place;
    });
    return last;
  }

  // The strengths with which the rule speaks of an aspect of what is at `path`.
  [[nodiscard]] std::vector<Strength> ways(std::size_t rule, const std::string& path, Kind kind,
                                           Aspect aspect) const {
    const Keys& keys = rules_[rule];
    const bool of_the_name = aspect == Aspect::presence || aspect == Aspect::type;
    std::vector<Strength> out;
    for (const std::string& said : *keys.paths) {
      if (!is_glob(said)) {
        if (said == path && (of_the_name || !recursive(keys))) out.emplace_back(Rank::literal, 0);
      } else if (selects(keys, kind) && fits(said, path)) {
        const bool speaks = recursive(keys) ? aspect == Aspect::presence : aspect != Aspect::type;
        if (speaks) out.emplace_back(Rank::glob, place_of(said));
      }
      if (of_the_name || !selects(keys, kind)) continue;
      for (const std::string& top : tops(rule, said, path)) {
        if (covers(keys, top, path)) out.emplace_back(Rank::recursion, components(top).size());
      }
    }
    return out;
  }

  // Something that a rule says of one aspect of one object.
  struct Said {
    std::size_t rule = 0;
    Aspect aspect = Aspect::presence;
    std::size_t alternative = 0;  // 0: outright
    unsigned parts = 1;           // of a mode: the bits, and then those that are left to it
    Strength strength;
    Ids ids;
    std::optional<Mode> mode;
    bool holds = true;  // of presence and type
  };

  void say(std::vector<Said>& all, const std::string& path, Kind kind, const Said& what) const {
    const std::vector<Strength> found = ways(what.rule, path, kind, what.aspect);
    if (found.empty()) return;
    all.push_back(what);
    all.back().strength = *std::max_element(found.begin(), found.end());
  }

  void say_demands(std::vector<Said>& all, const std::string& path, Kind kind, std::size_t rule,
                   const Demands& demands, std::size_t alternative) const {
    Said what;
    what.rule = rule;
    what.alternative = alternative;
    for (const Aspect aspect : {Aspect::owner, Aspect::group}) {
      what.aspect = aspect;
      what.ids = aspect == Aspect::owner ? demands.owner : demands.group;
      if (what.ids) say(all, path, kind, what);
    }
    if (!demands.mode) return;
    what.aspect = Aspect::mode;
    what.ids.reset();
    what.mode = demands.mode;
    what.parts = named_bits(*demands.mode, kind == Kind::directory);
    say(all, path, kind, what);
  }

  [[nodiscard]] std::vector<Said> all_said(const std::string& path, Kind kind) const {
    std::vector<Said> all;
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      if (!enabled(rule)) continue;
      const Keys& keys = rules_[rule];
      const bool at_literal =
          std::count(keys.paths->begin(), keys.paths->end(), path) != 0 && !is_glob(path);
      const Presence presence = presence_at(keys, !at_literal);
      Said what;
      what.rule = rule;
      what.holds = presence != Presence::forbidden;
      // What is only a default of globs is not said: what an earlier one forbids stays forbidden.
      const bool said = keys.presence || at_literal || !demands_anything(keys);
      if (said) say(all, path, kind, what);
      what.aspect = Aspect::type;
      what.holds = allowed_kinds(keys).count(kind) != 0;
      if (at_literal && presence != Presence::forbidden) say(all, path, kind, what);
      // On a literal path a rule speaks of objects of its type.
      if (keys.type && !recursive(keys) && keys.type->count(kind) == 0) continue;
      say_demands(all, path, kind, rule, outright(keys, kind), 0);
      std::size_t number = 0;
      for (const Demands& one : alternatives(keys, kind)) {
        say_demands(all, path, kind, rule, one, ++number);
      }
    }
    return all;
  }

  // Leaves to each what no stronger one says.
  static std::vector<Said> decided(const std::vector<Said>& all) {
    std::vector<Said> out;
    for (const Said& one : all) {
      Said left = one;
      left.parts = 0;
      for (unsigned part = 1; part < 010000; part <<= 1) {
        if ((one.parts & part) == 0) continue;
        const bool stronger = std::any_of(all.begin(), all.end(), [&](const Said& other) {
          return other.aspect == one.aspect && (other.parts & part) != 0 &&
                 other.strength > one.strength;
        });
        if (!stronger) left.parts |= part;
      }
      if (left.parts != 0) out.push_back(left);
    }
    return out;
  }

  // --- Verdicts

  // The mode of which X speaks.
  static unsigned settled(const std::vector<Said>& all, const Node& node) {
    const bool directory = node.kind == Kind::directory;
    unsigned mode = node.mode;
    for (int round = 0; round < 4; ++round) {
      unsigned next = mode;
      for (const Said& one : all) {
        if (!one.mode || one.alternative != 0) continue;
        const unsigned after =
            applied(*one.mode, next, directory, somebody_executes(mode, directory));
        next = (next & ~one.parts) | (after & one.parts);
      }
      mode = next;
    }
    return mode;
  }

  static bool holds(const Said& one, const Node& node, unsigned settled_mode) {
    if (one.ids) {
      const unsigned id = one.aspect == Aspect::owner ? node.owner : node.group;
      return std::count(one.ids->begin(), one.ids->end(), id) != 0;
    }
    if (!one.mode) return one.holds;
    const bool directory = node.kind == Kind::directory;
    const unsigned after =
        applied(*one.mode, node.mode, directory, somebody_executes(settled_mode, directory));
    return ((after ^ node.mode) & one.parts) == 0;
  }

  void judge_object(const std::string& path, const Node& node) {
    std::vector<Said> all = decided(all_said(path, node.kind));
    const auto wrong_type = [](const Said& one) {
      return one.aspect == Aspect::type && !one.holds;
    };
    bool clean = true;
    const auto ends_it = [&](const Said& one) {
      return wrong_type(one) && rules_[one.rule].enforce.value_or(true);
    };
    if (std::any_of(all.begin(), all.end(), ends_it)) {
      for (const Said& one : all) {
        if (wrong_type(one)) report(path, one), clean = false;
      }
      return count(all, clean);
    }
    // What is only reported is wrong by itself.
    const std::vector<Said> said = all;
    std::erase_if(all, [&](const Said& one) {
      return !wrong_type(one) && std::any_of(said.begin(), said.end(), [&](const Said& other) {
        return wrong_type(other) && other.rule == one.rule;
      });
    });
    const unsigned mode = settled(all, node);
    for (const Said& one : all) {
      if (one.alternative != 0 || holds(one, node, mode)) continue;
      report(path, one);
      clean = false;
    }
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      const std::size_t choices = rules_[rule].any_of ? rules_[rule].any_of->size() : 0;
      std::vector<Said> wrong_in_first;
      bool one_holds = choices == 0 || !enabled(rule);
      for (std::size_t choice = 1; choice <= choices; ++choice) {
        bool whole = true;
        for (const Said& one : all) {
          if (one.rule != rule || one.alternative != choice || holds(one, node, mode)) continue;
          whole = false;
          if (choice == 1) wrong_in_first.push_back(one);
        }
        one_holds = one_holds || whole;
      }
      if (one_holds) continue;
      for (const Said& one : wrong_in_first) report(path, one);
      clean = false;
    }
    count(all, clean);
  }

  // Whether one of the rule's alternatives asks nothing of the object.
  [[nodiscard]] bool empty_alternative_holds(const std::vector<Said>& all, std::size_t rule) const {
    for (std::size_t choice = 1; choice <= rules_[rule].any_of->size(); ++choice) {
      const bool asks = std::any_of(all.begin(), all.end(), [&](const Said& one) {
        return one.rule == rule && one.alternative == choice;
      });
      if (!asks) return true;
    }
    return false;
  }

  void count(const std::vector<Said>& all, bool clean) {
    const bool counted = std::any_of(all.begin(), all.end(), [&](const Said& one) {
      if (one.alternative != 0) return !empty_alternative_holds(all, one.rule);
      if (one.aspect != Aspect::presence) return true;
      return !one.holds ||
             presence_at(rules_[one.rule], one.strength.first == Rank::glob) == Presence::required;
    });
    if (!counted) return;
    ++out_.objects;
    if (clean) ++out_.compliant;
  }

  void judge_absent() {
    std::set<std::string> gone;
    each_path([&](std::size_t rule, const std::string& path) {
      if (is_glob(path) || tree_.count(path) != 0) return;
      if (presence_at(rules_[rule], false) != Presence::required) return;
      Said what;
      what.rule = rule;
      report(path, what);
      gone.insert(path);
    });
    out_.objects += gone.size();
  }

  void judge_globs() {
    each_path([&](std::size_t rule, const std::string& path) {
      if (!is_glob(path) || presence_at(rules_[rule], true) != Presence::required) return;
      const bool matches = std::any_of(tree_.begin(), tree_.end(), [&](const auto& one) {
        return selects(rules_[rule], one.second.kind) && fits(path, one.first);
      });
      if (matches) return;
      Said what;
      what.rule = rule;
      report(path, what);
      ++out_.objects;
    });
  }

  void report(const std::string& path, const Said& what) {
    const std::string id = 'r' + std::to_string(what.rule);
    const std::string aspect = aspect_names[static_cast<std::size_t>(what.aspect)];
    const bool waived =
        std::any_of(set_.waivers.begin(), set_.waivers.end(), [&](const Waiver& waiver) {
          const Words& aspects = waiver.aspects;
          return waiver.days >= 0 && any_name_fits(waiver.rule, id) &&
                 (!waiver.path || fits(*waiver.path, path)) &&
                 (aspects.empty() || std::count(aspects.begin(), aspects.end(), aspect) != 0);
        });
    out_.findings.insert(path + ' ' + id + ' ' + aspect + (waived ? " waived" : " violation"));
  }

  const RuleSet& set_;
  const Tree& tree_;
  std::vector<Keys> rules_;
  Outcome out_;
};

}  // namespace

Outcome outcome(const RuleSet& set, const Tree& tree) { return World(set, tree).judge(); }

}  // namespace permward::test::combined
