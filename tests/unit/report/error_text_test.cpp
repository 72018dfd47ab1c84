// SPDX-License-Identifier: Apache-2.0
#include "report/error_text.hpp"

#include "support/catch.hpp"

#include <array>
#include <cerrno>
#include <set>

using namespace permward;

TEST_CASE("an error of a call names what was done, to what, and why it failed") {
  REQUIRE(error_text(system_error(EACCES, "open", "/etc/x")) ==
          "could not open /etc/x: Permission denied");
}

TEST_CASE("the subject of an error is escaped") {
  REQUIRE(error_text(system_error(ENOENT, "open", "/a\nb")) ==
          "could not open /a\\x0ab: No such file or directory");
}

TEST_CASE("an error without an errno is explained by its kind") {
  REQUIRE(error_text({ErrorKind::changed, "read", "/x"}) ==
          "could not read /x: it changed meanwhile");
  REQUIRE(error_text({ErrorKind::io, "start threads", ""}) == "could not start threads");
}

TEST_CASE("each kind of error has a name and a reason of its own") {
  std::set<std::string> names, texts;
  for (const ErrorKind kind :
       {ErrorKind::not_found, ErrorKind::denied, ErrorKind::unsupported, ErrorKind::insecure_path,
        ErrorKind::changed, ErrorKind::invalid, ErrorKind::io}) {
    names.emplace(name(kind));
    texts.insert(error_text({kind, "open", "/x"}));
  }
  REQUIRE(names.size() == 7);
  REQUIRE(texts.size() == 7);
}
