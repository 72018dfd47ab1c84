// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include "builders.hpp"
#include "support/catch.hpp"

using namespace permward;
using namespace permward::test;

namespace {

std::string text_of(const RunReport& report, TextOptions options = {}) {
  StringSink sink;
  write_text(report, options, sink);
  return sink.text();
}

}  // namespace

TEST_CASE("the text report of the manual") {
  const Policy rules = policy();
  const RunReport report = run(
      rules,
      {finding("/etc/nginx/nginx.conf", Aspect::mode, "0666", "at most 0640", "others may write"),
       finding("/etc/nginx/nginx.conf", Aspect::acl, "user:bob:rw-", "none", "extra user:bob:rw-")},
      48);
  REQUIRE(text_of(report) ==
          "/etc/nginx/nginx.conf  critical  nginx-conf (web.toml:12)\n"
          "  mode    0666 → at most 0640   others may write\n"
          "  acl     extra user:bob:rw-\n"
          "2 violations in 1 of 48 objects (2 rules). `permward apply --dry-run` shows the "
          "correction.\n");
}

TEST_CASE("the most severe objects come last, equals by path") {
  const Policy rules = policy();
  const RunReport report = run(rules,
                               {finding("/a", Aspect::owner, "bob", "root"),
                                finding("/b", Aspect::owner, "bob", "root", "", 1),
                                finding("/c", Aspect::owner, "bob", "root"),
                                finding("/d", Aspect::owner, "bob", "root", "", 1)},
                               4);
  REQUIRE(text_of(report) ==
          "/b  medium  nginx-tree (web.toml:30)\n"
          "  owner   bob → root\n"
          "/d  medium  nginx-tree (web.toml:30)\n"
          "  owner   bob → root\n"
          "/a  critical  nginx-conf (web.toml:12)\n"
          "  owner   bob → root\n"
          "/c  critical  nginx-conf (web.toml:12)\n"
          "  owner   bob → root\n"
          "4 violations in 4 of 4 objects (2 rules). `permward apply --dry-run` shows the "
          "correction.\n");
}

TEST_CASE("where several rules speak of an object each line shows its own") {
  const Policy rules = policy();
  const RunReport report =
      run(rules,
          {finding("/a", Aspect::owner, "bob", "root", "", 1),
           finding("/a", Aspect::mode, "0666", "at most 0640", "others may write")},
          2);
  REQUIRE(text_of(report) ==
          "/a  critical\n"
          "  owner   bob → root            medium  nginx-tree (web.toml:30)\n"
          "  mode    0666 → at most 0640   critical  nginx-conf (web.toml:12)   others may write\n"
          "2 violations in 1 of 2 objects (2 rules). `permward apply --dry-run` shows the "
          "correction.\n");
}

TEST_CASE("what could not be verified says so, and why") {
  const Policy rules = policy();
  const RunReport report =
      run(rules,
          {with_status(finding("/a", Aspect::owner, "bob", "alice", "there is no user 'alice'"),
                       Status::error),
           with_status(finding("/b", Aspect::path, "", "", "Permission denied"), Status::error)},
          2);
  REQUIRE(text_of(report) ==
          "/a  critical  nginx-conf (web.toml:12)\n"
          "  owner   could not be verified   there is no user 'alice'\n"
          "/b  critical  nginx-conf (web.toml:12)\n"
          "  path    could not be verified   Permission denied\n"
          "No violations in 2 objects (2 rules). 2 could not be verified.\n");
}

TEST_CASE("what is waived or passes stands before every severity and says so") {
  const Policy rules = policy();
  const RunReport report =
      run(rules,
          {finding("/a", Aspect::owner, "bob", "root", "", 1),
           with_status(finding("/b", Aspect::mode, "0666", "0640", "waived: appliance"),
                       Status::waived),
           with_status(finding("/c", Aspect::owner, "root", "root"), Status::pass),
           with_status(finding("/c", Aspect::mode, "0600", "at most 0640"), Status::pass)},
          3);
  REQUIRE(text_of(report) ==
          "/c  pass  nginx-conf (web.toml:12)\n"
          "  owner   root\n"
          "  mode    0600, as demanded: at most 0640\n"
          "/b  waived  nginx-conf (web.toml:12)\n"
          "  mode    0666 → 0640   waived: appliance\n"
          "/a  medium  nginx-tree (web.toml:30)\n"
          "  owner   bob → root\n"
          "1 violation in 1 of 3 objects (2 rules). 1 waived. `permward apply --dry-run` shows the "
          "correction.\n");
}

TEST_CASE("a path that leads elsewhere is shown with where it leads") {
  const Policy rules = policy();
  Finding su = finding("/bin/su", Aspect::mode, "0755", "4755");
  su.resolved = "/usr/bin/su";
  REQUIRE(text_of(run(rules, {su}, 1)).rfind("/bin/su (/usr/bin/su)  critical", 0) == 0);
}

TEST_CASE("of an apply each line says what became of it, and a plan what would") {
  const Policy rules = policy();
  std::vector<Finding> findings = {
      with_status(finding("/a", Aspect::owner, "bob", "root"), Status::corrected),
      with_status(finding("/a", Aspect::mode, "0666", "0640", "others may write"),
                  Status::corrected),
      with_status(finding("/b", Aspect::mode, "0666", "0640", "others may write"),
                  Status::refused)};
  findings.back().reason = "user \x1b bob may change what lies there";
  RunReport report = run(rules, findings, 2);
  report.plan = {{"/b", {"mode 0644", "owner root"}}};
  const std::string text = text_of(report);
  REQUIRE(text.find("/a  corrected  nginx-conf (web.toml:12)\n"
                    "  owner   bob → root    corrected\n"
                    "  mode    0666 → 0640   corrected (others may write)\n"
                    "/b  critical  nginx-conf (web.toml:12)\n"
                    "  mode    0666 → 0640   refused: user \\x1b bob may change what lies there\n"
                    "  plan    mode 0644, then owner root\n") == 0);
}

TEST_CASE("quiet is the verdict alone") {
  const Policy rules = policy();
  const RunReport report = run(rules, {finding("/a", Aspect::owner, "bob", "root")}, 1);
  REQUIRE(
      text_of(report, {Color::never, TextOptions::Detail::verdict}) ==
      "1 violation in 1 of 1 object (2 rules). `permward apply --dry-run` shows the correction.\n");
}

TEST_CASE("colour marks severity, expected and actual, and moves no column") {
  const Policy rules = policy();
  const RunReport report = run(rules,
                               {finding("/a", Aspect::owner, "bob", "root", "first"),
                                finding("/a", Aspect::mode, "0666", "at most 0640", "second")},
                               1);
  std::string text = text_of(report, {Color::always});
  REQUIRE(text.find("\x1b[1;31mcritical\x1b[0m") != std::string::npos);
  REQUIRE(text.find("\x1b[31m0666\x1b[0m → \x1b[32mat most 0640\x1b[0m") != std::string::npos);
  for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  REQUIRE(text == text_of(report));
}

TEST_CASE("T78 no name can forge a line of the text report") {
  const Policy rules = policy();
  std::vector<Finding> findings;
  for (const char* name :
       {"/n\nNo violations in 9 objects (1 rule).", "/\x1b[2J\x1b[H", "/\x1b]0;own\a",
        "/c1\xc2\x9b"
        "31m",
        "/raw\x9b"
        "31m",
        "/bidi\xe2\x80\xae", "/bad\xff\xfe", "/us\x1f", "/del\x7f", "/bs\\012", "/ lead",
        "/trail "}) {
    findings.push_back(finding(name, Aspect::owner, "bob", "root"));
  }
  const std::string text = text_of(run(rules, findings, 12));
  REQUIRE(std::count(text.begin(), text.end(), '\n') == 25);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    REQUIRE((byte >= 0x20 || c == '\n'));
    REQUIRE(byte != 0x7f);
  }
  REQUIRE(text.find("\xc2\x9b") == std::string::npos);
  REQUIRE(text.find("\xe2\x80\xae") == std::string::npos);
  REQUIRE(text.find("/trail\\x20  critical") != std::string::npos);
}
