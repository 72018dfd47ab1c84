// SPDX-License-Identifier: Apache-2.0
#include "fs/extended_twins_support.hpp"

#include "support/checked.hpp"
#include "support/programs.hpp"

#include <cerrno>
#include <cstddef>
#include <exception>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace permward::test::extended_twins {

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
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

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
  return out;
}

Status by_change(const std::string& before, const std::string& after) {
  return before == after ? Status::pass : Status::violation;
}

namespace {

// --- Attributes ----------------------------------------------------------------------------------

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

// --- Capabilities --------------------------------------------------------------------------------

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

}  // namespace

std::unique_ptr<Kind> attributes() { return std::make_unique<Attributes>(); }
std::unique_ptr<Kind> capabilities() { return std::make_unique<Capabilities>(); }

}  // namespace permward::test::extended_twins
