// SPDX-License-Identifier: Apache-2.0
// What apply does not do, or not yet: where somebody else could have put what is there, or written
// it.
#include "fs/apply_support.hpp"
#include "store/refused_inodes.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/journals.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"

#include <algorithm>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

// --- Links --------------------------------------------------------------------------------------

TEST_CASE("a symlink in the place of a file and its target are not touched - T01") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const std::string victim = tree.file("victim", "secret", 0600);
    his_directory(tree, "home");
    const std::string typed = tree.symlink("home/typed", victim);
    const std::string untyped = tree.symlink("home/untyped", victim);
    const std::string roots = tree.symlink("roots", victim);
    for (const char* one : {"home/typed", "home/untyped"}) tree.chown(one, mallory, mallory);
    const std::string before = trace_of(victim) + trace_of(typed) + trace_of(untyped);
    Counted counted;
    const std::string demand = "owner = 7001\ngroup = 7001\nmode = \"0644\"\n";
    const Applied applied =
        counted.apply(rule("typed", typed, "type = \"file\"\n" + demand) +
                      rule("untyped", untyped, demand + "acl = []") + rule("roots", roots, demand) +
                      rule("tree", tree.path("home"),
                           "recurse = true\n" + std::string("owner = 7001\nmode = \"go-w\"")));
    REQUIRE(applied.lines() == Lines{typed + " type violation", untyped + " type violation",
                                     roots + " type violation"});
    REQUIRE(counted.actions() == Lines{});
    REQUIRE(trace_of(victim) + trace_of(typed) + trace_of(untyped) == before);
  }
}

TEST_CASE("a rule about a symlink changes the owner of the link alone - T01") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string victim = tree.file("victim", "secret", 0600);
  const std::string link = tree.symlink("link", victim);
  const std::string before = trace_of(victim);
  Counted counted;
  const std::string policy = rule("link", link, "type = \"symlink\"\nowner = 7001\ngroup = 7002");
  REQUIRE(counted.apply(policy).lines() ==
          Lines{link + " owner corrected", link + " group corrected"});
  REQUIRE(counted.actions() == Lines{"owner 7001:7002"});
  REQUIRE(trace_of(victim) == before);
  REQUIRE(status_of(link).st_uid == mallory);
  counted.require_settled(policy);
}

TEST_CASE("a symlink that is not root's on the way leads nowhere - T02") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const std::string victim = tree.file("safe/shadow", "secret", 0600);
    his_directory(tree, "home");
    tree.symlink("home/d", tree.path("safe"));
    tree.chown("home/d", mallory, mallory);
    const std::string before = trace_of(victim) + trace_of(tree.path("safe"));
    Counted counted;
    const Applied applied = counted.apply(
        rule("f", tree.path("home/d/shadow"), "owner = 7001\ngroup = 7001\nmode = \"0644\"") +
        rule("g", tree.path("home/*/shadow"), "owner = 7001\nmode = \"0644\"") +
        rule("t",
             tree.path("home/d/"
                       "x"),
             "recurse = true\nowner = 7001\nmode = \"a+r\""));
    for (const std::string& line : applied.lines()) {
      INFO(line);
      REQUIRE(line.ends_with(" path refused"));
    }
    REQUIRE(applied.lines().size() == 2);
    REQUIRE(counted.actions() == Lines{});
    REQUIRE(trace_of(victim) + trace_of(tree.path("safe")) == before);
  }
}

TEST_CASE("a hard link to a file of root's in a directory of mallory's is not touched - T05") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const std::string victim = tree.file("victim", "secret", 0640);
    his_directory(tree, "home");
    const std::string link = tree.hard_link("home/f", "victim");
    const std::string before = trace_of(victim);
    const std::string give =
        rule("f", link, "owner = 7001\ngroup = 7001\nmode = \"0644\"\nacl = [\"user:7001:rw\"]\n");
    const std::string narrow = rule("f", link, "mode = { at_most = \"0600\" }");
    for (const std::string& policy : {give, narrow}) {
      Counted counted;
      const Applied applied = counted.apply(policy);
      for (const std::string& line : applied.lines()) {
        INFO(line);
        REQUIRE(line.ends_with(" refused"));
      }
      REQUIRE(counted.actions() == Lines{});
      REQUIRE(trace_of(victim) == before);
      REQUIRE(any_starts_with(applied.reasons(), "it has 2 links, and "));
    }
    // Nor is it given to him once it is the only one, as after the victim was replaced.
    REQUIRE(unlink(victim.c_str()) == 0);
    Counted counted;
    const Lines lines = counted.apply(give).lines();
    REQUIRE(lines.size() == 4);
    for (const std::string& line : lines) REQUIRE(line.ends_with(" refused"));
    REQUIRE(counted.actions() == Lines{});
    REQUIRE(ids_and_mode(link) == "0:0 640");
    // But it is narrowed.
    REQUIRE(counted.apply(narrow).lines() == Lines{link + " mode corrected"});
    REQUIRE(ids_and_mode(link) == "0:0 600");
  }
}

// --- Who controls the directory -----------------------------------------------------------------

TEST_CASE("a directory in which somebody else may write is no safe parent - T08 T09") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    for (const char* place : {"acl", "own", "grp", "oth", "sticky"}) {
      tree.directory(place);
      tree.file(std::string(place) + "/tool", "", 0755);
      tree.file(std::string(place) + "/capable", "", 0755);
      tree.file(std::string(place) + "/carols", "", 0755);
      tree.chown(std::string(place) + "/carols", carol, carol);
      tree.file(std::string(place) + "/wide", "", 04777);
    }
    set_acl(tree.path("acl"), acl_for_user(mallory, 7, 7));
    REQUIRE(ids_and_mode(tree.path("acl")) == "0:0 775");
    tree.chown("own", mallory, 0);
    tree.chown("grp", 0, mallory);
    tree.chmod("grp", 0775);
    tree.chmod("oth", 0777);
    tree.chmod("sticky", 01777);
    for (const std::string place : {"acl", "own", "grp", "oth", "sticky"}) {
      INFO(place);
      const std::string tool = tree.path(place + "/tool");
      const std::string capable = tree.path(place + "/capable");
      const std::string carols = tree.path(place + "/carols");
      const std::string wide = tree.path(place + "/wide");
      const std::string policy =
          rule("tool", tool, "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"") +
          rule("capable", capable, "capabilities = \"cap_net_raw=ep\"") +
          rule("carols", carols, "owner = \"root\"\ngroup = \"root\"") +
          rule("wide", wide, "mode = { at_most = \"0755\" }");
      Counted counted;
      const Applied applied = counted.apply(policy);
      REQUIRE(applied.lines() == Lines{capable + " capabilities refused", carols + " owner refused",
                                       carols + " group refused", tool + " mode refused",
                                       wide + " mode corrected"});
      for (const std::string& reason : applied.reasons()) {
        INFO(reason);
        REQUIRE(reason.find("may change what lies there") != std::string::npos);
        REQUIRE(reason.find("trust = [") != std::string::npos);
      }
      REQUIRE(ids_and_mode(tool) == "0:0 755");
      REQUIRE(ids_and_mode(carols) == "7002:7002 755");
      REQUIRE(ids_and_mode(wide) == "0:0 755");
      REQUIRE(run_program({"getcap", capable}).empty());
    }
  }
}

TEST_CASE(
    "in his own directory a user's files get what he could give them and not his group's bit") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    his_directory(tree, "home");
    // A file of his has the group that a directory with the bit gave it.
    const std::string grouped = tree.file("home/grouped", "evil", 0755);
    const std::string plain = tree.file("home/plain", "", 0600);
    const std::string others = tree.file("home/others", "", 0600);
    tree.chown("home/grouped", mallory, 0);
    tree.chown("home/plain", mallory, mallory);
    tree.chown("home/others", carol, carol);
    const std::string policy = rule("grouped", grouped, "mode = \"2750\"") +
                               rule("plain", plain, "mode = \"0644\"\nacl = [\"user:7002:r\"]") +
                               rule("others", others, "mode = \"0644\"");
    Counted counted;
    REQUIRE(counted.apply(policy).lines() ==
            Lines{grouped + " mode refused", others + " mode refused", plain + " mode corrected",
                  plain + " acl corrected"});
    REQUIRE(ids_and_mode(grouped) == "7001:0 750");
    REQUIRE(ids_and_mode(others) == "7002:7002 600");
    REQUIRE(ids_and_mode(plain) == "7001:7001 644");
  }
}

TEST_CASE("whom a refused entry was to give more does not lose what he has") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.directory("d", 0775);
    tree.chown("d", 0, mallory);
    const std::string f = tree.file("d/f", "", 0640);
    const std::string g = tree.file("d/g", "", 0664);
    for (const char* one : {"d/f", "d/g"}) tree.chown(one, 0, mallory);
    const std::string before = trace_of(f);
    // To carol, who may be of the group, the one gives more than the group has; the other takes
    // what the group has beyond the others, and no more.
    const std::string policy = rule("f", f, "acl = [\"user:7002:rw\", \"group:7003:r\"]") +
                               rule("g", g, "acl = [\"user:7002:r\"]");
    Counted counted;
    REQUIRE(counted.apply(policy).lines() == Lines{f + " acl refused", g + " acl corrected"});
    REQUIRE(trace_of(f) == before);
    REQUIRE(counted.actions() ==
            Lines{"acl user::rw-,user:7002:r--,group::rw-,mask::rw-,other::r--"});
    REQUIRE(counted.apply(policy).lines() == Lines{f + " acl refused"});
    REQUIRE(counted.actions() == Lines{});
  }
}

TEST_CASE("offline the place is no reason to refuse but links and content are") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  his_directory(tree, "home");
  const std::string evil = tree.file("home/evil", "evil", 0755);
  const std::string given = tree.file("home/given", "", 0600);
  const std::string tool = tree.file("home/tool", "good", 0755);
  tree.chown("home/evil", mallory, 0);
  tree.file("elsewhere", "", 0600);
  const std::string linked = tree.hard_link("home/linked", "elsewhere");
  const std::string policy = rule("evil", evil, "owner = \"root\"\nmode = \"4755\"") +
                             rule("given", given, "owner = 7001\nmode = \"0644\"") +
                             rule("linked", linked, "owner = 7001") +
                             rule("tool", tool, "mode = \"4755\"");
  ApplyWith with;
  with.options.offline = true;
  REQUIRE(apply_text(policy, with).lines() ==
          Lines{evil + " owner corrected", evil + " mode refused", given + " owner corrected",
                given + " mode corrected", linked + " owner refused", tool + " mode corrected"});
  REQUIRE(ids_and_mode(evil) == "0:0 755");
  REQUIRE(ids_and_mode(linked) == "0:0 600");
  REQUIRE(ids_and_mode(tool) == "0:0 4755");
}

TEST_CASE("what is trusted may be given but set-id bits are not granted there") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.directory("web", 0775);
  tree.chown("web", 0, mallory);
  const std::string carols = tree.file("web/carols", "", 0644);
  tree.chown("web/carols", carol, carol);
  const std::string tool = tree.file("web/tool", "", 0755);
  const std::string policy =
      rule("carols", carols, "owner = \"root\"\ngroup = \"root\"\ntrust = [\"@7001\"]") +
      rule("tool", tool, "mode = \"4755\"\ntrust = [\"@7001\"]");
  Counted counted;
  REQUIRE(counted.apply(policy).lines() ==
          Lines{carols + " owner corrected", carols + " group corrected", tool + " mode refused"});
  REQUIRE(ids_and_mode(tool) == "0:0 755");
}

TEST_CASE("a tree of root's is given away in one run from its leaves up") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    for (const char* directory : {"t", "t/a", "t/a/b", "t/c"}) {
      tree.directory(directory);
      for (int i = 0; i < 5; ++i) tree.file(std::string(directory) + "/f" + std::to_string(i));
    }
    tree.symlink("t/a/link", "nowhere");
    const std::string policy =
        rule("t", tree.path("t"),
             "recurse = true\nowner = 7001\ngroup = 7001\ndirectories = { mode = \"0770\" }\n"
             "files = { mode = \"0660\" }");
    std::vector<ino_t> order;
    Counted counted;
    const Applied applied = counted.apply(policy);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << one.reason);
      REQUIRE(one.status == Status::corrected);
    }
    REQUIRE(applied.outcome.changed == 25);
    // No object is touched any more once a directory above it was.
    for (const auto& one : counted.changer.asked) order.push_back(one.inode);
    const auto last_of = [&order](ino_t inode) {
      return std::find(order.rbegin(), order.rend(), inode).base() - order.begin();
    };
    const auto first_of = [&order](ino_t inode) {
      return std::find(order.begin(), order.end(), inode) - order.begin();
    };
    for (const auto& [below, above] : std::vector<std::pair<std::string, std::string>>{
             {"t/a/b/f0", "t/a/b"}, {"t/a/b", "t/a"}, {"t/a/f4", "t/a"}, {"t/c", "t"}}) {
      REQUIRE(last_of(status_of(tree.path(below)).st_ino) <=
              first_of(status_of(tree.path(above)).st_ino));
    }
    counted.require_settled(policy);
  }
}

TEST_CASE("in a directory found open only narrowing is done and the next run does the rest") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.directory("d", 0777);
    const std::string d = tree.path("d");
    const std::string narrow = tree.file("d/narrow", "", 0666);
    const std::string give = tree.file("d/give", "", 0646);
    tree.chown("d/give", carol, 0);
    const std::string grant = tree.file("d/grant", "", 0600);
    const std::string policy = rule("d", d, "mode = \"0755\"") +
                               rule("narrow", narrow, "mode = \"0640\"") +
                               rule("give", give, "owner = \"root\"\nmode = \"0640\"") +
                               rule("grant", grant, "mode = \"0644\"");
    Counted counted;
    REQUIRE(counted.apply(policy).lines() ==
            Lines{d + " mode corrected", give + " owner refused", give + " mode corrected",
                  grant + " mode refused", narrow + " mode corrected"});
    REQUIRE(ids_and_mode(give) == "7002:0 640");
    REQUIRE(ids_and_mode(grant) == "0:0 600");
    REQUIRE(counted.apply(policy).lines() ==
            Lines{give + " owner corrected", grant + " mode corrected"});
    REQUIRE(ids_and_mode(give) == "0:0 640");
    REQUIRE(ids_and_mode(grant) == "0:0 644");
    counted.require_settled(policy);
  }
}

// --- Who could write the file -------------------------------------------------------------------

TEST_CASE("set-id bits are not given to what others could have written - T10") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    struct Row {
      std::string name;
      std::uint32_t owner;
      std::uint32_t group;
      mode_t mode;
      bool acl;
    };
    const std::vector<Row> rows = {{"his", mallory, mallory, 0755, false},
                                   {"by-group", 0, mallory, 0775, false},
                                   {"by-anyone", 0, 0, 0777, false},
                                   {"by-acl", 0, 0, 0755, true}};
    std::string set_id;
    std::string capable;
    for (const Row& row : rows) {
      for (const std::string& top : {std::string("su/"), std::string("caps/")}) {
        const std::string path = tree.file(top + row.name, "evil", row.mode);
        tree.chown(top + row.name, row.owner, row.group);
        if (row.acl) set_acl(path, acl_for_user(mallory, 7, 7));
      }
      set_id += rule("s-" + row.name, tree.path("su/" + row.name),
                     "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"\nacl = []");
      capable += rule("c-" + row.name, tree.path("caps/" + row.name),
                      "owner = \"root\"\ngroup = \"root\"\nmode = \"0755\"\nacl = []\n"
                      "capabilities = \"cap_net_raw=ep\"");
    }
    Journal journal = journal_in(mount.path("state"));
    // As often as it is run: it is not the owner and the mode of today that count.
    for (int run = 0; run < 3; ++run) {
      INFO("run " << run);
      OpenRun open = Journal::begin(start_of("apply"));
      ApplyWith with;
      with.journal = &journal;
      with.run = &open;
      const Applied applied = apply_text(set_id + capable, with);
      REQUIRE_FALSE(applied.outcome.error);
      const Lines lines = applied.lines();
      for (const Row& row : rows) {
        INFO(row.name);
        const std::string su = tree.path("su/" + row.name);
        const std::string caps = tree.path("caps/" + row.name);
        REQUIRE(ids_and_mode(su) == "0:0 755");
        REQUIRE(ids_and_mode(caps) == "0:0 755");
        REQUIRE(run_program({"getcap", caps}).empty());
        REQUIRE(any_starts_with(lines, su + " mode refused"));
        REQUIRE(any_starts_with(lines, caps + " capabilities refused"));
      }
    }
    // A rehearsal that may write nothing knows it as well.
    const auto refusals = journal.refusals();
    REQUIRE(refusals.ok());
    RefusedInodes refused(*refusals);
    ApplyWith dry;
    dry.dry_run = true;
    dry.refused = &refused;
    REQUIRE(
        any_starts_with(apply_text(set_id, dry).lines(), tree.path("su/his") + " mode refused"));
    // A new inode ends it.
    REQUIRE(unlink(tree.path("su/his").c_str()) == 0);
    tree.file("su/other", "", 0600);  // which does not get the same number
    tree.file("su/his", "good", 0755);
    OpenRun open = Journal::begin(start_of("apply"));
    ApplyWith with;
    with.journal = &journal;
    with.run = &open;
    REQUIRE(
        any_starts_with(apply_text(set_id, with).lines(), tree.path("su/his") + " mode corrected"));
    REQUIRE(ids_and_mode(tree.path("su/his")) == "0:0 4755");
  }
}

TEST_CASE("what is armed already is not handed to a new owner, and is said to be gone - T10") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const std::string tool = tree.file("tool", "evil", 0755);
    const std::string capable = tree.file("capable", "evil", 0755);
    for (const char* one : {"tool", "capable"}) tree.chown(one, mallory, mallory);
    tree.chmod("tool", 04755);
    run_program({"setcap", "-q", "cap_net_raw=ep", capable});
    const std::string policy =
        rule("tool", tool, "owner = \"root\"\nmode = \"4755\"") +
        rule("capable", capable, "owner = \"root\"\ncapabilities = \"cap_net_raw=ep\"");
    ApplyWith dry;
    dry.dry_run = true;
    REQUIRE(apply_text(policy, dry).lines() ==
            Lines{capable + " owner would_correct", capable + " capabilities refused",
                  tool + " owner would_correct", tool + " mode refused"});
    Counted counted;
    REQUIRE(counted.apply(policy).lines() ==
            Lines{capable + " owner corrected", capable + " capabilities refused",
                  tool + " owner corrected", tool + " mode refused"});
    REQUIRE(ids_and_mode(tool) == "0:7001 755");
    REQUIRE(run_program({"getcap", capable}).empty());
  }
}

TEST_CASE("what others could write is not armed once its directory is closed - T10") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  his_directory(tree, "open");
  const std::string tool = tree.file("open/tool", "evil", 0775);
  tree.chown("open/tool", 0, mallory);
  const std::string policy =
      rule("open", tree.path("open"), "owner = \"root\"\ngroup = \"root\"\nmode = \"0755\"") +
      rule("tool", tool, "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"");
  Journal journal = journal_in(mount.path("state"));
  for (int run = 0; run < 4; ++run) {
    INFO("run " << run);
    OpenRun open = Journal::begin(start_of("apply"));
    ApplyWith with;
    with.journal = &journal;
    with.run = &open;
    const Applied applied = apply_text(policy, with);
    REQUIRE((status_of(tool).st_mode & 06000U) == 0);
    REQUIRE(any_starts_with(applied.lines(), tool + " mode refused"));
  }
  REQUIRE(ids_and_mode(tool) == "0:0 755");
}

TEST_CASE("what somebody has mapped does not become a program of root's - T11") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    his_directory(tree, "home");
    const std::string program = tree.file("home/program", std::string(4096, '.'), 0755);
    tree.chown("home/program", mallory, mallory);
    const Fd file(open(program.c_str(), O_RDWR | O_CLOEXEC));
    auto* const mapped =
        static_cast<char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0));
    require(mapped != MAP_FAILED, "mmap");
    tree.chown("home", 0, 0);
    const std::string policy =
        rule("program", program, "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"");
    Journal journal = journal_in(mount.path("state"));
    for (int run = 0; run < 2; ++run) {
      OpenRun open_run = Journal::begin(start_of("apply"));
      ApplyWith with;
      with.journal = &journal;
      with.run = &open_run;
      REQUIRE(any_starts_with(apply_text(policy, with).lines(), program + " mode refused"));
      std::fill_n(mapped, 4, 'E');
      REQUIRE((status_of(program).st_mode & 06000U) == 0);
    }
    require(munmap(mapped, 4096) == 0, "munmap");
  }
}
