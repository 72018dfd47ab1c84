// SPDX-License-Identifier: Apache-2.0
#include "cli/paths.hpp"

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

}  // namespace permward
