// SPDX-License-Identifier: Apache-2.0
// Twins for what lies beside mode and access ACL. An object `x` is checked. Its twin `z` was made
// by the same commands, and setfacl(1), chattr(1) or setcap(8) is asked to set on it what the
// policy demands: `x` is in policy exactly when getfacl(1), lsattr(1) or getcap(8) shows the twin
// unchanged. Nothing here reads a default ACL, an attribute or a capability as the product does.
//
// Where the tools do not answer with a change or none:
// - A default ACL whose mask comes out `---` is an `error` of that object.
// - An attribute that chattr was asked for and that lsattr does not show then (a file system that
// has
//   others refuses this one, or leaves it out for the type) is not set, and so a violation.
// - A file system that keeps none of a kind, where the tool refuses, makes it an `error`.
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/programs.hpp"
#include "support/sampling.hpp"

#include <cerrno>
#include <exception>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

constexpr std::size_t objects_of_a_demand = 20;

using Paths = std::vector<std::string>;
using Shown = std::map<std::string, std::string>;  // path to what the tool shows of it
using Verdicts = std::map<std::string, Status>;    // `PATH ASPECT`

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
  return out;
}

std::string letters(unsigned rights) {
  return std::string() + ((rights & 4) != 0 ? 'r' : '-') + ((rights & 2) != 0 ? 'w' : '-') +
         ((rights & 1) != 0 ? 'x' : '-');
}

bool runs(const std::vector<std::string>& command) {
  try {
    (void)run_program(command);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::vector<std::string> with(std::vector<std::string> command, const Paths& paths) {
  command.insert(command.end(), paths.begin(), paths.end());
  return command;
}

// Runs the command on them, if there are any.
void run_on(const std::vector<std::string>& command, const Paths& paths) {
  if (!paths.empty()) (void)run_program(with(command, paths));
}

// The verdict of a twin that was `before` and is `after`.
Status by_change(const std::string& before, const std::string& after) {
  return before == after ? Status::pass : Status::violation;
}

// A kind of thing that files have, its tools, and one demand at a time.
class Kind {
 public:
  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind() = default;
  [[nodiscard]] virtual std::string aspect() const = 0;
  // Makes objects, each of `pairs` and its twin alike.
  virtual void make(Dice& dice, const std::vector<std::pair<std::string, std::string>>& pairs) = 0;
  // Another demand; its value in TOML.
  virtual std::string draw(Dice& dice) = 0;
  [[nodiscard]] virtual Shown show(const Paths& paths) const = 0;
  // Sets on the twins what the demand whose value in TOML is `demand` says.
  virtual void set(const std::string& demand, const Shown& before) = 0;
  [[nodiscard]] virtual Status expected(const std::string& demand, const std::string& before,
                                        const std::string& after) const = 0;
};

// --- Default ACLs
// ---------------------------------------------------------------------------------

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

// --- Attributes
// -----------------------------------------------------------------------------------

constexpr std::string_view known_letters = "iadASDCc";

class Attributes : public Kind {
 public:
  [[nodiscard]] std::string aspect() const override { return "attributes"; }

  void make(Dice& dice, const std::vector<std::pair<std::string, std::string>>& pairs) override {
    std::map<char, Paths> having;
    for (const auto& [path, twin] : pairs) {
      const bool directory = dice.one_in(3);
      const bool near = dice.one_in(2);
      std::string flags;
      for (const char flag : known_letters) {
        const bool wanted = near_set_.find(flag) != std::string::npos;
        const bool barred = near_clear_.find(flag) != std::string::npos;
        const bool has = near && (wanted || barred) ? wanted != dice.one_in(12) : dice.one_in(4);
        if (has) flags += flag;
      }
      for (const std::string& one : {path, twin}) {
        if (directory)
          require(mkdir(one.c_str(), 0755) == 0, "mkdir " + one);
        else
          require(mknod(one.c_str(), S_IFREG | 0644, 0) == 0, "create " + one);
        for (const char flag : flags) having[flag].push_back(one);
      }
    }
    // What is immutable takes no other any more.
    for (const char flag : std::string_view("cCDSAdai")) change('+', flag, having[flag]);
  }

  std::string draw(Dice& dice) override {
    near_set_.clear();
    near_clear_.clear();
    while ((near_set_ + near_clear_).empty()) {
      for (const char flag : known_letters) {
        if (dice.one_in(4)) (dice.one_in(2) ? near_set_ : near_clear_) += flag;
      }
    }
    if (near_clear_.empty() && dice.one_in(2)) return '"' + near_set_ + '"';
    std::vector<std::string> parts;
    if (!near_set_.empty()) parts.push_back("set = \"" + near_set_ + '"');
    if (!near_clear_.empty()) parts.push_back("clear = \"" + near_clear_ + '"');
    return "{ " + joined(parts, ", ") + " }";
  }

  [[nodiscard]] Shown show(const Paths& paths) const override {
    std::istringstream text(run_program(with({"lsattr", "-d", "--"}, paths)));
    Shown out;
    std::string flags;
    for (std::string path; text >> flags >> path;) {
      std::string& shown = out[path];
      for (const char flag : flags) {
        if (known_letters.find(flag) != std::string_view::npos) shown += flag;
      }
    }
    return out;
  }

  void set(const std::string& demand, const Shown& before) override {
    const auto [wanted, barred] = parts_of(demand);
    Paths all;
    Paths immutable;
    for (const auto& [path, shown] : before) {
      all.push_back(path);
      if (shown.find('i') != std::string::npos) immutable.push_back(path);
    }
    // Immutable ones must be changeable in between; those that the demand leaves so become it
    // again.
    const bool stay = barred.find('i') == std::string::npos;
    change('-', 'i', immutable);
    for (const char flag : barred) change('-', flag, all);
    for (const char flag : wanted) {
      if (flag != 'i') change('+', flag, all);
    }
    if (stay) change('+', 'i', immutable);
    if (wanted.find('i') != std::string::npos) change('+', 'i', all);
  }

  [[nodiscard]] Status expected(const std::string& demand, const std::string& before,
                                const std::string& after) const override {
    const auto [wanted, barred] = parts_of(demand);
    for (const char flag : wanted) {
      if (after.find(flag) == std::string::npos) return Status::violation;
    }
    return by_change(before, after);
  }

 private:
  // Each by itself, and whatever chattr says: what comes of it is what lsattr shows.
  static void change(char sign, char flag, const Paths& paths) {
    if (!paths.empty()) (void)runs(with({"chattr", "-f", {sign, flag}, "--"}, paths));
  }

  static std::pair<std::string, std::string> parts_of(const std::string& demand) {
    const auto quoted_after = [&demand](const std::string& what) -> std::string {
      const std::size_t at = demand.find(what);
      if (at == std::string::npos) return "";
      const std::size_t begin = demand.find('"', at) + 1;
      return demand.substr(begin, demand.find('"', begin) - begin);
    };
    if (demand[0] == '"') return {quoted_after("\""), ""};
    return {quoted_after("set"), quoted_after("clear")};
  }

  std::string near_set_;
  std::string near_clear_;
};

// --- Capabilities
// ---------------------------------------------------------------------------------

const std::vector<std::string> capability_texts = {
    "",
    "=",
    "cap_net_raw=ep",
    "cap_net_raw+ep",
    "cap_net_raw=eip",
    "cap_net_raw=p",
    "cap_net_raw=i",
    "cap_net_raw=ei",
    "cap_net_raw,cap_net_admin=ep",
    "cap_net_admin,cap_net_raw=pe",
    "cap_net_raw=ep cap_net_admin=ep",
    "cap_net_raw=p cap_net_admin=i",
    "cap_net_admin=ep cap_net_admin-ep",
    "cap_net_admin,cap_net_raw=ep cap_net_admin-ep",
    "all=ep",
    "=ep",
    "cap_chown,cap_sys_admin,cap_bpf,cap_checkpoint_restore=ep"};

class Capabilities : public Kind {
 public:
  [[nodiscard]] std::string aspect() const override { return "capabilities"; }

  void make(Dice& dice, const std::vector<std::pair<std::string, std::string>>& pairs) override {
    std::vector<std::string> plain = {"setcap", "-q"};
    std::vector<std::string> of_a_namespace = {"setcap", "-q", "-n", "100000"};
    for (const auto& [path, twin] : pairs) {
      const std::string text = dice.one_in(4) ? near_ : dice.from(capability_texts);
      auto& command = dice.one_in(8) ? of_a_namespace : plain;
      for (const std::string& one : {path, twin}) {
        require(mknod(one.c_str(), S_IFREG | 0755, 0) == 0, "create " + one);
        if (!text.empty()) command.insert(command.end(), {text, one});
      }
    }
    if (plain.size() > 2) (void)run_program(plain);
    if (of_a_namespace.size() > 4) (void)run_program(of_a_namespace);
  }

  std::string draw(Dice& dice) override { return quoted(near_ = dice.from(capability_texts)); }

  [[nodiscard]] Shown show(const Paths& paths) const override {
    std::istringstream text(run_program(with({"getcap", "-n"}, paths)));
    Shown out;
    for (const std::string& path : paths) out[path] = "";
    for (std::string line; std::getline(text, line);) {
      const std::size_t end = line.find(' ');
      out.at(line.substr(0, end)) = line.substr(end);
    }
    return out;
  }

  void set(const std::string& demand, const Shown& before) override {
    const std::string text = demand.substr(1, demand.size() - 2);
    std::vector<std::string> command = {"setcap", "-q"};
    for (const auto& [path, shown] : before) {
      // setcap refuses to take what is not there.
      if (!text.empty())
        command.insert(command.end(), {text, path});
      else if (!shown.empty())
        command.insert(command.end(), {"-r", path});
    }
    if (command.size() > 2) (void)run_program(command);
  }

  [[nodiscard]] Status expected(const std::string& /*demand*/, const std::string& before,
                                const std::string& after) const override {
    return by_change(before, after);
  }

 private:
  std::string near_;
};

// --- The comparison
// ---------------------------------------------------------------------------------

std::string rule_text(const std::string& id, const std::string& path, const Kind& kind,
                      const std::string& demand) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + '\n' + kind.aspect() + " = " +
         demand + '\n';
}

Verdicts verdicts_of(const std::string& policy) {
  Verdicts out;
  for (const Finding& one : check_text(policy).outcome.findings) {
    REQUIRE(out.emplace(one.path.text() + ' ' + std::string(name(one.aspect)), one.status).second);
  }
  return out;
}

// A demand, and the objects that are checked against it.
struct Case {
  std::string id;
  std::string demand;
  Paths objects;
  Paths twins;
};

Case draw_case(Dice& dice, Kind& kind, const ImageMount& mount, std::size_t number) {
  Case out;
  out.id = "r" + std::to_string(number);
  const std::string top = mount.path("d" + std::to_string(number));
  for (const char* part : {"", "/x", "/z"}) {
    require(mkdir((top + part).c_str(), 0755) == 0, "mkdir " + top);
  }
  out.demand = kind.draw(dice);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < objects_of_a_demand; ++i) {
    const std::string at = std::to_string(i);
    pairs.emplace_back(top + "/x/" + at, top + "/z/" + at);
    out.objects.push_back(pairs.back().first);
    out.twins.push_back(pairs.back().second);
  }
  kind.make(dice, pairs);
  return out;
}

using Counts = std::map<Status, std::size_t>;

void compare(Kind& kind, const Case& one, const Verdicts& verdicts, Counts& counts) {
  const Shown objects = kind.show(one.objects);
  const Shown before = kind.show(one.twins);
  kind.set(one.demand, before);
  const Shown after = kind.show(one.twins);
  for (std::size_t i = 0; i < one.objects.size(); ++i) {
    const std::string& path = one.objects[i];
    const std::string& was = before.at(one.twins[i]);
    const std::string& is = after.at(one.twins[i]);
    REQUIRE(objects.at(path) == was);
    const auto it = verdicts.find(path + ' ' + kind.aspect());
    const Status status = it == verdicts.end() ? Status::pass : it->second;
    const Status expected = kind.expected(one.demand, was, is);
    ++counts[expected];
    if (status == expected) continue;
    FAIL(path << " is " << name(status) << ", the tools say " << name(expected) << '\n'
              << rule_text(one.id, path, kind, one.demand) << "its twin before:\n"
              << was << "\nand after:\n"
              << is);
  }
}

Counts compare_twins(Kind& kind, const std::string& what) {
  const std::size_t demands = sample(60, 500, "demands on " + what + ", each of 20 objects");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  Counts counts;
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed
                           << (run_all() ? " PERMWARD_TEST_ALL=1" : ""));
    const ImageMount mount(file_system);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    std::vector<Case> cases;
    std::string policy;
    for (std::size_t i = 0; i < demands; ++i) {
      cases.push_back(draw_case(dice, kind, mount, i));
      policy += rule_text(cases.back().id, mount.path("d" + std::to_string(i)) + "/x/*", kind,
                          cases.back().demand);
    }
    const Verdicts verdicts = verdicts_of(policy);
    for (const Case& one : cases) compare(kind, one, verdicts, counts);
  }
  std::cout << "twins, " << what << ": " << counts[Status::pass] << " in policy, "
            << counts[Status::violation] << " violations, " << counts[Status::error] << " errors"
            << std::endl;
  REQUIRE(counts[Status::pass] > demands);
  REQUIRE(counts[Status::violation] > demands);
  return counts;
}

}  // namespace

TEST_CASE("verdicts on default ACLs are what setfacl would change") {
  DefaultAcls kind;
  REQUIRE(compare_twins(kind, "default ACLs")[Status::error] > 0);
}

TEST_CASE("verdicts on attributes are what chattr would change") {
  Attributes kind;
  REQUIRE(compare_twins(kind, "attributes")[Status::error] == 0);
}

TEST_CASE("verdicts on capabilities are what setcap would change") {
  Capabilities kind;
  REQUIRE(compare_twins(kind, "capabilities")[Status::error] == 0);
}

TEST_CASE("what a tool refuses where a file system keeps none of it is an error") {
  TempTree place;
  const Mounted mounted("ramfs", place.directory("bare"), "ramfs");
  const std::string directory = place.directory("bare/d");
  const std::string file = place.file("bare/f");
  struct Row {
    std::string path;
    std::string demand;
    std::vector<std::string> tool;
  };
  const std::vector<Row> rows = {
      {directory, "default_acl = [\"user:7001:r\"]", {"setfacl", "-d", "-m", "u:7001:r"}},
      {directory, "default_acl = []", {"setfacl", "-k"}},
      {file, "attributes = \"d\"", {"chattr", "+d"}},
      {file, "capabilities = \"cap_net_raw=ep\"", {"setcap", "-q", "cap_net_raw=ep"}}};
  for (const Row& row : rows) {
    INFO(row.demand);
    const bool taken = runs(with(row.tool, {row.path}));
    const std::string rule = "[[rule]]\nid = \"r\"\npath = " + quoted(row.path) + '\n';
    const Verdicts verdicts = verdicts_of(rule + row.demand + '\n');
    REQUIRE(verdicts.size() == (taken ? 0 : 1));
    if (!taken) REQUIRE(verdicts.begin()->second == Status::error);
  }
  // Where there are none, there is nothing to take away: chattr and setcap refuse even that.
  const std::string rule = "[[rule]]\nid = \"r\"\npath = " + quoted(file) + '\n';
  REQUIRE(verdicts_of(rule + "attributes = { clear = \"di\" }\ncapabilities = \"\"\n").empty());
}
