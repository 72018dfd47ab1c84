// SPDX-License-Identifier: Apache-2.0
#include "os/command_runner.hpp"

#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

using namespace permward;
using std::chrono::seconds;
using test::TempTree;

namespace {

CommandRunner started() {
  auto out = CommandRunner::start();
  REQUIRE(out.ok());
  return std::move(*out);
}

CommandRunner::Ended end_of(CommandRunner& runner, const std::vector<std::string>& arguments,
                            seconds within = seconds(60)) {
  const auto out = runner.run(arguments, within, nullptr);
  REQUIRE(out.ok());
  return *out;
}

}  // namespace

TEST_CASE("a program is run as it is named, one after the other, and what it says is kept") {
  CommandRunner runner = started();
  const auto echoed = end_of(runner, {"echo", "a b", "$HOME"});
  CHECK(echoed.status == 0);
  CHECK(echoed.output == "a b $HOME\n");
  CHECK_FALSE(echoed.timed_out);
  const auto failed = end_of(runner, {"sh", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(failed.status == 3);
  CHECK(failed.output == "out\nerr\n");
  CHECK(end_of(runner, {"sh", "-c", "kill -TERM $$"}).status == 128 + SIGTERM);
  CHECK(end_of(runner, {"/bin/true"}).output.empty());
}

TEST_CASE("a program that is not there is an error, and the next one is run") {
  CommandRunner runner = started();
  const auto missing = runner.run({"/nowhere/at/all"}, seconds(60), nullptr);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().number == ENOENT);
  CHECK(end_of(runner, {"true"}).status == 0);
}

TEST_CASE("it has nothing of this environment, and nothing to read") {
  REQUIRE(::setenv("PERMWARD_SECRET", "1", 1) == 0);
  CommandRunner runner = started();
  REQUIRE(::unsetenv("PERMWARD_SECRET") == 0);
  CHECK(end_of(runner, {"sh", "-c", "echo \"$PERMWARD_SECRET\"; cat; pwd; umask"}).output ==
        "\n/\n0022\n");
}

TEST_CASE("it has no descriptor but its streams") {
  CommandRunner runner = started();
  // One more is that of the directory which is listed.
  CHECK(end_of(runner, {"sh", "-c", "exec ls -x /proc/self/fd"}).output == "0  1  2  3\n");
}

TEST_CASE("more than is kept of what it says does not stop it") {
  CommandRunner runner = started();
  const auto out = end_of(runner, {"sh", "-c", "head -c 1000000 /dev/zero; exit 4"});
  CHECK(out.status == 4);
  CHECK(out.output.size() == CommandRunner::most_output);
}

TEST_CASE("what a program leaves behind, with its output, is not waited for") {
  CommandRunner runner = started();
  const auto out = end_of(runner, {"sh", "-c", "echo said; sleep 20 & exit 5"}, seconds(10));
  CHECK(out.status == 5);
  CHECK(out.output == "said\n");
  CHECK_FALSE(out.timed_out);
  CHECK(end_of(runner, {"sh", "-c", "echo \"<$1>\"", "sh", ""}).output == "<>\n");
}

TEST_CASE("what does not end is ended, with all that it has begun") {
  CommandRunner runner = started();
  TempTree tree;
  const std::string script = "(sleep 3; echo late >" + tree.path("late") + ") & sleep 100";
  const auto out = end_of(runner, {"sh", "-c", script}, seconds(1));
  CHECK(out.timed_out);
  CHECK(end_of(runner, {"sh", "-c", "exec >&- 2>&-; sleep 100"}, seconds(1)).timed_out);
  CHECK(end_of(runner, {"sh", "-c", "sleep 3; ls " + tree.root()}).output.empty());
}
