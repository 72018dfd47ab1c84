// SPDX-License-Identifier: Apache-2.0
#include "report/explain_text.hpp"

#include "explaining.hpp"
#include "support/catch.hpp"

using namespace permward;
using namespace permward::test;

namespace {

std::string text_of(std::vector<Explanation> explanations, TextOptions options = {}) {
  Policy rules = policy();
  rules.rules[1].enforce = false;
  StringSink sink;
  write_explain_text(report_of(rules, std::move(explanations)), options, sink);
  return sink.text();
}

}  // namespace

TEST_CASE("an answer shows what is decided, then each rule and who decides in its place") {
  REQUIRE(text_of({explanation()}) ==
          "/etc/nginx/nginx.conf  file\n"
          "  Decided\n"
          "    owner     pass       root         nginx-tree (web.toml:19)\n"
          "    mode      violation  0666 → o-w   nginx-conf (web.toml:19), o:w   others may write\n"
          "  Rules, the strongest first\n"
          "    nginx-conf (web.toml:12)  critical  literal /etc/nginx/nginx.conf\n"
          "      mode      o-w            web.toml:14   decides o:w\n"
          "    nginx-tree (web.toml:30)  medium  recursion /etc/nginx  only reported (enforce = "
          "false)\n"
          "      owner     root           web.toml:33   decides\n"
          "      mode      at most 0644   web.toml:34   decides all bits but o:w; o:w decided by "
          "nginx-conf (web.toml:14)\n");
}

TEST_CASE("the verdict of an answer is its first line, and what names hide is escaped") {
  Explanation one = explanation();
  one.path = "/etc/\x1b[1m";
  one.resolved = "/real/x";
  TextOptions options;
  options.detail = TextOptions::Detail::verdict;
  REQUIRE(text_of({one, explanation()}, options) ==
          "/etc/\\x1b[1m (/real/x)  file\n/etc/nginx/nginx.conf  file\n");
}

TEST_CASE("a path that no rule speaks of is answered as such") {
  Explanation one;
  one.path = "/etc/ngin";
  one.nearest = "/etc/nginx";
  one.rules_below = true;
  one.stopped_at = {"/etc"};
  REQUIRE(text_of({one}) ==
          "/etc/ngin  absent\n"
          "  No rule speaks of it.\n"
          "  Rules speak of what lies below it.\n"
          "  The nearest path that a rule speaks of is /etc/nginx.\n"
          "  Recursions stop at the mount point /etc.\n");
}

TEST_CASE("what could not be seen is told apart from what is absent") {
  Explanation one;
  one.path = "/x";
  one.unseen = "could not open /x: Permission denied";
  one.as = Type::directory;
  one.not_in_force = {{0, MatchKind::glob, "/*", "it is disabled", {}}};
  one.not_in_force[0].clauses = {clause(Aspect::mode, "0640", 07777, 0, 14)};
  REQUIRE(text_of({one}) ==
          "/x  could not be verified: could not open /x: Permission denied\n"
          "  No rule that is in force speaks of it.\n"
          "  Without effect here\n"
          "    nginx-conf (web.toml:12)  critical  glob /*  it is disabled\n"
          "      mode      0640   web.toml:14\n");
}

TEST_CASE("rules of what is not there are told of an object of some type, and what ended a run") {
  Explanation one = explanation();
  one.type = Type::absent;
  one.decided.clear();
  const std::string text = text_of({one});
  REQUIRE(text.find("  Rules, the strongest first, as of an object of type file\n") !=
          std::string::npos);
  const Policy rules = policy();
  ExplainReport failed = report_of(rules, {});
  failed.run.error = Error{ErrorKind::io, "read", "/proc/self/mountinfo", 5};
  StringSink sink;
  write_explain_text(failed, {}, sink);
  REQUIRE(sink.text() ==
          "The run did not come to its end: could not read /proc/self/mountinfo: Input/output "
          "error.\n");
}

TEST_CASE("of a wrong type nothing else is compared, and the answer says so") {
  Explanation one = explanation();
  one.wrong_type = true;
  REQUIRE(text_of({one}).find("    The type is wrong: nothing else is compared.\n") !=
          std::string::npos);
  REQUIRE(text_of({explanation()}).find("The type is wrong") == std::string::npos);
}
