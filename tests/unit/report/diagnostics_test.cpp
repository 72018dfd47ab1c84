// SPDX-License-Identifier: Apache-2.0
#include "report/diagnostics.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

Diagnostic unknown_key() {
  Diagnostic out;
  out.code = "E0104";
  out.message = "unknown key `onwer`";
  out.help = "did you mean `owner`?";
  out.file = "web.toml";
  out.line = 12;
  out.column = 3;
  out.source_line = "  onwer = \"root\"";
  return out;
}

std::string on_terminal(const Diagnostic& diagnostic, Color color = Color::never) {
  StringSink sink;
  write_diagnostics_for_terminal({diagnostic}, color, sink);
  return sink.text();
}

std::string gnu(const Diagnostic& diagnostic) {
  StringSink sink;
  write_diagnostics_gnu({diagnostic}, sink);
  return sink.text();
}

}  // namespace

TEST_CASE("on a terminal a mistake has its line, a caret and the help") {
  REQUIRE(on_terminal(unknown_key()) ==
          "error[E0104]: unknown key `onwer`\n"
          "  --> web.toml:12:3\n"
          "   |\n"
          "12 |   onwer = \"root\"\n"
          "   |   ^\n"
          "   = help: did you mean `owner`?\n"
          "\n");
}

TEST_CASE("the caret stands below its column after tabs, escapes and wide characters") {
  Diagnostic diagnostic = unknown_key();
  diagnostic.source_line = "\tä\x1b = x";
  diagnostic.column = 7;
  const std::string text = on_terminal(diagnostic);
  REQUIRE(text.find("12 |     ä\\x1b = x\n"
                    "   |             ^\n") == std::string::npos);
  REQUIRE(text.find("12 |     ä\\x1b = x\n"
                    "   |            ^\n") != std::string::npos);
}

TEST_CASE("a column inside a character, or beyond the line, does no harm") {
  Diagnostic diagnostic = unknown_key();
  diagnostic.source_line = "ä";
  diagnostic.column = 2;
  REQUIRE(on_terminal(diagnostic).find("12 | ä\n   | ^\n") != std::string::npos);
  diagnostic.column = 4000;
  REQUIRE(on_terminal(diagnostic).find("12 | ä\n   | ") != std::string::npos);
  diagnostic.source_line = "\x80\x80\x80\x80\x80\x80";
  diagnostic.column = 6;
  REQUIRE(on_terminal(diagnostic).find("\\x80\n") != std::string::npos);
}

TEST_CASE("a long line is cut around the column") {
  Diagnostic diagnostic = unknown_key();
  diagnostic.source_line = std::string(1000, 'a') + "X" + std::string(1000, 'b');
  diagnostic.column = 1001;
  const std::string text = on_terminal(diagnostic);
  REQUIRE(text.size() < 600);
  REQUIRE(text.find("12 | …aaa") != std::string::npos);
  REQUIRE(text.find("aXb") != std::string::npos);
  REQUIRE(text.find("bbb…\n") != std::string::npos);
}

TEST_CASE("a mistake of a whole file, or of none, has no line to show") {
  Diagnostic diagnostic = unknown_key();
  diagnostic.line = 0;
  diagnostic.source_line.clear();
  REQUIRE(on_terminal(diagnostic) ==
          "error[E0104]: unknown key `onwer`\n"
          " --> web.toml\n"
          "  = help: did you mean `owner`?\n"
          "\n");
  diagnostic.file.clear();
  diagnostic.help.clear();
  REQUIRE(on_terminal(diagnostic) == "error[E0104]: unknown key `onwer`\n\n");
}

TEST_CASE("elsewhere a mistake is a line in GNU form and the help another") {
  Diagnostic diagnostic = unknown_key();
  REQUIRE(gnu(diagnostic) ==
          "web.toml:12:3: error: unknown key `onwer` [E0104]\n"
          "web.toml:12:3: note: did you mean `owner`?\n");
  diagnostic.severity = Diagnostic::Severity::warning;
  diagnostic.column = 0;
  diagnostic.help.clear();
  REQUIRE(gnu(diagnostic) == "web.toml:12: warning: unknown key `onwer` [E0104]\n");
  diagnostic.line = 0;
  diagnostic.code.clear();
  REQUIRE(gnu(diagnostic) == "web.toml: warning: unknown key `onwer`\n");
  diagnostic.file.clear();
  REQUIRE(gnu(diagnostic) == "permward: warning: unknown key `onwer`\n");
}

TEST_CASE("what a policy's author wrote cannot forge a line or reach the terminal") {
  Diagnostic diagnostic = unknown_key();
  diagnostic.file = "a\nb.toml";
  diagnostic.message = "unknown key `\x1b[2J\n`";
  diagnostic.help = "\r";
  diagnostic.source_line = "\x1b]0;own\a = 1";
  for (const std::string& text : {on_terminal(diagnostic), gnu(diagnostic)}) {
    REQUIRE(text.find('\x1b') == std::string::npos);
    REQUIRE(text.find('\r') == std::string::npos);
    REQUIRE(text.find('\a') == std::string::npos);
    REQUIRE(text.find("a\\x0ab.toml") != std::string::npos);
  }
}

TEST_CASE("colour on a terminal says error or warning") {
  Diagnostic diagnostic = unknown_key();
  REQUIRE(on_terminal(diagnostic, Color::always).rfind("\x1b[1;31merror[E0104]\x1b[0m", 0) == 0);
  diagnostic.severity = Diagnostic::Severity::warning;
  REQUIRE(on_terminal(diagnostic, Color::always).rfind("\x1b[33mwarning[E0104]\x1b[0m", 0) == 0);
}
