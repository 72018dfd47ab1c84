// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/check_run.hpp"
#include "bench/policy_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

namespace permward::bench {
namespace {

// So that no file of the policy comes near what permward takes of one, 16 MiB.
constexpr std::size_t rules_a_file = 20000;

struct Made {
  std::string policy;  // a directory
  std::string list;    // the paths, one a line
  std::size_t rules = 0;
};

Made make(const Options& options, const Tree& tree) {
  Made out{tree.base() + "/literals.d", tree.base() + "/literals",
           std::min(options.literals, tree.files())};
  std::filesystem::create_directory(out.policy);
  std::ofstream list(out.list);
  std::optional<PolicyFile> policy;
  for (std::size_t i = 0; i < out.rules; ++i) {
    if (i % rules_a_file == 0) {
      if (policy) static_cast<void>(policy->finish());
      policy.emplace(out.policy + "/literals-" + std::to_string(i / rules_a_file) + ".toml");
    }
    const std::string path = tree.file(i * tree.files() / out.rules);
    policy->add("path = \"" + path + "\"\nancestors = \"ignore\"\n" + own_ids() +
                "mode = \"0644\"\n");
    list << path << '\n';
  }
  static_cast<void>(policy->finish());
  if (!list.flush()) throw std::runtime_error("cannot write " + out.list);
  return out;
}

// What is left of each round of `whole` without that of `part`: nothing that ran by itself.
Side difference(std::string name, const Side& whole, const Side& part) {
  Side out{std::move(name), nullptr};
  for (std::size_t i = 0; i < whole.rounds.size(); ++i) {
    out.rounds.push_back({whole.rounds[i].wall_s - part.rounds[i].wall_s,
                          whole.rounds[i].cpu_s - part.rounds[i].cpu_s});
  }
  return out;
}

}  // namespace

void compare_literals(const Options& options, const Tree& tree, const Show& show) {
  const Made made = make(options, tree);
  const std::string log = tree.log();
  const Command floor = inner_command({"literals", made.list});
  const Command validate = {.words = {options.permward, "validate", "--policy", made.policy}};
  Comparison out{"literals: " + std::to_string(made.rules) + " rules",
                 {{"openat2, statx and close of each", [=] { return run(floor, log); }},
                  {"permward validate", [=] { return run(validate, log); }}}};
  for (const unsigned threads : thread_counts(options)) {
    const Command check = check_command(options, made.policy, threads);
    out.sides.push_back(
        {"permward check --jobs " + std::to_string(threads), [=] { return run(check, log); }});
  }
  take_turns(out, options.rounds);
  out.sides.push_back(difference("check --jobs 1, less validate", out.sides[2], out.sides[1]));
  show(out);
}

}  // namespace permward::bench
