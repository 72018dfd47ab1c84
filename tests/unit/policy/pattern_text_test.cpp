// SPDX-License-Identifier: Apache-2.0
#include "policy/pattern_text.hpp"

#include "policy/glob_text.hpp"
#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace permward {
namespace {

using namespace std::string_view_literals;

std::string mistake(std::string_view text) {
  const auto pattern = parse_pattern(text);
  return pattern ? "none" : pattern.error().message;
}

bool matched(std::string_view glob, std::string_view path) {
  const auto pattern = parse_pattern(glob);
  REQUIRE(pattern);
  return matches(*pattern, path);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("a path without wildcards is its names") {
  const auto pattern = parse_pattern("/etc/ssh/sshd_config");
  REQUIRE(pattern);
  CHECK_FALSE(pattern->glob());
  CHECK(pattern->head == std::vector<std::string>{"etc", "ssh", "sshd_config"});
  CHECK(pattern->text == "/etc/ssh/sshd_config");
  CHECK(parse_pattern("/")->head.empty());
  CHECK_FALSE(parse_pattern("/")->glob());
}

TEST_CASE("a backslash makes the next character literal in paths too") {
  CHECK(parse_pattern("/a\\*b/c\\\\d")->head == std::vector<std::string>{"a*b", "c\\d"});
  CHECK(parse_pattern("/\\a")->head == std::vector<std::string>{"a"});
  CHECK(mistake("/a\\") == "a backslash with nothing behind it");
  CHECK(mistake("/a\\/b") == "a backslash with nothing behind it");
  CHECK(parse_pattern("/ab/c\\").error().offset == 5);
}

TEST_CASE("T77 paths that are not in their simplest form") {
  CHECK(mistake("") == "the path is empty");
  CHECK(mistake("a/b") == "the path 'a/b' is not absolute");
  CHECK(mistake("./a") == "the path './a' is not absolute");
  CHECK(mistake("~/f") == "the path '~/f' is not absolute");
  CHECK(parse_pattern("~/f").error().help.starts_with("write out the home directory"));
  CHECK(mistake("$HOME/f") == "the path '$HOME/f' is not absolute");
  CHECK(mistake("//") == "the path has an empty component");
  CHECK(mistake("/a//b") == "the path has an empty component");
  CHECK(parse_pattern("/a//b").error().offset == 3);
  CHECK(mistake("/a/") == "the path ends in '/'");
  CHECK(mistake("/*/") == "the path ends in '/'");
  for (const char* text :
       {"/.", "/..", "/a/./b", "/a/../b", "/a/\\.\\.", "/{.,a}", "/a/{b,..}/c"}) {
    INFO(text);
    CHECK(mistake(text) == "the path has a '.' or '..'");
  }
  CHECK(parse_pattern("/a/../b").error().offset == 3);
  CHECK(mistake("/a\0b"sv) == "the path has a NUL");
  CHECK(mistake("/...") == "none");
  CHECK(mistake("/.a/..b") == "none");
}

TEST_CASE("T77 names over 255 and paths over 4095 bytes") {
  CHECK(mistake("/" + std::string(255, 'x')) == "none");
  CHECK(mistake("/" + std::string(256, 'x')).ends_with("is longer than 255 bytes"));
  CHECK(mistake("/*" + std::string(256, '?')).ends_with("is longer than 255 bytes"));
  CHECK(mistake("/{a," + std::string(256, 'x') + "}").ends_with("is longer than 255 bytes"));
  CHECK(mistake(repeated("/" + std::string(254, 'x'), 16) + "/" + std::string(14, 'x')) == "none");
  CHECK(mistake(repeated("/" + std::string(254, 'x'), 16) + "/" + std::string(15, 'x')) ==
        "the path is longer than 4095 bytes");
  CHECK(mistake(repeated("/a", 2048)) == "the path is longer than 4095 bytes");
  CHECK(mistake(repeated("/a", 2047)) == "none");
  CHECK(mistake(repeated("/**/b", 2000)) == "the path is longer than 4095 bytes");
}

TEST_CASE("a pattern splits where its first wildcard stands") {
  const auto pattern = parse_pattern("/srv/*/conf/a?");
  REQUIRE(pattern);
  CHECK(pattern->head == std::vector<std::string>{"srv"});
  REQUIRE(pattern->tail.size() == 3);
  CHECK(pattern->tail[0].kind == Component::Kind::wild);
  CHECK(pattern->tail[1].kind == Component::Kind::literal);
  CHECK(pattern->tail[1].text == "conf");
  CHECK(pattern->tail[2].kind == Component::Kind::wild);
}

TEST_CASE("stars and question marks stay within a component and match leading dots") {
  CHECK(matched("/etc/*.conf", "/etc/a.conf"));
  CHECK(matched("/etc/*", "/etc/.hidden"));
  CHECK(matched("/etc/?a", "/etc/.a"));
  CHECK_FALSE(matched("/etc/*", "/etc/a/b"));
  CHECK_FALSE(matched("/etc/?", "/etc/é"));  // two bytes
  CHECK(matched("/etc/??", "/etc/é"));
}

TEST_CASE("two stars alone are any depth, elsewhere one star") {
  CHECK(matched("/etc/**/x", "/etc/x"));
  CHECK(matched("/etc/**/x", "/etc/a/b/x"));
  CHECK(matched("/cache/**", "/cache/a/b"));
  CHECK_FALSE(matched("/cache/**", "/cache"));
  CHECK(matched("/a**b", "/axxb"));
  CHECK_FALSE(matched("/a**b", "/ax/xb"));
  CHECK(matched("/***", "/a"));
  CHECK_FALSE(matched("/***", "/a/b"));
  CHECK(matched("/{**,x}", "/abc"));
  CHECK(parse_pattern("/a/**/**/**/b")->tail.size() == 2);
  CHECK(parse_pattern("/\\*\\*")->head == std::vector<std::string>{"**"});
}

TEST_CASE("brackets compare bytes") {
  CHECK(matched("/[a-c]", "/b"));
  CHECK_FALSE(matched("/[!a-c]", "/b"));
  CHECK(matched("/[!a-c]", "/d"));
  CHECK(matched("/[]a]", "/]"));
  CHECK(matched("/[!]a]", "/b"));
  CHECK_FALSE(matched("/[!]a]", "/]"));
  CHECK(matched("/[a-]", "/-"));
  CHECK(matched("/[-a]", "/-"));
  CHECK(matched("/[\\]x]", "/]"));
  CHECK(matched("/[a\\-c]", "/-"));
  CHECK_FALSE(matched("/[a\\-c]", "/b"));
  CHECK(matched("/[a-\\c]", "/b"));
  CHECK(matched("/[*?{]", "/{"));
  CHECK(matched("/[a^]", "/^"));
}

TEST_CASE("braces may nest, and be empty") {
  CHECK(matched("/{passwd,shadow}", "/shadow"));
  CHECK_FALSE(matched("/{passwd,shadow}", "/group"));
  CHECK(matched("/passwd{,-}", "/passwd"));
  CHECK(matched("/passwd{,-}", "/passwd-"));
  CHECK(matched("/a{b,c{d,e}f}g", "/acefg"));
  CHECK(matched("/{a}", "/a"));
  CHECK(matched("/a,b}c", "/a,b}c"));
  CHECK(parse_pattern("/a,b}c")->head.front() == "a,b}c");
  CHECK(matched("/{a\\,b,c}", "/a,b"));
  CHECK(matched("/{*.conf,*.d}", "/x.d"));
  CHECK(matched("/{a*,b}*c", "/axyc"));
}

TEST_CASE("globs that cannot be read") {
  CHECK(mistake("/[a") == "a bracket that is not closed");
  CHECK(mistake("/[]") == "a bracket that is not closed");
  CHECK(mistake("/[!]") == "a bracket that is not closed");
  CHECK(mistake("/[a\\") == "a bracket that is not closed");
  CHECK(mistake("/[a-\\") == "a bracket that is not closed");
  CHECK(mistake("/[a/b]") == "a bracket that is not closed");
  CHECK(parse_pattern("/[a/b]").error().help.ends_with("cannot stand in brackets or braces"));
  CHECK(mistake("/{a") == "braces that are not closed");
  CHECK(mistake("/{a,{b}") == "braces that are not closed");
  CHECK(parse_pattern("/x/{a,b/c}").error().offset == 3);
  CHECK(mistake("/[^a]") == "'^' is first in brackets");
  CHECK(mistake("/[[:alpha:]]") == "a class of characters in brackets");
  CHECK(mistake("/[z-a]") == "the range 'z-a' is empty");
  CHECK(mistake("/" + repeated("{", 17) + repeated("}", 17)) == "braces are nested too deeply");
  CHECK(matched("/" + repeated("{", 16) + "a" + repeated("}", 16), "/a"));
  CHECK(mistake("/" + repeated("{", 4000)) == "braces are nested too deeply");
}

TEST_CASE("a glob that explodes is refused before it is expanded") {
  CHECK(mistake("/" + repeated("{a,b}", 10)) == "none");
  CHECK(mistake("/" + repeated("{a,b}", 10) + "{,c}").starts_with("the glob stands for more"));
  CHECK(mistake(repeated("/{a,b}", 10)) == "none");
  CHECK(mistake(repeated("/{a,b}", 11)).starts_with("the glob stands for more"));
  CHECK(mistake("/" + repeated("{a,b}", 120)).starts_with("the glob stands for more"));
  CHECK(mistake("/{" + repeated("a,", 1024) + "}").starts_with("the glob stands for more"));
  CHECK(mistake("/{" + repeated("a,", 1023) + "}") == "none");
  CHECK(mistake("/" + repeated("{a,b,{c,{d,e}}}", 40)).starts_with("the glob stands for more"));
  CHECK(parse_pattern(repeated("/{a,b}", 11)).error().code == Code::glob_too_large);
}

TEST_CASE("a single path is no glob") {
  CHECK(*parse_path("/usr/sbin/nginx") == "/usr/sbin/nginx");
  CHECK(*parse_path("/") == "/");
  CHECK(*parse_path("/a\\*") == "/a*");
  CHECK(parse_path("/a*").error().message == "'/a*' is a glob, and one path is asked for");
  CHECK(parse_path("a").error().message == "the path 'a' is not absolute");
}

TEST_CASE("excludes are relative, or for base names") {
  CHECK(parse_exclude("*.dpkg-dist")->base_name);
  CHECK_FALSE(parse_exclude("cache/**")->base_name);
  CHECK(parse_exclude("cache/**")->tail.size() == 2);
  CHECK_FALSE(parse_exclude("**")->base_name);
  CHECK(parse_exclude("cache")->tail.front().kind == Component::Kind::literal);
  CHECK(
      parse_exclude("/cache").error().message.ends_with("excludes lie below the path of the rule"));
  CHECK(parse_exclude("cache/").error().message == "the path ends in '/'");
  CHECK(parse_exclude("../a").error().message == "the path has a '.' or '..'");
  CHECK(parse_exclude("[a/b").error().help.ends_with("cannot stand in brackets or braces"));
  CHECK_FALSE(parse_exclude(""));
  CHECK_FALSE(parse_exclude("a\0"sv));
}

TEST_CASE("a glob on names has no slash") {
  CHECK(matches(*parse_name_glob("cis-*"), "cis-7.1.5"));
  CHECK(matches(*parse_name_glob("**"), "anything"));
  CHECK(parse_name_glob("web1")->kind == Component::Kind::literal);
  CHECK(parse_name_glob("a/b").error().offset == 1);
  CHECK_FALSE(parse_name_glob(""));
  CHECK_FALSE(parse_name_glob("["));
}

TEST_CASE("the size of a pattern grows with its alternatives") {
  const std::size_t small = size_of(parse_pattern("/{a,b}")->tail);
  const std::size_t large = size_of(parse_pattern("/" + repeated("{a,b}", 10))->tail);
  CHECK(large > 100 * small / 2);
  CHECK(size_of(parse_pattern("/[a][b]")->tail) > size_of(parse_pattern("/a?")->tail) + 60);
  CHECK(size_of({}) == 0);
}

}  // namespace
}  // namespace permward
