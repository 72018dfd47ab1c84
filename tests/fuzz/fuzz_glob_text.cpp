// SPDX-License-Identifier: Apache-2.0
// Paths and globs: what is read is bounded, and is the simplest form of what it stands for.
#include "policy/glob_text.hpp"
#include "policy/pattern_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace permward;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t alternatives_of(const std::vector<Component>& components) {
  std::size_t product = 1;
  for (const Component& component : components) {
    require(component.kind != Component::Kind::wild || !component.alternatives.empty());
    if (!component.alternatives.empty()) product *= component.alternatives.size();
    for (const auto& tokens : component.alternatives) {
      for (const GlobToken& token : tokens) {
        if (token.kind == GlobToken::Kind::set) require(token.set < component.sets.size());
      }
    }
  }
  return product;
}

template <class T>
void check_error(const Parsed<T>& parsed, std::string_view text) {
  if (parsed) return;
  require(parsed.error().offset <= text.size());
  require(!parsed.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pattern = parse_pattern(text);
  check_error(pattern, text);
  if (pattern) {
    require(alternatives_of(pattern->tail) <= most_alternatives);
    for (const std::string& name : pattern->head) {
      require(!name.empty() && name != "." && name != ".." && name.size() <= longest_name);
    }
    require(matches(*pattern, head_path(*pattern)) || pattern->glob());
    (void)matches(*pattern, "/etc/a.conf");
  }
  check_error(parse_path(text), text);
  const auto exclude = parse_exclude(text);
  check_error(exclude, text);
  if (exclude) {
    require(alternatives_of(exclude->tail) <= most_alternatives);
    require(!exclude->base_name || exclude->tail.size() == 1);
  }
  check_error(parse_name_glob(text), text);
  return 0;
}
