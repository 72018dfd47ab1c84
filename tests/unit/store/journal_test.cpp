// SPDX-License-Identifier: Apache-2.0
#include "store/journal.hpp"

#include "store/refused_inodes.hpp"
#include "support/catch.hpp"
#include "support/journals.hpp"
#include "support/temp_tree.hpp"

#include <csignal>
#include <filesystem>
#include <limits>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace permward;
using namespace permward::test;
using std::chrono::days;
using std::chrono::seconds;

namespace fs = std::filesystem;

namespace {

template <class T>
T valued(Result<T> result) {
  if (!result.ok()) {
    FAIL(result.error().doing << " " << result.error().subject << " " << result.error().number);
  }
  return std::move(result).value();
}

void done(const Result<void>& result) {
  if (!result.ok()) FAIL(result.error().doing << " " << result.error().subject);
}

RunEnd ended(RunResult result = RunResult::in_policy) {
  return {quarter_past_ten + seconds(3), result, {2, 1, 0, 2}};
}

// A run of one change, which was made. Returns its id.
std::string made_run(Journal& journal, const std::string& command,
                     std::chrono::sys_seconds started = quarter_past_ten) {
  OpenRun run = Journal::begin(start_of(command, started));
  const Change change = change_of(1);
  const std::uint64_t sequence = valued(journal.record(run, {&change, 1}));
  const Outcome outcome = corrected(sequence, change);
  done(journal.outcome(run, {&outcome, 1}));
  const std::string id = run.id();
  done(journal.finish(run, ended()));
  return id;
}

std::vector<std::string> ids(const std::vector<RecordedRun>& runs) {
  std::vector<std::string> out;
  for (const RecordedRun& run : runs) out.push_back(run.id);
  return out;
}

std::vector<std::uint64_t> sequences(const std::vector<RecordedChange>& changes) {
  std::vector<std::uint64_t> out;
  for (const RecordedChange& change : changes) out.push_back(change.sequence);
  return out;
}

}  // namespace

TEST_CASE("an object that took several changes counts once when its run ends") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  std::vector<Change> changes = changes_of(3);
  changes[2].path = changes[0].path;
  OpenRun run = Journal::begin(start_of("apply"));
  (void)valued(journal.record(run, changes));
  const std::string id = run.id();
  done(journal.finish(run, {quarter_past_ten, RunResult::killed, {}}));
  const auto found = valued(journal.find_run(id));
  REQUIRE(found);
  CHECK(found->changes == 3);
  CHECK(found->end->counts.objects == 2);
}

TEST_CASE("what was recorded is read again by who opens the journal later") {
  TempTree tree;
  std::vector<Change> changes = changes_of(3);
  changes[0].path = "/srv/\xff\n'\"; DROP TABLE runs";
  changes[0].inode = {std::numeric_limits<std::uint64_t>::max(),
                      std::numeric_limits<std::uint64_t>::max(), BirthTime{-1, 999'999'999}};
  changes[1].inode.birth.reset();
  changes[1].before.acl = {{AclTag::user_obj, 6, 0},
                           {AclTag::user, 4, 7001},
                           {AclTag::group_obj, 6, 0},
                           {AclTag::mask, 6, 0},
                           {AclTag::other, 6, 0}};
  changes[2].before = ObjectState{};
  changes[2].lifted = Attribute::immutable;
  RunStart start = start_of("apply");
  start.command_line = "permward apply \xff";
  start.user = "j\xf6rg";
  start.uid = 4294967294;
  std::string id;
  {
    Journal journal = journal_in(tree.root());
    OpenRun run = Journal::begin(start);
    REQUIRE(run.id().empty());
    REQUIRE(valued(journal.record(run, std::span(changes).first(1))) == 1);
    id = run.id();
    REQUIRE(id.starts_with("20261126T101500Z-"));
    REQUIRE(id.size() == std::string("20261126T101500Z-3f2a").size());
    REQUIRE(valued(journal.record(run, std::span(changes).subspan(1))) == 2);
    REQUIRE(run.id() == id);
    const std::vector<Outcome> outcomes = {corrected(2, changes[1]),
                                           {3, "failed", Effect::some, std::nullopt}};
    done(journal.outcome(run, outcomes));
    done(journal.finish(run, ended(RunResult::out_of_policy)));
  }
  Journal journal = journal_in(tree.root());
  const std::vector<RecordedRun> runs = valued(journal.runs());
  REQUIRE(runs.size() == 1);
  REQUIRE(runs[0] == RecordedRun{id, start, 3, ended(RunResult::out_of_policy)});
  REQUIRE(valued(journal.find_run(id)) == runs[0]);
  const std::vector<RecordedChange> expected = {
      {1, changes[0], std::nullopt},
      {2, changes[1], corrected(2, changes[1])},
      {3, changes[2], Outcome{3, "failed", Effect::some, std::nullopt}}};
  REQUIRE(valued(journal.changes(id)) == expected);
}

TEST_CASE("a run that records nothing, or changes nothing, leaves no row") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  OpenRun idle = Journal::begin(start_of("apply"));
  REQUIRE(valued(journal.record(idle, {})) == 1);
  done(journal.finish(idle, ended()));
  REQUIRE(valued(journal.runs()).empty());

  OpenRun failed = Journal::begin(start_of("apply"));
  const std::vector<Change> changes = changes_of(2);
  REQUIRE(valued(journal.record(failed, changes)) == 1);
  const std::string id = failed.id();
  const std::vector<Outcome> outcomes = {untouched(1, changes[0]), untouched(2, changes[1])};
  done(journal.outcome(failed, outcomes));
  REQUIRE(valued(journal.runs()).size() == 1);
  done(journal.finish(failed, ended()));
  REQUIRE(valued(journal.runs()).empty());
  REQUIRE(valued(journal.changes(id)).empty());
  REQUIRE_FALSE(valued(journal.find_run(id)));
}

TEST_CASE("a run with a change of which nobody knows what became is kept") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  const std::vector<Change> changes = changes_of(2);
  REQUIRE(valued(journal.record(run, changes)) == 1);
  const Outcome outcome = untouched(1, changes[0]);
  done(journal.outcome(run, {&outcome, 1}));
  done(journal.finish(run, ended()));
  REQUIRE(valued(journal.runs()).size() == 1);
}

TEST_CASE("an outcome can be told again, and one of no change is refused with all beside it") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  const Change change = change_of(1);
  REQUIRE(valued(journal.record(run, {&change, 1})) == 1);
  const std::vector<Outcome> wrong = {untouched(1, change), untouched(2, change)};
  const auto refused = journal.outcome(run, wrong);
  REQUIRE_FALSE(refused.ok());
  REQUIRE(refused.error().kind == ErrorKind::invalid);
  REQUIRE_FALSE(valued(journal.changes(run.id()))[0].outcome);
  for (const Outcome& outcome : {untouched(1, change), corrected(1, change)}) {
    done(journal.outcome(run, {&outcome, 1}));
    REQUIRE(valued(journal.changes(run.id()))[0].outcome == outcome);
  }
}

TEST_CASE(
    "runs are listed newest first, also where they began in one second or the clock went back") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  std::vector<std::string> made;
  for (const int at : {0, 0, 0, 5, -3600, -3600}) {
    made.push_back(made_run(journal, "apply", quarter_past_ten + seconds(at)));
  }
  std::vector<std::string> listed = ids(valued(journal.runs()));
  std::reverse(listed.begin(), listed.end());
  REQUIRE(listed == made);
  REQUIRE(std::is_sorted(made.begin(), made.begin() + 4));
  REQUIRE(std::is_sorted(made.begin() + 4, made.end()));
}

TEST_CASE("the newest run that changed something is not one of which all failed so far") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  REQUIRE_FALSE(valued(journal.newest_changing({})));
  const std::string older = made_run(journal, "apply");
  const std::string newer = made_run(journal, "undo");
  REQUIRE(valued(journal.newest_changing({}))->id == newer);
  OpenRun run = Journal::begin(start_of("apply"));
  const Change change = change_of(1);
  REQUIRE(valued(journal.record(run, {&change, 1})) == 1);
  REQUIRE(valued(journal.newest_changing({}))->id == run.id());
  const Outcome outcome = untouched(1, change);
  done(journal.outcome(run, {&outcome, 1}));
  REQUIRE(valued(journal.newest_changing({}))->id == newer);
}

TEST_CASE("the changes of a run are read in parts, in either order") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(valued(journal.record(run, changes_of(5))) == 1);
  OpenRun other = Journal::begin(start_of("apply"));
  REQUIRE(valued(journal.record(other, changes_of(5))) == 1);
  using Sequences = std::vector<std::uint64_t>;
  const auto read = [&](ChangesAsked asked) {
    return sequences(valued(journal.changes(run.id(), asked)));
  };
  constexpr auto oldest_first = ChangesAsked::Order::oldest_first;
  constexpr auto newest_first = ChangesAsked::Order::newest_first;
  REQUIRE(read({}) == Sequences{1, 2, 3, 4, 5});
  REQUIRE(read({oldest_first, 2, 2}) == Sequences{3, 4});
  REQUIRE(read({oldest_first, 5, 2}).empty());
  REQUIRE(read({newest_first}) == Sequences{5, 4, 3, 2, 1});
  REQUIRE(read({newest_first, {}, 2}) == Sequences{5, 4});
  REQUIRE(read({newest_first, 4, 9}) == Sequences{3, 2, 1});
  REQUIRE(read({newest_first, 1, 9}).empty());
  REQUIRE(read({newest_first, {}, 0}).empty());
  REQUIRE(valued(journal.changes("20261126T101500Z-none")).empty());
}

TEST_CASE("a run that was killed left its changes, and can be settled") {
  TempTree tree;
  std::vector<Change> changes = changes_of(3);
  changes[1].lifted = AttributeSet(Attribute::immutable);
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Journal journal = journal_in(tree.root());
    OpenRun run = Journal::begin(start_of("apply"));
    const bool recorded = journal.record(run, changes).ok();
    (void)!::write(ready[1], recorded ? "y" : "n", 1);
    while (true) ::pause();
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);

  Journal journal = journal_in(tree.root());
  const std::vector<RecordedRun> killed = valued(journal.unfinished());
  REQUIRE(killed.size() == 1);
  REQUIRE(killed[0].changes == 3);
  REQUIRE_FALSE(killed[0].end);
  REQUIRE(sequences(valued(journal.changes(killed[0].id))) == std::vector<std::uint64_t>{1, 2, 3});
  const std::vector<LiftedChange> lifted = valued(journal.lifted());
  REQUIRE(lifted.size() == 1);
  REQUIRE(lifted[0].run == killed[0].id);
  REQUIRE(lifted[0].recorded == RecordedChange{2, changes[1], std::nullopt});

  OpenRun again = valued(journal.reopen(killed[0].id));
  REQUIRE(again.id() == killed[0].id);
  Outcome outcome = untouched(2, changes[1]);
  outcome.after->attributes = Attribute::immutable;
  done(journal.outcome(again, {&outcome, 1}));
  REQUIRE(valued(journal.lifted()).empty());
  REQUIRE(valued(journal.record(again, std::span(changes).first(1))) == 4);
  done(journal.finish(again, ended(RunResult::killed)));
  REQUIRE(valued(journal.unfinished()).empty());
  REQUIRE(valued(journal.runs())[0].end->result == RunResult::killed);
  REQUIRE(journal.reopen(killed[0].id).error().kind == ErrorKind::not_found);
}

TEST_CASE("of a run that is killed at any time there are whole batches, and all that were told") {
  constexpr unsigned batch = 50;
  for (int told = 1; told <= 8; ++told) {
    TempTree tree;
    int progress[2];
    REQUIRE(::pipe(progress) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      Journal journal = journal_in(tree.root());
      OpenRun run = Journal::begin(start_of("apply"));
      while (journal.record(run, changes_of(batch)).ok()) (void)!::write(progress[1], "y", 1);
      ::_exit(1);
    }
    ::close(progress[1]);
    char answer = 0;
    for (int i = 0; i < told; ++i) REQUIRE(::read(progress[0], &answer, 1) == 1);
    ::usleep(static_cast<useconds_t>(told * 150));  // wherever it is by then
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(progress[0]);
    Journal journal = journal_in(tree.root());
    const std::vector<RecordedRun> killed = valued(journal.unfinished());
    REQUIRE(killed.size() == 1);
    REQUIRE(killed[0].changes >= static_cast<std::uint64_t>(told) * batch);
    REQUIRE(killed[0].changes % batch == 0);
    REQUIRE(valued(journal.changes(killed[0].id)).size() == killed[0].changes);
  }
}

TEST_CASE("attributes are lifted until they were seen again, in runs that have not finished") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  std::vector<Change> changes = changes_of(4);
  for (Change& change : changes) change.lifted = AttributeSet::of_bits(3);
  changes[3].lifted = {};
  REQUIRE(valued(journal.record(run, changes)) == 1);
  const auto lifted = [&] {
    std::vector<std::uint64_t> out;
    for (const LiftedChange& one : valued(journal.lifted())) out.push_back(one.recorded.sequence);
    return out;
  };
  using Sequences = std::vector<std::uint64_t>;
  REQUIRE(lifted() == Sequences{1, 2, 3});
  std::vector<Outcome> outcomes = {corrected(1, changes[0]),
                                   corrected(2, changes[1]),
                                   {3, "failed", Effect::some, std::nullopt}};
  outcomes[0].after->attributes = AttributeSet::of_bits(3);
  outcomes[1].after->attributes = Attribute::immutable;
  done(journal.outcome(run, outcomes));
  REQUIRE(lifted() == Sequences{2, 3});
  done(journal.finish(run, ended()));
  REQUIRE(lifted().empty());
}

TEST_CASE("of each command the newest runs are kept, and of those what is not too old") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  std::vector<std::string> made;
  for (int day = 0; day < 5; ++day) {
    made.push_back(made_run(journal, "apply", quarter_past_ten + days(day)));
  }
  const std::string undo = made_run(journal, "undo", quarter_past_ten);
  OpenRun unfinished = Journal::begin(start_of("apply", quarter_past_ten - days(1000)));
  REQUIRE(valued(journal.record(unfinished, changes_of(2))) == 1);
  const auto now = quarter_past_ten + days(5);
  const auto left = [&] {
    std::vector<std::string> out = ids(valued(journal.runs()));
    std::sort(out.begin(), out.end());
    return out;
  };
  const auto sorted = [](std::vector<std::string> out) {
    std::sort(out.begin(), out.end());
    return out;
  };
  REQUIRE(valued(journal.prune({1000, 400}, now)) == 0);
  REQUIRE(left().size() == 7);
  REQUIRE(valued(journal.prune({1000, 4}, now)) == 2);
  REQUIRE(left() == sorted({unfinished.id(), made[1], made[2], made[3], made[4]}));
  REQUIRE(valued(journal.changes(made[0])).empty());
  // The unfinished one is the newest of its command.
  REQUIRE(valued(journal.prune({3, 400}, now)) == 2);
  REQUIRE(left() == sorted({unfinished.id(), made[3], made[4]}));
  REQUIRE(valued(journal.prune({0, 0}, now)) == 2);
  REQUIRE(left() == sorted({unfinished.id()}));
  REQUIRE(valued(journal.changes(unfinished.id())).size() == 2);
  REQUIRE_FALSE(valued(journal.find_run(undo)));
}

TEST_CASE("a refused inode stays refused, by its birth where that is known") {
  TempTree tree;
  const InodeKey born = {66, 7, BirthTime{1700000000, 5}};
  const InodeKey unborn = {66, 8, std::nullopt};
  {
    Journal journal = journal_in(tree.root());
    const std::vector<ArmRefusal> refusals = {
        {born, "user 7001 could write \xff", quarter_past_ten},
        {unborn, "so could he this", quarter_past_ten}};
    done(journal.add_refusals(refusals));
    const ArmRefusal again = {born, "another reason", quarter_past_ten + seconds(9)};
    done(journal.add_refusals({&again, 1}));
    done(journal.add_refusals({}));
    (void)made_run(journal, "apply");
    REQUIRE(valued(journal.prune({0, 0}, quarter_past_ten + days(9))) == 1);
  }
  Journal journal = journal_in(tree.root());
  const std::vector<ArmRefusal> kept = valued(journal.refusals());
  REQUIRE(kept.size() == 2);
  const ArmRefusal& first = kept[0].inode == born ? kept[0] : kept[1];
  REQUIRE(first == ArmRefusal{born, "user 7001 could write \xff", quarter_past_ten});
  const RefusedInodes refused(kept);
  REQUIRE(refused.holds(born));
  REQUIRE(refused.holds({66, 7, std::nullopt}));
  REQUIRE(refused.holds({66, 8, BirthTime{1, 1}}));
  REQUIRE(refused.holds(unborn));
  REQUIRE_FALSE(refused.holds({66, 7, BirthTime{1700000000, 6}}));
  REQUIRE_FALSE(refused.holds({66, 7, BirthTime{1700000001, 5}}));
  REQUIRE(refused.holds({67, 7, born.birth}));  // its file system has been mounted again
  REQUIRE_FALSE(refused.holds({67, 8, std::nullopt}));
  REQUIRE_FALSE(refused.holds({66, 9, born.birth}));
  RefusedInodes none;
  REQUIRE_FALSE(none.holds(born));
  none.add(born);
  REQUIRE(none.holds(born));
}

TEST_CASE("a run that left something lifted is kept until that is settled") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  std::vector<Change> changes = changes_of(2);
  changes[1].lifted = Attribute::immutable;
  (void)valued(journal.record(run, changes));
  const std::vector<Outcome> outcomes = {
      {1, "corrected", Effect::some, changes[0].intended},
      {2, std::string(left_lifted), Effect::some, changes[1].intended}};
  done(journal.outcome(run, outcomes));
  const std::string id = run.id();
  done(journal.finish(run, {quarter_past_ten}));
  REQUIRE(valued(journal.prune({0, 0}, quarter_past_ten + days(9))) == 0);
  const std::vector<LiftedChange> lifted = valued(journal.lifted());
  REQUIRE(lifted.size() == 1);
  REQUIRE(lifted[0].run == id);
  const Outcome settled{2, "put back", Effect::some, changes[1].before};
  done(journal.amend(id, {&settled, 1}));
  REQUIRE(valued(journal.lifted()).empty());
  REQUIRE(valued(journal.changes(id))[1].outcome == settled);
  REQUIRE(valued(journal.prune({0, 0}, quarter_past_ten + days(9))) == 1);
  REQUIRE(journal.amend(id, {&settled, 1}).error().kind == ErrorKind::not_found);
}

TEST_CASE("the newest run that changed something is asked for by its root") {
  TempTree tree;
  Journal journal = journal_in(tree.root());
  const auto run_on = [&](const InodeKey& root) {
    RunStart start = start_of("apply");
    start.root = root;
    start.root_path = "/mnt/\xff";
    OpenRun run = Journal::begin(start);
    (void)valued(journal.record(run, changes_of(1)));
    const std::string id = run.id();
    done(journal.finish(run, {quarter_past_ten}));
    return id;
  };
  const InodeKey host{66, 2, BirthTime{1, 1}};
  const InodeKey image{66, 2, BirthTime{2, 2}};
  const std::string first = run_on(host);
  const std::string second = run_on(image);
  REQUIRE(valued(journal.newest_changing(host))->id == first);
  REQUIRE(valued(journal.newest_changing(image))->id == second);
  REQUIRE(valued(journal.newest_changing(image))->start.root_path == "/mnt/\xff");
  REQUIRE_FALSE(valued(journal.newest_changing({66, 3, std::nullopt})));
}

TEST_CASE("who reads the journal does not disturb who writes it") {
  TempTree tree;
  Journal writer = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(valued(writer.record(run, changes_of(2))) == 1);
  Journal reader = journal_in(tree.root());
  REQUIRE(valued(reader.runs()).size() == 1);
  REQUIRE(valued(writer.record(run, changes_of(2))) == 3);
  REQUIRE(valued(reader.changes(run.id())).size() == 4);
}

TEST_CASE("a journal that is opened to read shows what is written meanwhile") {
  TempTree tree;
  Journal writer = journal_in(tree.root());
  OpenRun run = Journal::begin(start_of("apply"));
  REQUIRE(valued(writer.record(run, changes_of(2))) == 1);
  auto reader = valued(Journal::open_to_read(state_dir(tree.root())));
  REQUIRE(reader);
  REQUIRE(valued(reader->runs()).size() == 1);
  REQUIRE(valued(writer.record(run, changes_of(2))) == 3);
  REQUIRE(valued(reader->changes(run.id())).size() == 4);
}

TEST_CASE("the journal's files are 0600 whatever the umask") {
  TempTree tree;
  const mode_t before = ::umask(0);
  {
    Journal journal = journal_in(tree.root());
    (void)made_run(journal, "apply");
    for (const char* name : {"state.db", "state.db-wal", "state.db-shm"}) {
      struct stat facts {};
      REQUIRE(::lstat(tree.path(name).c_str(), &facts) == 0);
      REQUIRE((facts.st_mode & 07777) == 0600);
    }
  }
  ::umask(before);
  REQUIRE_FALSE(fs::exists(tree.path("state.db-wal")));
}

TEST_CASE("a journal reached through a link to the directory's parent is the same") {
  TempTree tree;
  tree.directory("real");
  tree.symlink("way", "real");
  std::string id;
  {
    Journal journal = journal_in(tree.path("way/state"));
    id = made_run(journal, "apply");
  }
  Journal journal = journal_in(tree.path("real/state"));
  REQUIRE(valued(journal.find_run(id)));
}
