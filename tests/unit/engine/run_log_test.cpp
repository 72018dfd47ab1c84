// SPDX-License-Identifier: Apache-2.0
#include "engine/run_log.hpp"

#include "support/catch.hpp"
#include "support/journals.hpp"
#include "support/temp_tree.hpp"

#include <utility>

using namespace permward;
using namespace permward::test;

namespace {

// Knows every id by a name that is to be escaped, and counts who asked.
class CountingNames final : public NameService {
 public:
  Found id_of(AccountKind, const std::string&) override { return {}; }
  Found has_account(AccountKind, std::uint32_t) override { return {}; }
  std::string name_of(AccountKind kind, std::uint32_t id) override {
    ++asked;
    return (kind == AccountKind::user ? "u\x1b" : "g") + std::to_string(id);
  }
  ListedUsers users(UserSource) override { return UserList(); }
  std::vector<std::string> names(AccountKind) override { return {}; }

  int asked = 0;
};

Outcome outcome_of(std::uint64_t sequence, const Change& change) {
  return {sequence, "corrected", Effect::some, change.intended};
}

}  // namespace

TEST_CASE("a run is told as it was recorded, by how it ended") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  CountingNames names;
  RunLog log(journal, names);
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(journal.record(run, changes_of(3)).ok());
  std::string id = run.id();
  const auto state = [&] {
    const auto found = log.find(id);
    REQUIRE(found.ok());
    REQUIRE(*found);
    return (*found)->state;
  };
  REQUIRE(state() == LoggedRun::State::unfinished);
  const std::pair<RunResult, LoggedRun::State> ends[] = {
      {RunResult::in_policy, LoggedRun::State::in_policy},
      {RunResult::out_of_policy, LoggedRun::State::out_of_policy},
      {RunResult::killed, LoggedRun::State::killed}};
  for (const auto& [result, told] : ends) {
    run = Journal::begin(start_of("apply"));
    REQUIRE(journal.record(run, changes_of(3)).ok());
    id = run.id();
    REQUIRE(journal.finish(run, {quarter_past_ten + std::chrono::seconds(9), result, {4, 5, 6, 2}})
                .ok());
    REQUIRE(state() == told);
  }
  const auto runs = log.runs();
  REQUIRE(runs.ok());
  REQUIRE(runs->size() == 4);
  const LoggedRun& last = runs->front();
  REQUIRE(last.id == id);
  REQUIRE(last.started == quarter_past_ten);
  REQUIRE(last.finished == quarter_past_ten + std::chrono::seconds(9));
  REQUIRE(last.command == "apply");
  REQUIRE(last.command_line == "permward apply");
  REQUIRE(last.user == "root");
  REQUIRE(last.objects == 2);
  REQUIRE(last.changes == 3);
  REQUIRE(last.corrected == 4);
  REQUIRE(last.refused == 5);
  REQUIRE(last.failed == 6);
  REQUIRE_FALSE(*log.find("nothing"));
  REQUIRE(log.objects("nothing", 0, 10)->empty());
}

TEST_CASE("changes are told in parts, with their outcome or without, and ids by name") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  CountingNames names;
  RunLog log(journal, names);
  std::vector<Change> changes = changes_of(5);
  for (Change& change : changes) change.before.owner = 7;
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(journal.record(run, changes).ok());
  REQUIRE(journal.outcome(run, std::vector{outcome_of(1, changes[0])}).ok());
  const auto first = log.objects(run.id(), 0, 2);
  REQUIRE(first.ok());
  REQUIRE(first->size() == 2);
  const LoggedObject& seen = first->front();
  REQUIRE(seen.sequence == 1);
  REQUIRE(seen.path == changes[0].path);
  REQUIRE(seen.outcome == "corrected");
  REQUIRE(seen.aspects ==
          std::vector<LoggedAspect>{{Aspect::owner, "u\\x1b7", "u\\x1b0", "u\\x1b0"},
                                    {Aspect::mode, "0666", "0640", "0640"}});
  REQUIRE((*first)[1].outcome == unknown_outcome);
  REQUIRE((*first)[1].aspects[1] == LoggedAspect{Aspect::mode, "0666", "0640", std::nullopt});
  REQUIRE(log.objects(run.id(), 2, 10)->size() == 3);
  REQUIRE(names.asked == 3);
}
