// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/check_run.hpp"
#include "bench/policy_file.hpp"

namespace permward::bench {

void compare_checks(const Options& options, const Tree& tree, const Show& show) {
  for (const Reads reads : {Reads::status, Reads::status_and_acl}) {
    const std::string policy = write_tree_policy(tree, reads);
    const std::string work =
        reads == Reads::status ? "check: status" : "check: status, ACL and not immutable";
    for (const unsigned threads : thread_counts(options)) {
      show(compare_with_floor(options, tree, work, reads, threads,
                              check_command(options, policy, threads)));
    }
  }
}

}  // namespace permward::bench
