// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

using Words = std::vector<std::string>;

Invocation read(const Words& arguments) {
  auto out = read_arguments(arguments);
  if (const auto* mistake = std::get_if<UsageError>(&out)) FAIL(mistake->message);
  return std::get<Invocation>(std::move(out));
}

UsageError mistake(const Words& arguments) {
  auto out = read_arguments(arguments);
  REQUIRE(std::holds_alternative<UsageError>(out));
  return std::get<UsageError>(std::move(out));
}

}  // namespace

TEST_CASE("options of every command stand before it and after it") {
  for (const Words& arguments :
       {Words{"-f", "json", "check", "/etc"}, Words{"check", "-f", "json", "/etc"},
        Words{"check", "/etc", "-f", "json"}, Words{"check", "/etc", "--format=json"},
        Words{"--format", "json", "check", "/etc"}, Words{"-fjson", "check", "/etc"}}) {
    const Invocation invocation = read(arguments);
    REQUIRE(invocation.command->name == "check");
    REQUIRE(invocation.options.main.format == Format::json);
    REQUIRE(invocation.words == Words{"/etc"});
  }
}

TEST_CASE("what may be repeated adds up over both sides, of the rest the last counts") {
  const Options options =
      read({"-p", "a.toml", "-f", "jsonl", "check", "-p", "b", "--policy=c", "-f", "json", "--tag",
            "x", "--tag", "y", "--report", "json:one", "--report", "text:/tmp/a:b"})
          .options;
  REQUIRE(options.policies == Words{"a.toml", "b", "c"});
  REQUIRE(options.tags == Words{"x", "y"});
  REQUIRE(options.main.format == Format::json);
  REQUIRE(options.reports.size() == 2);
  REQUIRE(options.reports[1].format == Format::text);
  REQUIRE(options.reports[1].file == "/tmp/a:b");
}

TEST_CASE("each option reaches its place") {
  const Options options = read({"check",
                                "--root",
                                "a",
                                "--root",
                                "b",
                                "-o",
                                "out",
                                "--rule",
                                "nginx-*",
                                "--severity",
                                "high",
                                "-j",
                                "7",
                                "--color",
                                "always",
                                "--offline",
                                "--allow-untrusted-policy",
                                "--all",
                                "-qv",
                                "--config",
                                "/dev/null",
                                "--config",
                                "c"})
                              .options;
  REQUIRE(options.root == "b");
  REQUIRE(options.config == "c");
  REQUIRE(options.main.file == "out");
  REQUIRE(options.rules.size() == 1);
  REQUIRE(matches(options.rules[0], "nginx-conf"));
  REQUIRE(options.severity == Severity::high);
  REQUIRE(options.jobs == 7U);
  REQUIRE(options.color == ColorWhen::always);
  REQUIRE(options.offline);
  REQUIRE(options.allow_untrusted_policy);
  REQUIRE(options.all);
  REQUIRE(options.quiet);
  REQUIRE(options.verbose);
}

TEST_CASE("without options everything is as the manual says") {
  const Options options = read({"check"}).options;
  REQUIRE(options.main.format == Format::text);
  REQUIRE(options.main.file == "-");
  REQUIRE(options.policies.empty());
  REQUIRE_FALSE(options.root);
  REQUIRE_FALSE(options.jobs);
  REQUIRE_FALSE(options.config);
  REQUIRE_FALSE(options.severity);
  REQUIRE(options.color == ColorWhen::automatic);
  REQUIRE_FALSE((options.all || options.offline || options.quiet || options.verbose ||
                 options.allow_untrusted_policy));
}

TEST_CASE("words are paths, whatever they look like") {
  REQUIRE(read({"check", "[a,b]", "++", "check", "version"}).words ==
          Words{"[a,b]", "++", "check", "version"});
  REQUIRE(read({"check", "--", "-f", "--", "--all"}).words == Words{"-f", "--", "--all"});
  REQUIRE(read({"check", "-"}).words == Words{"-"});
  REQUIRE(read({"--", "check", "x"}).words == Words{"x"});
  REQUIRE(read({"check", ""}).words == Words{""});
}

TEST_CASE("an option takes one value and leaves the paths alone") {
  const Invocation invocation = read({"check", "-p", "a", "/etc", "--tag", "t", "/usr"});
  REQUIRE(invocation.options.policies == Words{"a"});
  REQUIRE(invocation.words == Words{"/etc", "/usr"});
  REQUIRE(read({"check", "--rule", "[ab]"}).options.rules.size() == 1);
  REQUIRE(read({"check", "--tag", "[a,b]"}).options.tags == Words{"[a,b]"});
  REQUIRE(read({"check", "--tag", "a,b"}).options.tags == Words{"a,b"});
}

TEST_CASE("help and version stand anywhere and win over mistakes") {
  for (const Words& arguments : {Words{"--help"}, Words{"-h"}, Words{"-f", "json", "-h"}}) {
    REQUIRE(read(arguments).command->name == "help");
    REQUIRE(read(arguments).words.empty());
  }
  for (const Words& arguments : {Words{"check", "--help"}, Words{"-h", "check"},
                                 Words{"check", "/etc", "-h"}, Words{"check", "-h", "--nope"}}) {
    REQUIRE(read(arguments).command->name == "help");
    REQUIRE(read(arguments).words == Words{"check"});
  }
  REQUIRE(read({"--version"}).command->name == "version");
  REQUIRE(read({"check", "--version"}).command->name == "version");
  REQUIRE(mistake({"--help", "chek"}).message == "there is no command 'chek'");
}

TEST_CASE("mistakes name what is wrong and what is near") {
  const struct {
    Words arguments;
    std::string message, hint;
  } cases[] = {
      {{}, "a command is missing", "`permward help` lists the commands"},
      {{"-q"}, "a command is missing", "`permward help` lists the commands"},
      {{"check", "--formt", "json"}, "unknown option '--formt'", "did you mean '--format'?"},
      {{"check", "--formt=json"}, "unknown option '--formt=json'", "did you mean '--format'?"},
      {{"check", "-x"}, "unknown option '-x'", ""},
      {{"--all", "check"}, "unknown option '--all'", ""},
      {{"version", "--all"}, "unknown option '--all'", ""},
      {{"check", "--nothing\n"}, "unknown option '--nothing\\x0a'", ""},
      {{"check", "--root", ""}, "the name of the root is empty", ""},
      {{"--state-dir", "", "check"}, "the name of the state directory is empty", ""},
      {{"apply", "--max-changes", "some"}, "'some' is no number of objects", "0 or more"},
      {{"apply", "--max-changes=-1"}, "'-1' is no number of objects", "0 or more"},
      {{"check", "--config", ""}, "the name of the settings file is empty", ""},
      {{"apply", "--trust-ctime"}, "unknown option '--trust-ctime'", ""},
      {{"version", "x"}, "'x' is one word too many", "`permward help version` shows what it takes"},
      {{"help", "check", "check"},
       "'check' is one word too many",
       "`permward help help` shows what it takes"},
      {{"access", "-n"},
       "the command 'access' is not in this version",
       "`permward help` lists the commands that are"},
  };
  for (const auto& [arguments, message, hint] : cases) {
    const UsageError error = mistake(arguments);
    REQUIRE(error.message == message);
    REQUIRE(error.hint == hint);
  }
}

TEST_CASE("an option without its value, and a flag with one, are mistakes") {
  REQUIRE(mistake({"check", "-p"}).message == "the option '-p' needs a value: FILE|DIR");
  REQUIRE(mistake({"--jobs"}).message == "the option '--jobs' needs a value: N");
  REQUIRE_FALSE(mistake({"check", "-qj"}).message.empty());
  REQUIRE(mistake({"check", "--quiet=yes"}).message.find("quiet") != std::string::npos);
}
