// SPDX-License-Identifier: Apache-2.0
#include "cli/paths.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <unistd.h>

namespace permward {
namespace {

void append_component(std::string& out, std::string_view name) {
  if (name.empty() || name == ".") return;
  if (name != "..") {
    out.append("/").append(name);
  } else if (!out.empty()) {
    out.resize(out.rfind('/'));
  }
}

void append_components(std::string& out, std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    append_component(out, path.substr(0, slash));
    if (slash == path.npos) return;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string absolute_path(std::string_view path, std::string_view directory) {
  std::string out;
  if (!path.starts_with('/')) append_components(out, directory);
  append_components(out, path);
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

Result<std::vector<std::string>> absolute_paths(const std::vector<std::string>& words) {
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  const auto relative = [](const std::string& word) { return !word.starts_with('/'); };
  if (!here && std::any_of(words.begin(), words.end(), relative)) {
    return system_error(errno, "find", "the working directory");
  }
  std::vector<std::string> out;
  for (const std::string& word : words) out.push_back(absolute_path(word, here ? here.get() : "/"));
  return out;
}

}  // namespace permward
