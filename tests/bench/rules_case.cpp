// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/check_run.hpp"
#include "bench/policy_file.hpp"

namespace permward::bench {
namespace {

struct Policy {
  const char* work;
  Amounts amounts;
};

// One more rule is on the whole tree.
constexpr Policy policies[] = {
    {"rules: 300, of these 50 globs, 50 trees", {.literals = 200, .globs = 50, .trees = 49}},
    {"rules: 1,000 globs, 100 trees", {.literals = 0, .globs = 1000, .trees = 99}},
};

}  // namespace

void compare_rules(const Options& options, const Tree& tree, const Show& show) {
  for (const Policy& one : policies) {
    const std::string policy = write_rules_policy(tree, one.amounts);
    for (const unsigned threads : thread_counts(options)) {
      show(compare_with_floor(options, tree, one.work, Reads::status_and_acl, threads,
                              check_command(options, policy, threads)));
    }
  }
}

}  // namespace permward::bench
