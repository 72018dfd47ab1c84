// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/floor.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace permward::bench {
namespace {

std::string write_policy(const Tree& tree) {
  const std::string name = tree.base() + "/apply.toml";
  std::ofstream out(name);
  out << "schema = 1\n\n[[rule]]\nid = \"bench\"\npath = \"" << tree.root() << "\"\n"
      << "recurse = true\nancestors = \"ignore\"\nowner = 0\ngroup = 0\n"
      << "files = { mode = \"0644\" }\ndirectories = { mode = \"0755\" }\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + name);
  return name;
}

}  // namespace

void compare_applies(const Options& options, const Tree& tree, const Show& show) {
  const std::string log = tree.base() + "/log";
  const std::string state = tree.base() + "/state";
  // A side begins with files that are all wrong, on the disk, and has to leave none of them so.
  const auto corrects = [&tree](std::string name, std::function<Ran()> round) {
    return Side{name, [name, &tree, round = std::move(round)] {
                  correct(tree.root(), damaged);
                  tree.sync();
                  const Ran ran = round();
                  if (correct(tree.root(), as_made) != 0) {
                    throw std::runtime_error(name + " has not corrected everything");
                  }
                  return ran;
                }};
  };
  const std::vector<std::string> apply = {options.permward,   "apply",       "--policy",
                                          write_policy(tree), "--jobs",      "1",
                                          "--quiet",          "--state-dir", state};
  // With a journal as long as a first run leaves it.
  const auto permward = [&](std::vector<std::string> more) {
    std::string name = "permward apply";
    for (const std::string& option : more) name += ' ' + option;
    std::vector<std::string> command = apply;
    command.insert(command.end(), more.begin(), more.end());
    return corrects(name, [=] {
      std::filesystem::remove_all(state);
      return run(command, log);
    });
  };
  const std::string top = tree.root();
  Comparison out{"apply: owner, group and mode of " + std::to_string(tree.files()) + " files",
                 {corrects("chown and chmod alone",
                           [=] {
                             return run({"/proc/self/exe", "correct", top}, log);
                           }),
                  permward({}), permward({"--offline"}), permward({"--offline", "--no-journal"}),
                  corrects("chown -R; chmod -R", [=] {
                    Ran both = run({"chown", "-R", "0:0", top}, log);
                    const Ran second = run({"chmod", "-R", "u=rwX,go=rX", top}, log);
                    both.wall_s += second.wall_s;
                    both.cpu_s += second.cpu_s;
                    both.max_rss_kb = std::max(both.max_rss_kb, second.max_rss_kb);
                    return both;
                  })}};
  take_turns(out, options.rounds);
  show(out);
}

}  // namespace permward::bench
