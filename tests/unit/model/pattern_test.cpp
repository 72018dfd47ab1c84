// SPDX-License-Identifier: Apache-2.0
#include "model/pattern.hpp"

#include "support/catch.hpp"
#include "support/patterns.hpp"

#include <string>
#include <string_view>

namespace permward {
namespace {

using test::component;
using test::components;
using test::pattern;

struct Row {
  std::string_view glob;
  std::string_view name;
  bool matches;
};

TEST_CASE("a wildcard stands for bytes within one name") {
  const Row table[] = {
      {"*", "", true},
      {"*", "x", true},
      {"*", ".hidden", true},
      {"?", "x", true},
      {"?", "", false},
      {"?", "xy", false},
      {"?", "\xc3\xbc", false},  // one byte, not one character
      {"??", "\xc3\xbc", true},
      {"*.conf", "a.conf", true},
      {"*.conf", ".conf", true},
      {"*.conf", "a.confx", false},
      {"a*b*c", "abc", true},
      {"a*b*c", "a-b-b-c", true},
      {"a*b*c", "acb", false},
      {"*a*a*a*", "aa", false},
      {"*a*a*a*", "banana", true},
      {"a*?c", "abc", true},
      {"a*?c", "ac", false},
      {"[abc]x", "bx", true},
      {"[abc]x", "dx", false},
      {"[!abc]x", "dx", true},
      {"[!abc]x", "ax", false},
      {"[!abc]x", "\xffx", true},
      {"{one,two}", "two", true},
      {"{one,two}", "three", false},
      {"{a*,b}.conf", "ax.conf", true},
      {"{a*,b}.conf", "bx.conf", false},
      {"{,x}y", "y", true},
      {"a**b", "aXb", true},
      {"\\*", "*", true},
      {"\\*", "x", false},
      {"lit", "lit", true},
      {"lit", "lit ", false},
      {"lit", "Lit", false},
  };
  for (const auto& [glob, name, wanted] : table) {
    INFO(glob << " against '" << name << "'");
    REQUIRE(matches(component(glob), name) == wanted);
  }
}

TEST_CASE("two stars as a component stand for no single name") {
  REQUIRE_FALSE(matches(component("**"), "x"));
  REQUIRE_FALSE(matches(component("**"), ""));
}

TEST_CASE("a hostile name costs no more than its length allows") {
  const Component glob = component("*a??????????b*a??????????b*c");
  const std::string name(255, 'a');
  for (int i = 0; i < 2000; ++i) REQUIRE_FALSE(matches(glob, name));
}

TEST_CASE("a whole path is matched component by component") {
  const Row table[] = {
      {"/etc/*.conf", "/etc/a.conf", true},
      {"/etc/*.conf", "/etc/d/a.conf", false},
      {"/etc/*.conf", "/etc", false},
      {"/etc/*/x", "/etc/a/x", true},
      {"/etc/*/x", "/etc/x", false},
      {"/etc/**/x", "/etc/x", true},
      {"/etc/**/x", "/etc/a/x", true},
      {"/etc/**/x", "/etc/a/b/c/x", true},
      {"/etc/**/x", "/etc/a/x/y", false},
      {"/etc/**/x", "/etc", false},
      {"/etc/**/x/**", "/etc/x", false},
      {"/etc/**/x/**", "/etc/x/y", true},
      {"/etc/**/x/**", "/etc/a/x/y/z", true},
      {"/etc/**/x/**/y", "/etc/x/y", true},
      {"/etc/**/x/**/y", "/etc/x/x/a/y", true},
      {"/etc/**/x/**/y", "/etc/y/x", false},
      {"/etc/**/a/b", "/etc/a/a/b", true},
      {"/etc/**/a/b", "/etc/a/c/a/b", true},
      {"/etc/**", "/etc", false},
      {"/etc/**", "/etc/a", true},
      {"/etc/**", "/etc/a/b/c", true},
      {"/etc/**", "/etcetera", false},
      {"/**", "/", false},
      {"/**", "/a", true},
      {"/**/x", "/x", true},
      {"/**/x", "/a/b/x", true},
      {"/*", "/", false},
      {"/*", "/a", true},
      {"/*", "/a/b", false},
      {"/", "/", true},
      {"/", "/a", false},
      {"/etc/passwd", "/etc/passwd", true},
      {"/etc/passwd", "/etc/passwd/x", false},
      {"/etc/passwd", "/etc", false},
      {"/usr/*/share/**/doc", "/usr/local/share/doc", true},
      {"/usr/*/share/**/doc", "/usr/share/doc", false},
  };
  for (const auto& [glob, path, wanted] : table) {
    INFO(glob << " against " << path);
    REQUIRE(matches(pattern(glob), path) == wanted);
  }
}

TEST_CASE("a tail is matched from where it begins") {
  const Row table[] = {
      {"cache/**", "cache", false},  // everything below, not the thing itself
      {"cache/**", "cache/a", true},
      {"cache/**", "cache/a/b", true},
      {"cache/**", "x/cache/a", false},
      {"**/cache", "cache", true},
      {"**/cache", "a/b/cache", true},
      {"**", "", false},
      {"**", "a", true},
      {"a/b", "a/b", true},
      {"a/b", "a", false},
      {"a/*", "a/.b", true},
  };
  for (const auto& [glob, path, wanted] : table) {
    INFO(glob << " against " << path);
    REQUIRE(matches(components(glob), path) == wanted);
  }
}

TEST_CASE("a head is the path before the first wildcard") {
  REQUIRE(head_path(pattern("/etc/ssl/*.pem")) == "/etc/ssl");
  REQUIRE(head_path(pattern("/etc/passwd")) == "/etc/passwd");
  REQUIRE(head_path(pattern("/**")) == "/");
  REQUIRE(head_path(pattern("/")) == "/");
  REQUIRE(pattern("/etc/*").glob());
  REQUIRE_FALSE(pattern("/etc/\\*").glob());
  REQUIRE_FALSE(pattern("/").glob());
}

}  // namespace
}  // namespace permward
