// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "support/catch.hpp"

#include <sstream>

using namespace permward;

TEST_CASE("help lists the commands of this version, and no others") {
  const std::string text = help_text();
  for (const Command& command : commands()) {
    const bool listed = text.find("\n  " + std::string(command.name) + " ") != std::string::npos;
    REQUIRE(listed == (command.run != nullptr));
  }
}

TEST_CASE("help of a command has its own options and those of every command") {
  const std::string text = help_text(*find_command("check"));
  REQUIRE(text.find("Usage: permward [OPTIONS] check [OPTIONS] [PATH...]\n") != std::string::npos);
  REQUIRE(text.find("      --all ") != std::string::npos);
  REQUIRE(text.find("  -f, --format FMT ") != std::string::npos);
  REQUIRE(help_text().find("--all ") == std::string::npos);
}

TEST_CASE("examples stand at the end of a command's help") {
  const Command& explain = *find_command("explain");
  REQUIRE(help_text(explain).ends_with("\nExamples:\n" + std::string(explain.examples)));
  REQUIRE(help_text(*find_command("version")).find("Examples") == std::string::npos);
}

TEST_CASE("what is not in this version is not in the help") {
  for (const char* command : {"watch", "unlock", "learn"}) {
    INFO(command);
    REQUIRE(find_command(command) != nullptr);
    REQUIRE(help_text().find(std::string("  ") + command + ' ') == std::string::npos);
  }
}

TEST_CASE("no line of help is wider than a terminal is used to be") {
  for (const std::string& text :
       {help_text(), help_text(*find_command("check")), help_text(*find_command("validate")),
        help_text(*find_command("explain")), help_text(*find_command("log"))}) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) REQUIRE(line.size() <= 100);
  }
}
