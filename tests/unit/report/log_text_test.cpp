// SPDX-License-Identifier: Apache-2.0
#include "report/log_text.hpp"

#include "logged.hpp"
#include "support/catch.hpp"

using namespace permward;
using namespace permward::test;

namespace {

std::string text_of(const LogReport& report, ChangeSource* changes = nullptr,
                    const TextOptions& options = {}) {
  StringSink sink;
  write_log_text(report, changes, options, sink);
  return sink.text();
}

TextOptions verdict_only() {
  TextOptions out;
  out.detail = TextOptions::Detail::verdict;
  return out;
}

}  // namespace

TEST_CASE("runs are a table, and the verdict counts them") {
  LoggedRun killed = logged_run(LoggedRun::State::killed);
  killed.corrected = killed.failed = 0;
  killed.user = "1002";
  killed.objects = 100'000;
  const auto line = [](const std::string& before, const std::string& result,
                       const std::string& command) {
    const std::size_t widest = std::string("out of policy, 2 corrected, 1 failed").size();
    return before + result + std::string(widest + 2 - result.size(), ' ') + command + "\n";
  };
  const std::string run = "20261126T101500Z-3f2a  2026-11-26 10:15:00  ";
  REQUIRE(
      text_of(log_of({unfinished_run(), killed, logged_run()})) ==
      line("run                    started (UTC)        user   objects  ", "result", "command") +
          line(run + "alice  2        ", "at work or killed", "apply /srv") +
          line(run + "1002   100000   ", "killed", "apply /srv") +
          line(run + "alice  2        ", "out of policy, 2 corrected, 1 failed", "apply /srv") +
          "3 runs have changed something. `permward log RUN` shows what.\n");
}

TEST_CASE("that there are no runs is said, with the place that was asked") {
  REQUIRE(text_of(log_of({})) ==
          "No run has changed anything yet: none is remembered in /var/lib/permward.\n");
}

TEST_CASE("what others wrote into a run is escaped") {
  LoggedRun run = logged_run();
  run.command_line = "apply /srv/\x1b[1m\xff";
  run.user = "a\nb";
  const std::string text = text_of(log_of({run}));
  REQUIRE(text.find("apply /srv/\\x1b[1m\\xff\n") != text.npos);
  REQUIRE(text.find("a\\x0ab") != text.npos);
  ListedChanges none({});
  const std::string one = text_of(log_of({run}), &none);
  REQUIRE(one.find("a\\x0ab  apply /srv/\\x1b[1m\\xff\n") != one.npos);
}

TEST_CASE("a run is told object by object, and what did not come about beside what was to be") {
  ListedChanges changes({corrected(), failed(), unseen()});
  const LogReport report = log_of({logged_run()});
  const std::string whole =
      "20261126T101500Z-3f2a  2026-11-26 10:15:00 UTC  alice  apply /srv\n"
      "/srv/a  corrected\n"
      "  owner   bob → root\n"
      "  mode    0666 → 0640\n"
      "/srv/b  failed\n"
      "  mode    0666 → 0666   was to be 0640\n"
      "/srv/\\xff  unknown\n"
      "  presence  absent → unknown   was to be present\n"
      "Out of policy at its end: 2 objects, 2 corrected, 1 failed. `permward undo "
      "20261126T101500Z-3f2a` takes it back.\n";
  REQUIRE(text_of(report, &changes) == whole);
  REQUIRE(text_of(report, &changes) == whole);  // each writer begins anew
  REQUIRE(text_of(report, &changes, verdict_only()) ==
          "Out of policy at its end: 2 objects, 2 corrected, 1 failed. `permward undo "
          "20261126T101500Z-3f2a` takes it back.\n");
}

TEST_CASE("a run that did not come to its end is told apart from one that did") {
  ListedChanges none({});
  REQUIRE(text_of(log_of({logged_run(LoggedRun::State::killed)}), &none, verdict_only()) ==
          "It was killed: 2 objects. Nobody has seen what is unknown. `permward undo "
          "20261126T101500Z-3f2a` takes it back.\n");
  REQUIRE(text_of(log_of({unfinished_run()}), &none, verdict_only()) ==
          "It is at work, or was killed: 2 objects so far.\n");
  REQUIRE(text_of(log_of({logged_run(LoggedRun::State::in_policy)}), &none, verdict_only()) ==
          "In policy at its end: 2 objects, 2 corrected, 1 failed. `permward undo "
          "20261126T101500Z-3f2a` takes it back.\n");
  LoggedRun undo = logged_run(LoggedRun::State::out_of_policy);
  undo.command = "undo";
  REQUIRE(text_of(log_of({undo}), &none, verdict_only())
              .starts_with("Not all taken back at its end: 2 objects"));
}

TEST_CASE("what ends a log takes the place of its verdict") {
  const Error error{ErrorKind::invalid, "read the runs in the damaged database", "/s/state.db", 0};
  LogReport report = log_of({});
  report.error = error;
  const std::string said =
      "The run did not come to its end: could not read the runs in the damaged database "
      "/s/state.db: it is malformed.\n";
  REQUIRE(text_of(report) == said);
  ListedChanges changes({failed()}, error);
  const std::string part = text_of(log_of({logged_run()}), &changes);
  REQUIRE(part.ends_with("was to be 0640\n" + said));
}

TEST_CASE("colour tells how runs and changes ended") {
  TextOptions options;
  options.color = Color::always;
  ListedChanges changes({corrected(), failed()});
  const std::string text = text_of(log_of({logged_run()}), &changes, options);
  REQUIRE(text.find(styled("corrected", Style::good, Color::always)) != text.npos);
  REQUIRE(text.find(styled("failed", Style::bad, Color::always)) != text.npos);
  const std::string runs = text_of(log_of({logged_run()}), nullptr, options);
  REQUIRE(runs.find(styled("out of policy", Style::bad, Color::always)) != runs.npos);
}
