// SPDX-License-Identifier: Apache-2.0
#include "engine/judge.hpp"

#include "support/catch.hpp"

#include <cerrno>
#include <string>
#include <vector>

using namespace permward;

namespace {

Target target(std::vector<std::string> head, std::string shown) {
  Target out;
  out.head = std::move(head);
  out.shown = std::move(shown);
  return out;
}

}  // namespace

TEST_CASE("a path is shown in the policy's words as far as these go") {
  struct {
    std::vector<std::string> head;
    const char* shown;
    const char* real;
    const char* expected;
  } const cases[] = {
      {{"etc", "x"}, "/etc/x", "/etc/x", "/etc/x"},
      {{"usr", "bin"}, "/bin", "/usr/bin", "/bin"},
      {{"usr", "bin"}, "/bin", "/usr/bin/su", "/bin/su"},
      {{"usr", "bin"}, "/bin", "/usr/bin/deep/er", "/bin/deep/er"},
      {{"bin"}, "/usr/local/bin", "/bin/x", "/usr/local/bin/x"},
      // A link to the root, and the root itself.
      {{}, "/link", "/", "/link"},
      {{}, "/link", "/etc/x", "/link/etc/x"},
      {{}, "/", "/", "/"},
      {{}, "/", "/etc", "/etc"},
      {{"r"}, "/", "/r", "/"},
      {{"r"}, "/", "/r/etc", "/etc"},
      // Nothing below the head: as it is.
      {{"etc", "x"}, "/etc/x", "/etc", "/etc"},
  };
  for (const auto& one : cases) {
    INFO(one.shown << " at " << one.real);
    REQUIRE(shown_path(target(one.head, one.shown), one.real) == one.expected);
  }
}

TEST_CASE("an error as a message says what could not be done, to what, and why") {
  REQUIRE(message_of({ErrorKind::denied, "look at", "/etc/x", EACCES}) ==
          "could not look at /etc/x: Permission denied");
  REQUIRE(message_of({ErrorKind::insecure_path, "follow a link that is not root's", "/home/d",
                      0}) == "refused to follow a link that is not root's /home/d");
  REQUIRE(message_of({ErrorKind::changed, "find again", "/a", 0}) ==
          "could not find again /a: it has been replaced");
  REQUIRE(message_of({ErrorKind::io, "list its entries", "", EIO}) ==
          "could not list its entries: Input/output error");
}

TEST_CASE("names in a message are fit for a terminal - T78") {
  const std::string message = message_of({ErrorKind::io, "look at", "/a\n\x1b[2J\xff", EIO});
  for (const char byte : message) REQUIRE((byte >= 0x20 && byte < 0x7f));
}
