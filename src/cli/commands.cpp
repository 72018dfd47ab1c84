// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include "base/text.hpp"
#include "cli/apply.hpp"
#include "cli/check.hpp"
#include "cli/explain.hpp"
#include "cli/help.hpp"
#include "cli/log.hpp"
#include "cli/restore.hpp"
#include "cli/snapshot.hpp"
#include "cli/undo.hpp"
#include "cli/validate.hpp"
#include "cli/version.hpp"

#include <algorithm>
#include <array>

namespace permward {
namespace {

// A command of the contract that is still to be built.
constexpr Command later(std::string_view name) {
  return {name, "", "", any_number, Rights::none, nullptr, nullptr, ""};
}

constexpr std::string_view check_examples =
    "  permward check                          all that the policies of this machine speak of\n"
    "  permward check -p web.toml /etc/nginx   what web.toml says of /etc/nginx\n"
    "  permward check -f json -o report.json   for programs\n";

constexpr std::string_view apply_examples =
    "  permward apply --dry-run                what would be corrected, and how\n"
    "  permward apply /etc/nginx               corrects what lies there\n"
    "  permward apply --root /mnt --offline    in an image that nobody else works on\n";

constexpr std::string_view snapshot_examples =
    "  permward snapshot create                accepts what policies pin as it is now\n"
    "  permward snapshot create /etc/nginx     of that only what lies there\n"
    "  permward snapshot list --path /etc/nginx/nginx.conf   which ones have that file\n"
    "  permward snapshot diff                  what has changed since, line by line\n"
    "  permward snapshot verify                reads each of them to its end\n"
    "  permward snapshot prune --keep-daily 7 --keep-monthly 12   removes the others\n"
    "  permward snapshot export /backup/web1.pax.zst   the newest, to take off this host\n";

constexpr std::string_view restore_examples =
    "  permward restore /etc/nginx             from the newest snapshot that has it\n"
    "  permward restore -n /etc/nginx          what that would do\n"
    "  permward restore --list /etc/nginx/nginx.conf   which snapshots have it\n"
    "  permward restore --from web1.pax.zst --to /mnt /etc/nginx   from an archive, elsewhere\n";

constexpr std::string_view undo_examples =
    "  permward undo --dry-run                 what would be taken back of the last run\n"
    "  permward undo                           takes it back; once more, and it is done again\n"
    "  permward undo 20261126T101500Z-3f2a     an earlier run, as `permward log` names it\n";

constexpr std::string_view validate_examples =
    "  permward validate                       the policies of this machine\n"
    "  permward validate -p web.toml --strict  one that is being written; warnings are errors\n"
    "  permward validate -p base.toml -p site  a file, and the *.toml of a directory, together\n";

constexpr std::string_view explain_examples =
    "  permward explain /etc/shadow              what is demanded of it, by which line\n"
    "  permward explain /srv/www/new.html        the same of what is not there yet\n"
    "  permward explain -p web.toml -f json .    of the working directory, for programs\n";

constexpr std::string_view log_examples =
    "  permward log                            the runs, newest first\n"
    "  permward log 20261126T101500Z-3f2a      what that one changed, before and after\n"
    "  permward log --root /mnt -f json        the runs that changed an image, for programs\n";

constexpr std::array<Command, 18> table = {{
    {"check", "compare the system with the policy and report", "[PATH...]", any_number,
     Rights::starts_looking, add_check_options, run_check, check_examples},
    {"apply", "correct what is out of policy, and report", "[PATH...]", any_number,
     Rights::starts_changing, add_apply_options, run_apply, apply_examples},
    {"validate", "load the policies and report every mistake in them", "", 0,
     Rights::reads_and_tells, add_validate_options, run_validate, validate_examples},
    {"explain", "show which rules speak of a path, and which decides what", "PATH...", any_number,
     Rights::starts_looking, nullptr, run_explain, explain_examples},
    {"snapshot", "keep accepted copies of what policies pin, and show them",
     "create [PATH...] | list | show ID | diff [ID] [PATH] | verify [ID] | prune | export [ID] "
     "[FILE] | "
     "import FILE",
     any_number, Rights::accepts, add_snapshot_options, run_snapshot, snapshot_examples},
    {"restore", "put back what a snapshot has: content and all metadata", "PATH...", any_number,
     Rights::starts_changing, add_restore_options, run_restore, restore_examples},
    {"undo", "take back what a run changed", "[RUN]", 1, Rights::starts_changing, add_undo_options,
     run_undo, undo_examples},
    {"log", "list the runs that changed something, or what one of them changed", "[RUN]", 1,
     Rights::reads_and_tells, nullptr, run_log, log_examples},
    later("watch"),
    later("unlock"),
    later("access"),
    later("learn"),
    later("import"),
    later("export"),
    later("diff"),
    later("show-config"),
    {"version", "show the version", "", 0, Rights::none, nullptr, run_version, ""},
    {"help", "show help, of a command too", "[COMMAND]", 1, Rights::none, nullptr, run_help, ""},
}};

// What people guess, the command that does it, and how it is written.
struct Guess {
  std::string_view word;
  std::string_view command;
  std::string_view written;
};

constexpr std::array<Guess, 16> guesses = {{
    {"verify", "check", "permward check"},
    {"audit", "check", "permward check"},
    {"scan", "check", "permward check"},
    {"status", "check", "permward check"},
    {"test", "check", "permward check"},
    {"enforce", "apply", "permward apply"},
    {"fix", "apply", "permward apply"},
    {"set", "apply", "permward apply"},
    {"remediate", "apply", "permward apply"},
    {"plan", "apply", "permward apply --dry-run"},
    {"lint", "validate", "permward validate"},
    {"backup", "snapshot", "permward snapshot create"},
    {"rollback", "undo", "permward undo` or `permward restore"},
    {"revert", "undo", "permward undo` or `permward restore"},
    {"generate", "learn", "permward learn"},
    {"init", "learn", "permward learn"},
}};

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> out;
  for (const Command& command : table) out.push_back(command.name);
  return out;
}

std::string hint_for(const std::string& word) {
  for (const Guess& guess : guesses) {
    if (guess.word != word) continue;
    const Command* command = find_command(guess.command);
    std::string hint = "`" + std::string(guess.written) + "` does that";
    if (command == nullptr || command->run == nullptr) hint += ", but not in this version";
    return hint;
  }
  const std::string_view near = nearest(word, command_names());
  if (near.empty()) return "`permward help` lists the commands";
  return "did you mean `permward " + std::string(near) + "`?";
}

}  // namespace

std::span<const Command> commands() { return table; }

const Command* find_command(std::string_view name) {
  const auto* const at = std::find_if(
      table.begin(), table.end(), [name](const Command& command) { return command.name == name; });
  return at == table.end() ? nullptr : at;
}

UsageError unknown_command(const std::string& word) {
  return {"there is no command '" + printable(word) + "'", hint_for(word)};
}

UsageError not_yet(const Command& command) {
  return {"the command '" + std::string(command.name) + "' is not in this version",
          "`permward help` lists the commands that are"};
}

}  // namespace permward
