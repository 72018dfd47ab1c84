// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/run.hpp"
#include "policy/load.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <glob.h>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace permward::bench {
namespace {

// What a policy speaks of and what is there: each path once.
struct Spoken {
  std::set<std::string> trees;    // of which all is looked at; none lies below another
  std::set<std::string> objects;  // by themselves
};

Policy load_policy(const std::string& file) {
  std::ifstream in(file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) throw std::runtime_error("cannot read " + file);
  const SourceFile source{file, std::move(text)};
  return load({&source, 1}).policy;
}

// What is there of a path or glob as a policy writes it. For glob(3), which knows no `**`, that is
// a `*`.
std::vector<std::string> found(const std::string& pattern) {
  glob_t result{};
  const int error = glob(pattern.c_str(), GLOB_BRACE | GLOB_PERIOD, nullptr, &result);
  std::vector<std::string> out;
  if (error == 0) out.assign(result.gl_pathv, result.gl_pathv + result.gl_pathc);
  globfree(&result);
  std::erase_if(
      out, [](const std::string& path) { return path.ends_with("/.") || path.ends_with("/.."); });
  return out;
}

bool lies_below_one(const std::set<std::string>& trees, std::filesystem::path path) {
  while (path != path.root_path()) {
    path = path.parent_path();
    if (trees.contains(path)) return true;
  }
  return false;
}

Spoken spoken_of(const Policy& policy) {
  Spoken out;
  for (const Rule& rule : policy.rules) {
    std::set<std::string>& paths = rule.recurse == not_recursive ? out.objects : out.trees;
    for (const RulePath& path : rule.paths) {
      const std::vector<std::string> there = found(path.pattern.text);
      paths.insert(there.begin(), there.end());
    }
  }
  const std::set<std::string> trees = out.trees;
  std::erase_if(out.trees, [&](const std::string& path) { return lies_below_one(trees, path); });
  std::erase_if(out.objects, [&](const std::string& path) {
    return trees.contains(path) || lies_below_one(trees, path);
  });
  return out;
}

Command list(const char* options, const std::set<std::string>& paths) {
  // 1 and 2: not all could be listed, as where the caller is not root.
  Command out{.words = {"ls", options, "--"}, .statuses = {0, 1, 2}, .output = "/dev/null"};
  out.words.insert(out.words.end(), paths.begin(), paths.end());
  return out;
}

}  // namespace

void compare_debian_base(const Options& options, const Tree& tree, const Show& show) {
  const Spoken spoken = spoken_of(load_policy(options.policy));
  const Command trees = list("-lR", spoken.trees);
  const Command objects = list("-ld", spoken.objects);
  // The machine need not be in policy.
  const Command check = {.words = {options.permward, "check", "--policy", options.policy},
                         .statuses = {0, 2},
                         .output = "/dev/null"};
  const std::string log = tree.log();
  Comparison out{"debian-base: this machine",
                 {{"ls -lR; ls -ld", [=] { return together(run(trees, log), run(objects, log)); },
                   "coreutils"},
                  {"permward check", [=] { return run(check, log); }}}};
  take_turns(out, options.rounds);
  show(out);
}

}  // namespace permward::bench
