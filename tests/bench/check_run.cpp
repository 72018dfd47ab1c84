// SPDX-License-Identifier: Apache-2.0
#include "bench/check_run.hpp"

namespace permward::bench {

Command check_command(const Options& options, const std::string& policy, unsigned threads) {
  return {.words = {options.permward, "check", "--policy", policy, "--jobs",
                    std::to_string(threads), "--quiet"}};
}

std::vector<unsigned> thread_counts(const Options& options) {
  if (options.jobs == 1) return {1};
  return {1, options.jobs};
}

Comparison compare_with_floor(const Options& options, const Tree& tree, const std::string& work,
                              Reads reads, unsigned threads, const Command& check) {
  const std::string log = tree.log();
  const std::string jobs = std::to_string(threads);
  const Command floor =
      inner_command({"floor", tree.root(), jobs, reads == Reads::status ? "status" : "acl"});
  Comparison out{work + ", threads: " + jobs,
                 {{"reading alone", [=] { return run(floor, log); }},
                  {"permward check", [=] { return run(check, log); }}}};
  take_turns(out, options.rounds);
  return out;
}

}  // namespace permward::bench
