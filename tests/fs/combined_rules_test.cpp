// SPDX-License-Identifier: Apache-2.0
// Rules in combination: sets of rules, drawn at random, over small random trees. They are written
// as TOML, loaded, and checked on a real file system, and what comes of them is compared with what
// `combined_model.hpp` says: finding by finding, the counts, and what is refused because it cannot
// hold together. A case is repeated by its number: PERMWARD_COMBINED_CASE=N.
//
// Left out, since other tests have it: links among the directories of a path, mount points,
// accounts with names, and all aspects but presence, type, owner, group and mode.
#include "decide/waive.hpp"
#include "engine/check.hpp"
#include "fs/combined_demands.hpp"
#include "fs/combined_model.hpp"
#include "os/system.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/sampling.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;
using combined::Demands;
using combined::Keys;
using combined::Kind;
using combined::Mode;
using combined::RuleSet;
using combined::Tree;

namespace {

using Words = std::vector<std::string>;

const std::vector<unsigned> modes = {0644, 0600, 0640, 0755, 0750, 0666, 0777, 04755, 02755, 01777};
const std::vector<unsigned> ids = {0, 0, 7001, 7002};
const Words names = {"a", "a", "b", "b", "ab", ".c"};

// --- Drawing
// --------------------------------------------------------------------------------------

Tree random_tree(Dice& dice) {
  Tree tree;
  Words directories;
  const auto add = [&](const std::string& path, Kind kind) {
    if (!tree.try_emplace(path,
                          combined::Node{kind, dice.from(ids), dice.from(ids), dice.from(modes)})
             .second) {
      return;
    }
    if (kind == Kind::directory) directories.push_back(path);
  };
  add("", Kind::directory);
  for (unsigned count = 4 + dice.below(9); count > 0; --count) {
    const std::string in = dice.from(directories);
    if (std::count(in.begin(), in.end(), '/') == 4) continue;
    const Kind kind = dice.one_in(2)   ? Kind::directory
                      : dice.one_in(5) ? Kind::symlink
                                       : Kind::file;
    add(in + '/' + dice.from(names), kind);
  }
  return tree;
}

std::string random_glob_part(Dice& dice) {
  return dice.from<std::string>({"*", "*", "a*", "*b", "?", "[ab]", "[!a]", "[a-b]*", "{a,ab}",
                                 "{b,{a,.c}}", "a{,b}", "**", "**", "a**"});
}

// Paths of rules; few, so that they meet.
std::string random_path(Dice& dice, const Tree& tree) {
  for (;;) {
    std::string path;
    if (dice.one_in(3)) {
      auto it = tree.begin();
      std::advance(it, dice.below(static_cast<unsigned>(tree.size())));
      path = it->first;
    } else {
      for (unsigned count = dice.below(4); count > 0; --count) path += '/' + dice.from(names);
    }
    if (dice.one_in(2)) {
      std::string glob = path.substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
      if (dice.one_in(2)) glob = "";
      bool deep = false;
      for (unsigned count = 1 + dice.below(3); count > 0; --count) {
        std::string part = dice.one_in(4) ? dice.from(names) : random_glob_part(dice);
        if (deep && part == "**") part = "*";
        deep = part == "**";
        glob += '/' + part;
      }
      path = glob;
    }
    // Links on the way are another matter.
    bool through_link = false;
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
      const auto found = tree.find(path.substr(0, at));
      through_link = through_link || (found != tree.end() && found->second.kind == Kind::symlink);
    }
    if (!through_link) return path;
  }
}

Mode random_mode(Dice& dice, bool with_x) {
  Mode mode;
  switch (dice.below(4)) {
    case 0:
      mode.exact = dice.from(modes);
      break;
    case 1:
      mode.at_most = dice.from(modes);
      if (dice.one_in(3)) mode.at_least = dice.from(modes) & *mode.at_most;
      break;
    case 2:
      mode.at_least = dice.from<unsigned>({0400, 0440, 0444, 0600, 01000, 02000});
      break;
    default:
      mode.clauses = with_x && dice.one_in(2)
                         ? dice.from<std::string>({"g+X", "a+X", "go-X", "u=rwX,go=rX", "o=X"})
                         : dice.from<std::string>({"o-w", "go-w", "ug-s", "u=rw,go=r", "u+r",
                                                   "o=", "o-t", "g-s,o+t", "g=s", "a+r", "u=rws"});
  }
  return mode;
}

std::vector<unsigned> random_ids(Dice& dice) {
  std::vector<unsigned> out = {dice.from(ids)};
  if (dice.one_in(3)) {
    const unsigned other = dice.from(ids);
    if (other != out[0]) out.push_back(other);
  }
  return out;
}

struct Allowed {
  bool mode = true;
  bool x = true;  // X in clauses
};

Demands random_demands(Dice& dice, Allowed allowed) {
  Demands out;
  while (out.empty()) {
    if (dice.one_in(3)) out.owner = random_ids(dice);
    if (dice.one_in(3)) out.group = random_ids(dice);
    if (allowed.mode && dice.one_in(2)) out.mode = random_mode(dice, allowed.x);
  }
  return out;
}

std::set<Kind> random_type(Dice& dice) {
  return dice.from<std::set<Kind>>(
      {{Kind::file}, {Kind::directory}, {Kind::file, Kind::directory}, {Kind::symlink}});
}

Words random_excludes(Dice& dice) {
  Words out;
  for (unsigned count = 1 + dice.below(2); count > 0; --count) {
    out.push_back(dice.from<std::string>(
        {"a", "b", "*b", ".*", "a/b", "a/**", "**/b", "*/a", "**/a/*", "{a,b}/ab", "b/*", "[!a]"}));
  }
  return out;
}

// What the loader takes, or leaves to other tests: a literal path whose types cannot have what is
// demanded is a mistake, and so is a demand on what is forbidden.
bool makes_sense(const Keys& rule) {
  const bool demands = !rule.own.empty() || rule.files || rule.directories || rule.any_of;
  if (rule.presence == combined::Presence::forbidden) return !demands && !rule.type;
  if (rule.any_of && (rule.files || rule.directories)) return false;
  if (!rule.type) return true;
  bool mode = rule.own.mode.has_value();
  for (const Demands& one : rule.any_of.value_or(std::vector<Demands>())) mode = mode || one.mode;
  if (rule.type->count(Kind::symlink) != 0 && mode) return false;
  return (!rule.files || rule.type->count(Kind::file) != 0) &&
         (!rule.directories || rule.type->count(Kind::directory) != 0);
}

// Keys that an override may state too.
Keys random_keys(Dice& dice, Allowed allowed, unsigned rare) {
  Keys out;
  if (dice.one_in(2 * rare)) out.recurse = dice.from<int>({-1, -1, 0, 1, 2});
  if (dice.one_in(4 * rare)) out.exclude = random_excludes(dice);
  if (dice.one_in(4 * rare)) out.type = random_type(dice);
  if (dice.one_in(4 * rare)) {
    out.presence = dice.from<combined::Presence>(
        {combined::Presence::required, combined::Presence::optional, combined::Presence::optional});
  }
  if (!dice.one_in(3)) out.own = random_demands(dice, allowed);
  if (dice.one_in(5 * rare)) out.files = random_demands(dice, allowed);
  if (dice.one_in(5 * rare)) out.directories = random_demands(dice, allowed);
  if (dice.one_in(5 * rare)) {
    // Of which mode X would speak, where alternatives leave different ones, is left out.
    const Allowed here{allowed.mode && !allowed.x, false};
    out.any_of.emplace();
    for (unsigned count = 1 + dice.below(3); count > 0; --count) {
      out.any_of->push_back(random_demands(dice, here));
    }
  }
  if (dice.one_in(8)) out.enforce = dice.one_in(2);
  return out;
}

Keys random_rule(Dice& dice, const Words& paths, Allowed allowed) {
  for (;;) {
    Keys rule;
    if (dice.one_in(8)) {
      rule.presence = combined::Presence::forbidden;
    } else {
      rule = random_keys(dice, allowed, 1);
    }
    rule.paths = Words{dice.from(paths)};
    const std::string other = dice.from(paths);
    if (dice.one_in(4) && other != rule.paths->front()) rule.paths->push_back(other);
    if (dice.one_in(12)) rule.disabled = true;
    if (makes_sense(rule)) return rule;
  }
}

combined::Waiver random_waiver(Dice& dice, const Words& paths) {
  combined::Waiver out;
  out.rule = dice.from<std::string>({"*", "r*", "r0", "r[0-2]", "r{1,3}", "r?"});
  if (dice.one_in(2))
    out.path = dice.one_in(2) ? dice.from(paths) : "/**/" + random_glob_part(dice);
  if (out.path == "/**/**") out.path = "/**";
  for (const char* aspect : {"mode", "owner", "group", "presence", "type"}) {
    if (dice.one_in(4)) out.aspects.emplace_back(aspect);
  }
  out.days = dice.from<int>({-1, 0, 30});
  return out;
}

RuleSet random_rules(Dice& dice, const Tree& tree) {
  for (;;) {
    RuleSet out;
    const Allowed allowed{true, dice.one_in(2)};
    Words paths;
    for (unsigned count = 2 + dice.below(4); count > 0; --count) {
      paths.push_back(random_path(dice, tree));
    }
    const unsigned rules = 1 + dice.below(6);
    for (unsigned i = 0; i < rules; ++i) out.rules.push_back(random_rule(dice, paths, allowed));
    for (unsigned count = dice.one_in(3) ? 1 + dice.below(2) : 0; count > 0; --count) {
      combined::Override one;
      one.rule = dice.below(rules);
      one.keys = random_keys(dice, allowed, 2);
      if (dice.one_in(4)) one.keys.disabled = dice.one_in(2);
      out.overrides.push_back(one);
    }
    for (unsigned count = dice.one_in(3) ? 1 + dice.below(2) : 0; count > 0; --count) {
      out.waivers.push_back(random_waiver(dice, paths));
    }
    const std::vector<Keys> as_left = combined::overridden(out);
    const auto off = [](const Keys& rule) { return rule.disabled.value_or(false); };
    if (std::all_of(as_left.begin(), as_left.end(), makes_sense) &&
        !std::all_of(as_left.begin(), as_left.end(), off)) {
      return out;
    }
  }
}

// --- TOML
// -----------------------------------------------------------------------------------------

std::string octal(unsigned mode) {
  std::string text = "0000";
  for (auto it = text.rbegin(); it != text.rend(); ++it, mode >>= 3) {
    *it = static_cast<char>('0' + (mode & 7));
  }
  return '"' + text + '"';
}

std::string list(const Words& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string list_of_ids(const std::vector<unsigned>& all) {
  if (all.size() == 1) return std::to_string(all[0]);
  Words words;
  for (const unsigned id : all) words.push_back('"' + std::to_string(id) + '"');
  return '[' + list(words) + ']';
}

std::string mode_text(const Mode& mode) {
  if (mode.exact) return octal(*mode.exact);
  if (!mode.clauses.empty()) return test::quoted(mode.clauses);
  Words bounds;
  if (mode.at_most) bounds.push_back("at_most = " + octal(*mode.at_most));
  if (mode.at_least) bounds.push_back("at_least = " + octal(*mode.at_least));
  return "{ " + list(bounds) + " }";
}

Words pairs_of(const Demands& demands) {
  Words out;
  if (demands.owner) out.push_back("owner = " + list_of_ids(*demands.owner));
  if (demands.group) out.push_back("group = " + list_of_ids(*demands.group));
  if (demands.mode) out.push_back("mode = " + mode_text(*demands.mode));
  return out;
}

std::string table(const Demands& demands) { return "{ " + list(pairs_of(demands)) + " }"; }

Words quoted_all(Words words, const std::string& before = "") {
  for (std::string& word : words) word = test::quoted(before + word);
  return words;
}

std::string keys_text(const Keys& keys) {
  static constexpr std::array kinds = {"\"file\"", "\"directory\"", "\"symlink\""};
  static constexpr std::array presences = {"required", "optional", "forbidden"};
  Words lines = pairs_of(keys.own);
  const auto add = [&lines](const std::string& key, const std::string& value) {
    lines.push_back(key + " = " + value);
  };
  const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
  if (keys.recurse)
    add("recurse", *keys.recurse > 0 ? std::to_string(*keys.recurse) : word(*keys.recurse != 0));
  if (keys.exclude) add("exclude", '[' + list(quoted_all(*keys.exclude)) + ']');
  if (keys.type) {
    Words types;
    for (const Kind kind : *keys.type) types.emplace_back(kinds[static_cast<std::size_t>(kind)]);
    add("type", '[' + list(types) + ']');
  }
  if (keys.presence)
    add("presence", test::quoted(presences[static_cast<std::size_t>(*keys.presence)]));
  if (keys.files) add("files", table(*keys.files));
  if (keys.directories) add("directories", table(*keys.directories));
  if (keys.any_of) {
    Words tables;
    for (const Demands& one : *keys.any_of) tables.push_back(table(one));
    add("any_of", '[' + list(tables) + ']');
  }
  if (keys.enforce) add("enforce", word(*keys.enforce));
  if (keys.disabled) add("disabled", word(*keys.disabled));
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return out;
}

constexpr auto today = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);

std::string toml(const RuleSet& set, const std::string& top) {
  std::string out;
  // `disabled` is a key of overrides alone.
  std::string disabling;
  for (std::size_t i = 0; i < set.rules.size(); ++i) {
    Keys keys = set.rules[i];
    const std::string id = "\"r" + std::to_string(i) + "\"\n";
    if (keys.disabled) disabling += "\n[[override]]\nrule = " + id + "disabled = true\n";
    keys.disabled.reset();
    const Words paths = quoted_all(*keys.paths, top);
    out += "\n[[rule]]\nid = " + id;
    out += paths.size() == 1 ? "path = " + paths[0] : "paths = [" + list(paths) + ']';
    out += '\n' + keys_text(keys);
  }
  out += disabling;
  for (const combined::Override& one : set.overrides) {
    out += "\n[[override]]\nrule = \"r" + std::to_string(one.rule) + "\"\n" + keys_text(one.keys);
  }
  for (const combined::Waiver& one : set.waivers) {
    out += "\n[[waiver]]\nrule = " + test::quoted(one.rule) + "\nreason = \"known\"\nexpires = ";
    const std::chrono::year_month_day day(today + std::chrono::days(one.days));
    const auto two = [](unsigned number) {
      return (number < 10 ? "-0" : "-") + std::to_string(number);
    };
    out += std::to_string(int(day.year())) + two(unsigned(day.month())) + two(unsigned(day.day()));
    if (one.path) out += "\npath = " + test::quoted(top + *one.path);
    if (!one.aspects.empty()) out += "\naspects = [" + list(quoted_all(one.aspects)) + ']';
    out += '\n';
  }
  return out;
}

std::string tree_text(const Tree& tree) {
  std::string out;
  for (const auto& [path, node] : tree) {
    out += "  " + std::string(1, "fdl"[static_cast<int>(node.kind)]) + ' ' + octal(node.mode) +
           ' ' + std::to_string(node.owner) + ':' + std::to_string(node.group) + ' ' + path + "/\n";
  }
  return out;
}

// --- The product
// ----------------------------------------------------------------------------------

void build(TempTree& place, const std::string& top, const Tree& tree) {
  for (const auto& [path, node] : tree) {
    const std::string at = top + path;
    if (node.kind == Kind::directory) place.directory(at);
    if (node.kind == Kind::file) place.file(at);
    if (node.kind == Kind::symlink) place.symlink(at, path.size() % 2 == 0 ? "nowhere" : "/");
    place.chown(at, node.owner, node.group);
    if (node.kind != Kind::symlink) place.chmod(at, node.mode);
  }
}

combined::Outcome checked(const RuleSet& set, const std::string& top) {
  combined::Outcome out;
  const Policy policy = policy_of(toml(set, top));
  const Result<System> system = host_system();
  REQUIRE(system.ok());
  CheckOptions options;
  options.jobs = 1;
  Result<CheckOutcome> result = check(policy, *system, options);
  REQUIRE(result.ok());
  out.refused = !result->conflicts.empty();
  if (out.refused) return out;
  waive(result->findings, policy, today);
  for (const Finding& one : result->findings) {
    const std::string path = one.path.text();
    const bool inside = path.compare(0, top.size(), top) == 0;
    out.findings.insert((inside ? path.substr(top.size()) : path) + ' ' +
                        policy.rules[one.rule].id + ' ' + std::string(name(one.aspect)) + ' ' +
                        std::string(name(one.status)));
  }
  out.objects = result->objects;
  out.compliant = result->compliant;
  return out;
}

std::string text_of(const combined::Outcome& outcome) {
  if (outcome.refused) return "  refused\n";
  std::string out = "  objects " + std::to_string(outcome.objects) + ", compliant " +
                    std::to_string(outcome.compliant) + '\n';
  for (const std::string& one : outcome.findings) out += "  " + one + '\n';
  return out;
}

struct Counts {
  std::size_t refused = 0;
  std::size_t findings = 0;
  std::size_t waived = 0;
  std::size_t objects = 0;
  std::size_t compliant = 0;
};

void run_case(unsigned number, ImageMount& mount, Counts& counts) {
  Dice dice(number);
  const Tree tree = random_tree(dice);
  const RuleSet set = random_rules(dice, tree);
  const std::string place = "c" + std::to_string(number);
  const std::string top = mount.path(place);
  build(mount.tree(), place, tree);
  INFO("PERMWARD_COMBINED_CASE=" << number << '\n'
                                 << toml(set, "") << "\nthe tree:\n"
                                 << tree_text(tree));
  const combined::Outcome expected = combined::outcome(set, tree);
  const combined::Outcome found = checked(set, top);
  std::filesystem::remove_all(top);
  if (expected.refused) ++counts.refused;
  counts.findings += expected.findings.size();
  counts.waived += static_cast<std::size_t>(
      std::count_if(expected.findings.begin(), expected.findings.end(),
                    [](const std::string& one) { return one.ends_with("waived"); }));
  counts.objects += expected.objects;
  counts.compliant += expected.compliant;
  const std::string expected_text = text_of(expected);
  const std::string found_text = text_of(found);
  INFO("the model:\n" << expected_text << "the check:\n" << found_text);
  if (!(expected.may_be_refused && found.refused)) CHECK(expected_text == found_text);
}

}  // namespace

TEST_CASE("what rules say in combination is what the language says of them") {
  ImageMount ext4(FileSystem::ext4);
  ImageMount tmpfs(FileSystem::tmpfs);
  const char* const only = std::getenv("PERMWARD_COMBINED_CASE");
  Counts counts;
  if (only != nullptr) {
    const auto number = static_cast<unsigned>(std::stoul(only));
    return run_case(number, number % 4 == 0 ? ext4 : tmpfs, counts);
  }
  const std::size_t cases = sample(500, 10000, "sets of rules over small trees");
  for (unsigned number = 0; number < cases; ++number) {
    run_case(number, number % 4 == 0 ? ext4 : tmpfs, counts);
  }
  std::cout << "combined rules: " << counts.refused << " sets refused, " << counts.objects
            << " objects, " << counts.compliant << " compliant, " << counts.findings
            << " findings, " << counts.waived << " waived" << std::endl;
  REQUIRE(counts.refused > cases / 50);
  REQUIRE(counts.refused < cases / 2);
  REQUIRE(counts.findings > cases);
  REQUIRE(counts.compliant > cases / 5);
  REQUIRE(counts.waived > 0);
}
