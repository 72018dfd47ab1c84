// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include "support/catch.hpp"

#include <set>

using namespace permward;

TEST_CASE("the table has every command of the manual once") {
  std::set<std::string_view> names;
  for (const Command& command : commands()) names.insert(command.name);
  REQUIRE(names == std::set<std::string_view>{"check", "apply", "validate", "explain", "snapshot",
                                              "restore", "undo", "log", "watch", "unlock", "access",
                                              "learn", "import", "export", "diff", "show-config",
                                              "version", "help"});
  REQUIRE(names.size() == commands().size());
}

TEST_CASE("a command that can be run has a line of help") {
  for (const Command& command : commands()) {
    if (command.run == nullptr) continue;
    REQUIRE_FALSE(command.help.empty());
    REQUIRE(find_command(command.name) == &command);
  }
  REQUIRE(find_command("nothing") == nullptr);
}

TEST_CASE("verbs that people guess are answered by the command that does it") {
  const struct {
    std::string word, hint;
  } cases[] = {
      {"verify", "`permward check` does that"},
      {"audit", "`permward check` does that"},
      {"scan", "`permward check` does that"},
      {"status", "`permward check` does that"},
      {"test", "`permward check` does that"},
      {"enforce", "`permward apply` does that"},
      {"fix", "`permward apply` does that"},
      {"set", "`permward apply` does that"},
      {"remediate", "`permward apply` does that"},
      {"plan", "`permward apply --dry-run` does that"},
      {"lint", "`permward validate` does that"},
      {"backup", "`permward snapshot create` does that"},
      {"rollback", "`permward undo` or `permward restore` does that"},
      {"revert", "`permward undo` or `permward restore` does that"},
      {"generate", "`permward learn` does that, but not in this version"},
      {"init", "`permward learn` does that, but not in this version"},
  };
  for (const auto& [word, hint] : cases) {
    REQUIRE(find_command(word) == nullptr);
    REQUIRE(unknown_command(word).message == "there is no command '" + word + "'");
    REQUIRE(unknown_command(word).hint == hint);
  }
}

TEST_CASE("a word that is nearly a command suggests it, any other the list") {
  REQUIRE(unknown_command("chekc").hint == "did you mean `permward check`?");
  REQUIRE(unknown_command("/etc\n").message == "there is no command '/etc\\x0a'");
  REQUIRE(unknown_command("/etc\n").hint == "`permward help` lists the commands");
}
