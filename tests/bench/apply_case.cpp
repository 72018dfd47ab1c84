// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/floor.hpp"
#include "bench/policy_file.hpp"
#include "bench/run.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

namespace permward::bench {
namespace {

std::string write_policy(const Tree& tree) {
  PolicyFile out(tree.base() + "/apply.toml");
  out.add("path = \"" + tree.root() +
          "\"\nrecurse = true\nancestors = \"ignore\"\nowner = 0\ngroup = 0\n"
          "files = { mode = \"0644\" }\ndirectories = { mode = \"0755\" }\n");
  return out.finish();
}

}  // namespace

void compare_applies(const Options& options, const Tree& tree, const Show& show) {
  const std::string log = tree.log();
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
      return run({.words = command}, log);
    });
  };
  const std::string top = tree.root();
  Comparison out{
      "apply: owner, group and mode of " + std::to_string(tree.files()) + " files",
      {corrects("chown and chmod alone",
                [=] {
                  return run(inner_command({"correct", top}), log);
                }),
       permward({}), permward({"--offline"}), permward({"--offline", "--no-journal"}),
       corrects("chown -R; chmod -R", [=] {
         const Ran chown = run({.words = {"chown", "-R", "0:0", top}}, log);
         return together(chown, run({.words = {"chmod", "-R", "u=rwX,go=rX", top}}, log));
       })}};
  take_turns(out, options.rounds);
  show(out);
}

}  // namespace permward::bench
