// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/check_run.hpp"
#include "bench/policy_file.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>

namespace permward::bench {
namespace {

void set_mode_of_one_in_100(const Tree& tree, mode_t mode) {
  for (std::size_t i = 0; i < tree.files(); i += 100) {
    const std::string file = tree.file(i);
    if (chmod(file.c_str(), mode) != 0) {
      throw std::system_error(errno, std::generic_category(), "chmod " + file);
    }
  }
}

}  // namespace

void compare_violations(const Options& options, const Tree& tree, const Show& show) {
  const std::string policy = write_tree_policy(tree, Reads::status_and_acl);
  set_mode_of_one_in_100(tree, 0666);
  for (const unsigned threads : thread_counts(options)) {
    const Command check = {
        .words = {options.permward, "check", "--policy", policy, "--jobs", std::to_string(threads)},
        .statuses = {2},
        .output = "/dev/null"};
    show(compare_with_floor(options, tree, "violations: 1 % of the files", Reads::status_and_acl,
                            threads, check));
  }
  set_mode_of_one_in_100(tree, 0644);
}

}  // namespace permward::bench
