// SPDX-License-Identifier: Apache-2.0
// Default ACLs: how they are drawn, made, shown by getfacl(1) and set by setfacl(1).
#include "fs/extended_twins_support.hpp"
#include "support/checked.hpp"
#include "support/programs.hpp"
#include "support/temp_tree.hpp"

#include <cstddef>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>

namespace permward::test::extended_twins {
namespace {

std::string letters(unsigned rights) {
  return std::string() + ((rights & 4) != 0 ? 'r' : '-') + ((rights & 2) != 0 ? 'w' : '-') +
         ((rights & 1) != 0 ? 'x' : '-');
}

// Runs the command on them, if there are any.
void run_on(const std::vector<std::string>& command, const Paths& paths) {
  if (!paths.empty()) (void)run_program(with(command, paths));
}

// A default ACL as getfacl shows it: what stands before the rights, to the rights.
using Entries = std::map<std::string, std::string>;

Entries default_entries(const std::string& shown) {
  Entries out;
  std::istringstream text(shown);
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("default:")) continue;
    const std::size_t end = line.rfind(':', line.find_first_of(" \t"));
    out[line.substr(8, end - 8)] = line.substr(end + 1, 3);
  }
  return out;
}

const std::vector<std::string> somebody = {"user:7001", "user:7002", "group:7001", "group:7003"};

class DefaultAcls : public Kind {
 public:
  [[nodiscard]] std::string aspect() const override { return "default_acl"; }

  void make(Dice& dice, const std::vector<std::pair<std::string, std::string>>& pairs) override {
    TempTree place;
    std::string wanted;
    for (const auto& [path, twin] : pairs) {
      const std::string state = random_state(dice);
      for (const std::string& one : {path, twin}) {
        require(mkdir(one.c_str(), 0755) == 0, "mkdir " + one);
        wanted += "# file: " + one + "\n# owner: 0\n# group: 0\n" + state + '\n';
      }
    }
    (void)run_program({"setfacl", "--restore=" + place.file("acls", wanted)});
  }

  std::string draw(Dice& dice) override {
    if (dice.one_in(6)) return near_ = "[]";
    for (;;) {
      std::vector<std::string> entries;
      for (const char* base : {"user::", "group::", "other::"}) {
        if (dice.one_in(3)) entries.push_back(base + rights(dice));
      }
      std::set<std::string> named;
      for (unsigned count = dice.below(4); count > 0; --count) named.insert(dice.from(somebody));
      for (const std::string& who : named) entries.push_back(who + ':' + rights(dice));
      if (dice.one_in(3)) entries.push_back("mask::" + rights(dice));
      if (entries.empty()) continue;
      for (std::string& entry : entries) entry = quoted(entry);
      const std::string list = '[' + joined(entries, ", ") + ']';
      if (is_a_policy(list)) return near_ = list;
    }
  }

  [[nodiscard]] Shown show(const Paths& paths) const override {
    std::istringstream text(run_program(with({"getfacl", "-n", "-p", "-E", "--"}, paths)));
    Shown out;
    std::string* at = nullptr;
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("# file: "))
        at = &out[line.substr(8)];
      else
        *at += line + '\n';
    }
    return out;
  }

  // Named entries and a mask that are there go first; base entries stay, as `default_acl` leaves
  // those that it does not name.
  void set(const std::string& demand, const Shown& before) override {
    Paths all;
    std::map<std::string, Paths> by_named;
    Paths masked;
    for (const auto& [path, shown] : before) {
      all.push_back(path);
      std::vector<std::string> named;
      for (const auto& [who, has] : default_entries(shown)) {
        if (who.ends_with(':')) {
          if (who == "mask:") masked.push_back(path);
        } else {
          named.push_back("d:" + who);
        }
      }
      if (!named.empty()) by_named[joined(named, ",")].push_back(path);
    }
    if (demand == "[]") return run_on({"setfacl", "-k", "--"}, all);
    for (const auto& [named, paths] : by_named) run_on({"setfacl", "-n", "-x", named, "--"}, paths);
    run_on({"setfacl", "-x", "d:mask", "--"}, masked);
    run_on({"setfacl", "-d", "-m", text_of(demand), "--"}, all);
  }

  [[nodiscard]] Status expected(const std::string& /*demand*/, const std::string& before,
                                const std::string& after) const override {
    const Entries entries = default_entries(after);
    const auto mask = entries.find("mask:");
    if (mask != entries.end() && mask->second == "---") return Status::error;
    return by_change(before, after);
  }

 private:
  static std::string rights(Dice& dice) {
    if (dice.one_in(4)) return letters(dice.below(8) & 6U) + "X";
    return letters(dice.from<unsigned>({0, 4, 5, 5, 6, 7, 7}));
  }

  static bool is_a_policy(const std::string& list) {
    try {
      (void)policy_of("[[rule]]\nid = \"r\"\npath = \"/x/*\"\ndefault_acl = " + list + '\n');
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  // `["a", "b"]` as setfacl(1) takes it.
  static std::string text_of(const std::string& list) {
    std::string out;
    for (const char byte : list) {
      if (std::string_view("[]\" ").find(byte) == std::string_view::npos) out += byte;
    }
    return out;
  }

  // Lines as of getfacl: a mode or an ACL, and a default ACL or none. Half of the default ACLs have
  // the entries that the demand names.
  std::string random_state(Dice& dice) const {
    const auto any = [&dice] { return letters(dice.from<unsigned>({0, 4, 5, 5, 6, 7, 7})); };
    std::string out = "user::" + any() + "\ngroup::" + any() + "\nother::" + any() + '\n';
    if (dice.one_in(3)) out += dice.from(somebody) + ':' + any() + "\nmask::" + any() + '\n';
    if (dice.one_in(5)) return out;
    Entries entries;
    std::map<std::string, unsigned> demanded;
    for (const char* base : {"user:", "group:", "other:"}) entries[base] = any();
    if (dice.one_in(2)) {
      std::istringstream wanted(text_of(near_));
      for (std::string entry; std::getline(wanted, entry, ',');) {
        const std::size_t end = entry.rfind(':');
        std::string has = entry.substr(end + 1);
        if (has.ends_with('X')) has = has.substr(0, 2) + 'x';
        entries[entry.substr(0, end)] = has;
      }
      if (dice.one_in(4)) entries[dice.from(somebody)] = any();
      if (dice.one_in(4)) entries[dice.from<std::string>({"user:", "group:", "other:"})] = any();
    } else {
      for (unsigned count = dice.below(3); count > 0; --count) entries[dice.from(somebody)] = any();
      if (dice.one_in(4)) entries["mask:"] = any();
    }
    if (entries.size() > 3 && entries.count("mask:") == 0) {
      std::string mask = "---";
      for (const auto& [who, has] : entries) {
        if (who == "user:" || who == "other:") continue;
        for (std::size_t i = 0; i < 3; ++i) {
          if (has[i] != '-') mask[i] = has[i];
        }
      }
      entries["mask:"] = mask;
    }
    for (const auto& [who, has] : entries) out += "default:" + who + ':' + has + '\n';
    return out;
  }

  std::string near_;
};

}  // namespace

std::unique_ptr<Kind> default_acls() { return std::make_unique<DefaultAcls>(); }

}  // namespace permward::test::extended_twins
