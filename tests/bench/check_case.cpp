// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/floor.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace permward::bench {
namespace {

// One recursive rule that everything in the tree keeps.
std::string write_policy(const Tree& tree, Reads reads) {
  const bool acl = reads == Reads::status_and_acl;
  const std::string name = tree.base() + (acl ? "/acl.toml" : "/status.toml");
  std::ofstream out(name);
  out << "schema = 1\n\n[[rule]]\nid = \"bench\"\npath = \"" << tree.root() << "\"\n"
      << "recurse = true\nancestors = \"ignore\"\n"
      << "owner = " << geteuid() << "\ngroup = " << getegid() << '\n'
      << (acl ? "acl = []\n" : "") << "files = { mode = { at_most = \"0644\" } }\n"
      << "directories = { mode = { at_most = \"0755\" } }\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + name);
  return name;
}

Comparison compare(const Options& options, const Tree& tree, Reads reads, unsigned threads) {
  const std::string log = tree.base() + "/log";
  const std::string jobs = std::to_string(threads);
  const bool acl = reads == Reads::status_and_acl;
  const std::vector<std::string> floor = {"/proc/self/exe", "floor", tree.root(), jobs,
                                          acl ? "acl" : "status"};
  const std::vector<std::string> check = {
      options.permward, "check", "--policy", write_policy(tree, reads), "--jobs", jobs, "--quiet"};
  Comparison out{
      std::string("check: ") + (acl ? "status and ACL" : "status") + ", threads: " + jobs,
      {{"reading alone", [=] { return run(floor, log); }},
       {"permward check", [=] { return run(check, log); }}}};
  take_turns(out, options.rounds);
  return out;
}

}  // namespace

void compare_checks(const Options& options, const Tree& tree, const Show& show) {
  for (const Reads reads : {Reads::status, Reads::status_and_acl}) {
    show(compare(options, tree, reads, 1));
    if (options.jobs > 1) show(compare(options, tree, reads, options.jobs));
  }
}

}  // namespace permward::bench
