// SPDX-License-Identifier: Apache-2.0
#include "bench/policy_file.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace permward::bench {
namespace {

constexpr std::size_t names = 16;  // of subdirectories, as `Tree` makes them

constexpr std::string_view modes =
    "files = { mode = { at_most = \"0644\" } }\ndirectories = { mode = { at_most = \"0755\" } }\n";

std::string path_line(const std::string& path) { return "path = \"" + path + "\"\n"; }

std::string tree_rule(const Tree& tree, Reads reads) {
  std::string out = path_line(tree.root()) + "recurse = true\nancestors = \"ignore\"\n" + own_ids();
  if (reads == Reads::status_and_acl) out += "acl = []\nattributes = { clear = [\"immutable\"] }\n";
  return out.append(modes);
}

std::string directory(std::size_t number) { return "directory-" + std::to_string(number); }

// No two alike below 1000: four kinds, and of each as many as there are pairs of a name and a name.
std::string glob(std::size_t number) {
  const std::string name = directory(number / 4 % names);
  const std::size_t other = number / 4 / names;
  switch (number % 4) {
    case 0:
      return "/**/" + name + "/file-" + std::to_string(other) + "*.conf";
    case 1:
      return "/" + name + "/*/" + directory(other) + "/file-?.conf";
    case 2:
      return "/" + name + "/**/?ile-" + std::to_string(other) + ".conf";
    default:
      return "/**/*y-" + std::to_string(number / 4 % names) + "/*-" + std::to_string(other) + ".c*";
  }
}

std::string subtree(std::size_t number) {
  const std::string top = "/" + directory(number % names);
  return number < names ? top : top + '/' + directory(number / names - 1);
}

}  // namespace

PolicyFile::PolicyFile(std::string name) : name_(std::move(name)), out_(name_) {
  out_ << "schema = 1\n";
}

void PolicyFile::add(std::string_view keys) {
  out_ << "\n[[rule]]\nid = \"" << std::filesystem::path(name_).stem().string() << '-' << rules_++
       << "\"\n"
       << keys;
}

std::string PolicyFile::finish() {
  if (!out_.flush()) throw std::runtime_error("cannot write " + name_);
  return name_;
}

std::string own_ids() {
  return "owner = " + std::to_string(geteuid()) + "\ngroup = " + std::to_string(getegid()) + '\n';
}

std::string write_tree_policy(const Tree& tree, Reads reads) {
  PolicyFile out(tree.base() + (reads == Reads::status ? "/status.toml" : "/all.toml"));
  out.add(tree_rule(tree, reads));
  return out.finish();
}

std::string write_rules_policy(const Tree& tree, const Amounts& amounts) {
  PolicyFile out(tree.base() + "/rules.toml");
  out.add(tree_rule(tree, Reads::status_and_acl));
  for (std::size_t i = 0; i < amounts.trees; ++i) {
    out.add(path_line(tree.root() + subtree(i)) +
            "recurse = true\npresence = \"optional\"\nancestors = \"ignore\"\nmode = \"go-w\"\n");
  }
  for (std::size_t i = 0; i < amounts.globs; ++i) {
    out.add(path_line(tree.root() + glob(i)) + "type = \"file\"\n" + own_ids() +
            "mode = { at_most = \"0644\" }\nacl = []\n");
  }
  const std::size_t literals = std::min(amounts.literals, tree.files());
  for (std::size_t i = 0; i < literals; ++i) {
    out.add(path_line(tree.file(i * tree.files() / literals)) + "ancestors = \"ignore\"\n" +
            own_ids() + "mode = \"0644\"\n");
  }
  return out.finish();
}

}  // namespace permward::bench
