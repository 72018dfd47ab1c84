// SPDX-License-Identifier: Apache-2.0
// Content that a policy pins, on real file systems: what is collected of it, and what a check says
// of what has become of it.
#include "base/fd.hpp"
#include "engine/collect.hpp"
#include "model/baseline.hpp"
#include "os/system.hpp"
#include "support/applied.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/sampling.hpp"
#include "support/temp_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

constexpr std::uint64_t much = 1 << 20;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + test::quoted(path) + "\n" + rest + "\n";
}

std::string pinned_tree(const std::string& path, const std::string& rest = "") {
  return rule("tree", path, "recurse = true\ncontent = \"pinned\"\n" + rest);
}

// What was collected, and its copies.
struct TakenCopies {
  Collected collected;
  Fd file;

  [[nodiscard]] Lines paths() const {
    Lines out;
    for (const SnapshotObject& object : collected.taken.objects) out.push_back(object.path);
    return out;
  }
  [[nodiscard]] Lines not_taken() const {
    Lines out;
    for (const auto& one : collected.not_taken) out.push_back(one.path + ": " + one.why);
    return out;
  }
  [[nodiscard]] std::string content(const std::string& path) const {
    for (std::size_t i = 0; i < collected.taken.objects.size(); ++i) {
      if (collected.taken.objects[i].path != path) continue;
      std::string out(collected.taken.objects[i].size, '\0');
      const auto at = static_cast<off_t>(collected.taken.contents[i]);
      REQUIRE(pread(file.get(), out.data(), out.size(), at) == static_cast<ssize_t>(out.size()));
      return out;
    }
    return "not collected";
  }
  [[nodiscard]] Baseline baseline() const { return {"id", collected.taken.objects}; }
};

TakenCopies copies_of(const TempTree& /*place*/, const std::string& toml, const Lines& paths = {},
                      std::uint64_t most = much) {
  TakenCopies out;
  out.file = Fd(memfd_create("contents", MFD_CLOEXEC));
  REQUIRE(out.file);
  Spool spool{out.file.get(), 0};
  CheckOptions options;
  options.paths = paths;
  const Result<System> system = host_system();
  REQUIRE(system.ok());
  Result<Collected> collected = collect(policy_of(toml), *system, options, most, spool);
  REQUIRE(collected.ok());
  out.collected = std::move(*collected);
  return out;
}

Checked check_with(const std::string& toml, const Baseline& baseline, unsigned jobs = 1,
                   const Lines& paths = {}) {
  CheckOptions options;
  options.baseline = &baseline;
  options.jobs = jobs;
  options.paths = paths;
  return check_text(toml, options);
}

// The lines that speak of what lies in the tree, without the way there.
Lines below(const TempTree& tree, const Lines& lines) {
  Lines out;
  for (const std::string& line : lines) {
    if (line.starts_with(tree.root() + "/")) out.push_back(line.substr(tree.root().size() + 1));
  }
  return out;
}

// Each object is compliant, or has findings.
bool adds_up(const CheckOutcome& outcome) {
  std::set<std::string> with_findings;
  for (const Finding& one : outcome.findings) with_findings.insert(one.object().text());
  return outcome.objects == outcome.compliant + with_findings.size();
}

// A tree with what can be pinned, and what cannot.
struct Pinned {
  TempTree tree;
  std::string toml;

  Pinned() : toml(pinned_tree(tree.path("t"))) {
    tree.file("t/a", "one");
    tree.file("t/sub/b", "two");
    tree.file("t/sub/deep/c", "three");
    tree.symlink("t/link", "a");
    tree.directory("t/empty");
    tree.fifo("t/fifo");
    tree.file("beside", "four");
  }
};

}  // namespace

TEST_CASE("files, links and directories of a pinned tree are collected, and the way to it") {
  const Pinned with;
  const TakenCopies copies = copies_of(with.tree, with.toml);
  CHECK(below(with.tree, copies.paths()) ==
        Lines{"t", "t/a", "t/empty", "t/link", "t/sub", "t/sub/b", "t/sub/deep", "t/sub/deep/c"});
  CHECK(copies.not_taken().empty());
  CHECK(copies.content(with.tree.path("t/a")) == "one");
  CHECK(copies.content(with.tree.path("t/sub/deep/c")) == "three");
  // Ancestors to below the root, each once, in order.
  Lines sorted = copies.paths();
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == copies.paths());
  CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  CHECK(std::count(sorted.begin(), sorted.end(), with.tree.root()) == 1);
  CHECK(sorted.front() == sorted.front().substr(0, sorted.front().find('/', 1)));
}

TEST_CASE("only what is pinned is collected") {
  TempTree tree;
  tree.file("t/a.conf", "a");
  tree.file("t/a.bak", "b");
  tree.file("t/cache/c", "c");
  tree.symlink("t/link", "a.conf");
  tree.file("other", "o");
  tree.file("one", "1");
  const std::string toml =
      pinned_tree(tree.path("t"), "type = \"file\"\nexclude = [\"cache\", \"*.bak\"]") +
      rule("one", tree.path("one"), "content = \"pinned\"") +
      rule("missing", tree.path("missing"), "content = \"pinned\"") +
      rule("other", tree.path("other"), "mode = \"0600\"");
  // Of a rule for files directories are only the way.
  CHECK(below(tree, copies_of(tree, toml).paths()) == Lines{"one", "t", "t/a.conf"});
  // What another rule decides is not this one's.
  const std::string digest(64, 'a');
  const std::string decided =
      toml + rule("digest", tree.path("t/a.conf"), "content = { sha256 = \"" + digest + "\" }");
  CHECK(below(tree, copies_of(tree, decided).paths()) == Lines{"one"});
  CHECK(below(tree, copies_of(tree, toml, {tree.path("t")}).paths()) == Lines{"t", "t/a.conf"});
}

TEST_CASE("what cannot be taken is told, and the rest is taken") {
  TempTree tree;
  tree.file("t/large", std::string(1001, 'x'));
  tree.file("t/small", std::string(1000, 'x'));
  const TakenCopies copies = copies_of(tree, pinned_tree(tree.path("t")), {}, 1000);
  CHECK(below(tree, copies.paths()) == Lines{"t", "t/small"});
  CHECK(copies.not_taken() ==
        Lines{tree.path("t/large") + ": it is larger than [store] max_file_size"});
  CHECK(copies.content(tree.path("t/small")) == std::string(1000, 'x'));
}

TEST_CASE("what is required and not there is told, and the rest is taken") {
  TempTree tree;
  tree.file("one", "1");
  tree.directory("elsewhere");
  tree.symlink("top", "elsewhere");
  const std::string toml = rule("one", tree.path("one"), "content = \"pinned\"") +
                           rule("two", tree.path("two"), "content = \"pinned\"") +
                           pinned_tree(tree.path("top"));
  const TakenCopies copies = copies_of(tree, toml);
  CHECK(below(tree, copies.paths()) == Lines{"one"});
  CHECK(copies.not_taken() == Lines{tree.path("top") + ": it is a symlink",
                                    tree.path("two") + ": it is required, and not there"});
}

TEST_CASE("many names of one content are one copy") {
  TempTree tree;
  tree.file("t/a", std::string(100'000, 'x'));
  for (int i = 0; i < 20; ++i) tree.hard_link("t/link" + std::to_string(i), "t/a");
  const TakenCopies copies = copies_of(tree, pinned_tree(tree.path("t")));
  CHECK(copies.collected.taken.objects.size() > 21);
  struct stat facts {};
  REQUIRE(fstat(copies.file.get(), &facts) == 0);
  CHECK(facts.st_size <= 200'000);
  CHECK(copies.content(tree.path("t/link7")) == std::string(100'000, 'x'));
}

TEST_CASE("what is as it was accepted is in policy") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount image(file_system);
    TempTree& tree = image.tree();
    tree.file("t/a", "one");
    tree.file("t/d/b", std::string(200'000, 'b'));
    tree.symlink("t/link", "nowhere");
    tree.directory("t/empty");
    const std::string toml = pinned_tree(tree.path("t"));
    const Baseline baseline = copies_of(tree, toml).baseline();
    for (const unsigned jobs : {1U, 4U}) CHECK(check_with(toml, baseline, jobs).in_policy());
    // Metadata is for other aspects to demand.
    tree.chmod("t/a", 0600);
    tree.chown("t/a", 7, 7);
    CHECK(check_with(toml, baseline).in_policy());
  }
}

TEST_CASE("what was never accepted could not be verified") {
  const Pinned with;
  // Of the top that there is nothing at all to compare with, so that an empty tree is not in
  // policy.
  const Lines never = {"t content error", "t/a content error", "t/link content error",
                       "t/sub/b content error", "t/sub/deep/c content error"};
  CHECK(below(with.tree, check_with(with.toml, {}).lines()) == never);
  CHECK(below(with.tree, check_text(with.toml).lines()) == never);
  const Checked unreadable = check_with(with.toml, Baseline::unreadable(EBADMSG));
  CHECK(below(with.tree, unreadable.lines()) == never);
  CHECK(unreadable.messages()[0] == "what was accepted could not be read: Bad message");

  const Baseline baseline = copies_of(with.tree, with.toml).baseline();
  std::ofstream(with.tree.path("t/new")) << "new";
  CHECK(below(with.tree, check_with(with.toml, baseline).lines()) == Lines{"t/new content error"});
}

TEST_CASE("what is not as it was accepted is a violation of content") {
  Pinned with;
  const Baseline baseline = copies_of(with.tree, with.toml).baseline();
  // Of the same size, and with the time that it had.
  const std::string path = with.tree.path("t/a");
  struct stat before {};
  REQUIRE(stat(path.c_str(), &before) == 0);
  std::ofstream(path) << "One";
  const timespec times[2] = {before.st_atim, before.st_mtim};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  REQUIRE(unlink(with.tree.path("t/link").c_str()) == 0);
  with.tree.symlink("t/link", "b");
  REQUIRE(unlink(with.tree.path("t/sub/b").c_str()) == 0);
  with.tree.symlink("t/sub/b", "a");
  for (const unsigned jobs : {1U, 4U}) {
    CHECK(below(with.tree, check_with(with.toml, baseline, jobs).lines()) ==
          Lines{"t/a content violation", "t/link content violation", "t/sub/b content violation"});
  }
}

TEST_CASE("what was accepted in a pinned tree and is gone is a violation of presence") {
  Pinned with;
  const Baseline baseline = copies_of(with.tree, with.toml).baseline();
  REQUIRE(unlink(with.tree.path("t/link").c_str()) == 0);
  REQUIRE(rmdir(with.tree.path("t/empty").c_str()) == 0);
  REQUIRE(unlink(with.tree.path("t/sub/deep/c").c_str()) == 0);
  REQUIRE(rmdir(with.tree.path("t/sub/deep").c_str()) == 0);
  REQUIRE(unlink(with.tree.path("t/a").c_str()) == 0);
  with.tree.directory("t/a");  // another one, which cannot be compared
  const Lines gone = {"t/a presence violation", "t/empty presence violation",
                      "t/link presence violation", "t/sub/deep presence violation",
                      "t/sub/deep/c presence violation"};
  for (const unsigned jobs : {1U, 4U}) {
    const Checked checked = check_with(with.toml, baseline, jobs);
    CHECK(below(with.tree, checked.lines()) == gone);
    CHECK(adds_up(checked.outcome));
  }
  CHECK(below(with.tree, check_with(with.toml, baseline, 1, {with.tree.path("t/sub")}).lines()) ==
        Lines{"t/sub/deep presence violation", "t/sub/deep/c presence violation"});
  CHECK(below(with.tree, check_with(with.toml, baseline, 1, {with.tree.path("t/empty")}).lines()) ==
        Lines{"t/empty presence violation"});

  // Of a link in the place of a directory nothing below is what was accepted.
  std::filesystem::remove_all(with.tree.path("t/sub"));
  with.tree.file("elsewhere/b", "two");
  with.tree.symlink("t/sub", "../elsewhere");
  CHECK(below(with.tree, check_with(with.toml, baseline, 1, {with.tree.path("t/sub")}).lines()) ==
        Lines{"t/sub content violation", "t/sub/b presence violation",
              "t/sub/deep presence violation", "t/sub/deep/c presence violation"});
}

TEST_CASE("a tree that is gone as a whole is told of once, and all that lay in it") {
  const Pinned with;
  const Baseline baseline = copies_of(with.tree, with.toml).baseline();
  std::filesystem::remove_all(with.tree.path("t"));
  CHECK(below(with.tree, check_with(with.toml, baseline).lines()) ==
        Lines{"t presence violation", "t/a presence violation", "t/empty presence violation",
              "t/link presence violation", "t/sub presence violation", "t/sub/b presence violation",
              "t/sub/deep presence violation", "t/sub/deep/c presence violation"});
}

TEST_CASE("the names that a path or a glob pins are for their presence to say") {
  TempTree tree;
  tree.file("one", "1");
  tree.file("two", "2");
  tree.file("g/x.conf", "x");
  const std::string toml =
      rule("one", tree.path("one"), "content = \"pinned\"") +
      rule("two", tree.path("two"), "presence = \"optional\"\ncontent = \"pinned\"") +
      rule("glob", tree.path("g/*.conf"), "content = \"pinned\"");
  const Baseline baseline = copies_of(tree, toml).baseline();
  CHECK(check_with(toml, baseline).in_policy());
  for (const char* path : {"one", "two", "g/x.conf"}) {
    REQUIRE(unlink(tree.path(path).c_str()) == 0);
  }
  CHECK(below(tree, check_with(toml, baseline).lines()) == Lines{"one presence violation"});
  // A glob beside a recursion takes nothing from it.
  const std::string both =
      pinned_tree(tree.path("g")) + rule("glob", tree.path("g/*.conf"), "content = \"pinned\"");
  tree.file("g/x.conf", "x");
  const Baseline of_both = copies_of(tree, both).baseline();
  REQUIRE(unlink(tree.path("g/x.conf").c_str()) == 0);
  CHECK(below(tree, check_with(both, of_both).lines()) == Lines{"g/x.conf presence violation"});
}

TEST_CASE("what a rule leaves out by now is not missed") {
  const Pinned with;
  const Baseline baseline = copies_of(with.tree, with.toml).baseline();
  std::filesystem::remove_all(with.tree.path("t/sub"));
  CHECK(check_with(pinned_tree(with.tree.path("t"), "exclude = [\"sub\"]"), baseline).in_policy());
  CHECK(check_with(rule("a", with.tree.path("t/a"), "content = \"pinned\""), baseline).in_policy());
  CHECK(check_with(pinned_tree(with.tree.path("t"), "type = \"symlink\""), baseline).in_policy());
}

TEST_CASE("what a mount hides could not be verified") {
  ImageMount image(FileSystem::ext4);
  TempTree& tree = image.tree();
  tree.file("t/a", "one");
  tree.file("t/m/b", "two");
  const std::string toml = pinned_tree(tree.path("t"));
  const Baseline baseline = copies_of(tree, toml).baseline();
  const Mounted over("tmpfs", tree.path("t/m"), "tmpfs");
  const Checked checked = check_with(toml, baseline);
  CHECK(below(tree, checked.lines()) == Lines{"t/m content error"});
  CHECK(checked.outcome.not_entered.size() == 1);
}

TEST_CASE("what is of a type that cannot be compared is not what was accepted") {
  TempTree tree;
  const auto put = [&tree](const std::string& path, const std::string& what) {
    std::filesystem::remove_all(tree.path(path));
    if (what == "fifo") tree.fifo(path);
    if (what == "directory") tree.directory(path);
    if (what == "link") tree.symlink(path, "/etc/passwd");
  };
  struct Row {
    std::string toml;
    std::vector<std::string> others;
  };
  const std::string path = tree.path("t/a");
  const std::string top = tree.path("t");
  const std::vector<Row> rows = {
      {pinned_tree(top), {"fifo", "directory"}},
      {pinned_tree(top, "type = \"file\""), {"fifo", "directory", "link"}},
      {rule("files", top, "recurse = true\nfiles = { content = \"pinned\" }"),
       {"fifo", "directory", "link"}},
      {pinned_tree(top) + rule("a", path, "owner = \"root\""), {"fifo", "directory"}},
      {rule("a", path, "content = \"pinned\""), {"fifo", "directory"}},
      {rule("glob", top + "/*", "content = \"pinned\""), {"fifo", "directory"}},
  };
  for (const Row& row : rows) {
    INFO(row.toml);
    put("t/a", "nothing");
    tree.file("t/a", "x");
    const Baseline baseline = copies_of(tree, row.toml).baseline();
    CHECK(check_with(row.toml, baseline).in_policy());
    for (const std::string& what : row.others) {
      INFO(what);
      put("t/a", what);
      const Lines lines = below(tree, check_with(row.toml, baseline).lines());
      CHECK(std::count(lines.begin(), lines.end(), "t/a presence violation") == 1);
      CHECK(adds_up(check_with(row.toml, baseline).outcome));
      // Nor does it pass because something else of it was corrected.
      tree.chown("t/a", mallory, mallory);
      ApplyWith with;
      with.options.check.baseline = &baseline;
      const Lines applied = below(tree, apply_text(row.toml, with).lines());
      CHECK(std::count(applied.begin(), applied.end(), "t/a presence violation") == 1);
    }
  }
}

TEST_CASE("where nobody knows what was accepted an apply is not in policy either") {
  TempTree tree;
  tree.directory("t", 0777);
  const std::string toml = pinned_tree(tree.path("t"), "mode = \"0755\"");
  for (int run = 0; run < 2; ++run) {
    const Lines lines = below(tree, apply_text(toml).lines());
    CHECK(std::count(lines.begin(), lines.end(), "t content error") == 1);
  }
}

TEST_CASE("what is gone is waived as any violation is, in a check and in an apply") {
  TempTree tree;
  tree.file("t/a", "x");
  tree.file("t/b", "x");
  const std::string toml = pinned_tree(tree.path("t")) +
                           "[[waiver]]\nrule = \"tree\"\npath = " + test::quoted(tree.path("t/a")) +
                           "\nreason = \"r\"\napproved_by = \"a\"\nexpires = 2100-01-01\n";
  const Baseline baseline = copies_of(tree, toml).baseline();
  REQUIRE(unlink(tree.path("t/a").c_str()) == 0);
  REQUIRE(unlink(tree.path("t/b").c_str()) == 0);
  ApplyWith with;
  with.options.check.baseline = &baseline;
  CHECK(below(tree, apply_text(toml, with).lines()) ==
        Lines{"t/a presence waived", "t/b presence violation"});
}

TEST_CASE("a path that is pinned and has no content is never in policy, and is not taken") {
  TempTree tree;
  tree.fifo("fifo");
  const std::string toml = rule("one", tree.path("fifo"), "content = \"pinned\"");
  CHECK(below(tree, check_with(toml, {}).lines()) == Lines{"fifo content error"});
  CHECK(copies_of(tree, toml).not_taken() ==
        Lines{tree.path("fifo") + ": a fifo has no content that could be accepted"});
}

TEST_CASE("an empty tree is not in policy where nobody knows what was in it") {
  TempTree tree;
  tree.directory("t");
  const std::string toml = pinned_tree(tree.path("t"));
  CHECK(below(tree, check_with(toml, {}).lines()) == Lines{"t content error"});
  CHECK(below(tree, check_with(toml, Baseline::unreadable(EACCES)).lines()) ==
        Lines{"t content error"});
  CHECK(check_with(toml, copies_of(tree, toml).baseline()).in_policy());
}

TEST_CASE("who moves a file out of the way of a check does not pass with another") {
  TempTree tree;
  tree.chmod("", 0755);
  tree.file("t/a", "good");
  for (int i = 0; i < 200; ++i) tree.file("t/filler" + std::to_string(i), "f");
  tree.directory("out");
  const std::string toml = pinned_tree(tree.path("t"));
  const Baseline baseline = copies_of(tree, toml).baseline();
  std::ofstream(tree.path("t/a")) << "evil";
  tree.chown("t", mallory, mallory);
  tree.chown("out", mallory, mallory);
  tree.chown("t/a", mallory, mallory);
  const std::string in = tree.path("t/a");
  const std::string out = tree.path("out/a");
  const Busy moving(mallory, mallory, [&in, &out] {
    usleep(500);
    if (rename(in.c_str(), out.c_str()) != 0) return rename(out.c_str(), in.c_str()) == 0;
    return true;
  });
  const std::size_t runs = sample(150, 3000, "checks of a file that is moved about");
  for (std::size_t i = 0; i < runs; ++i) REQUIRE_FALSE(check_with(toml, baseline).in_policy());
  CHECK(moving.times() > 0);
}

TEST_CASE("what nobody may look at is not in policy because it was accepted") {
  const Pinned with;
  const Baseline baseline = copies_of(with.tree, with.toml).baseline();
  REQUIRE(chmod(with.tree.root().c_str(), 0755) == 0);
  REQUIRE(chmod(with.tree.path("t/sub").c_str(), 0700) == 0);
  const int seen = run_as(mallory, mallory, [&] {
    const Lines lines = below(with.tree, check_with(with.toml, baseline).lines());
    const auto has = [&lines](const char* line) {
      return std::find(lines.begin(), lines.end(), line) != lines.end();
    };
    return has("t/sub path error") && has("t/sub/b path error") && !has("t/a content violation")
               ? 0
               : 1;
  });
  CHECK(seen == 0);
}
