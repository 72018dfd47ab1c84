// SPDX-License-Identifier: Apache-2.0
// Whole applies on small trees: what is corrected, what is refused, what is never touched, and what
// an object is between two calls.
#include "engine/apply.hpp"

#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/applied.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/journals.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/recording_changer.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

constexpr std::uint32_t carol = 7002;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + test::quoted(path) + "\n" + rest + "\n";
}

// Hands everything on to the kernel, and counts it.
struct Counted {
  Kernel kernel;
  KernelChanger by_calls{kernel};
  RecordingChanger changer{by_calls};

  Applied apply(const std::string& policy) {
    changer.asked.clear();
    ApplyWith with;
    with.changer = &changer;
    return apply_text(policy, with);
  }
  [[nodiscard]] Lines actions() const {
    Lines out;
    for (const auto& one : changer.asked) out.push_back(text_of(one.action));
    return out;
  }
  // A second apply finds all in policy, and makes no call.
  void require_settled(const std::string& policy) {
    const Applied again = apply(policy);
    REQUIRE(again.lines() == Lines{});
    REQUIRE(again.in_policy());
    REQUIRE(changer.asked.empty());
  }
};

// Everything that a change would leave a trace in: its time of change too.
std::string trace_of(const std::string& path) {
  const struct stat status = status_of(path);
  return std::to_string(status.st_ino) + ' ' + octal(status.st_mode) + ' ' +
         std::to_string(status.st_uid) + ':' + std::to_string(status.st_gid) + ' ' +
         std::to_string(status.st_ctim.tv_sec) + '.' + std::to_string(status.st_ctim.tv_nsec);
}

std::string ids_and_mode(const std::string& path) {
  const struct stat status = status_of(path);
  return std::to_string(status.st_uid) + ':' + std::to_string(status.st_gid) + ' ' +
         octal(status.st_mode & 07777U);
}

// What an object is at one instant, as the kernel looks at it.
struct Instant {
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  unsigned mode = 0;
  std::vector<AclEntry> acl;  // whole; made of the mode where there is none

  // Of an entry that is named or the owning group's, after the mask.
  [[nodiscard]] unsigned in_effect(AclTag tag, std::uint32_t id = 0) const {
    unsigned out = 0;
    for (const AclEntry& one : acl) {
      if (one.tag == tag && (!one.named() || one.id == id)) out = one.permissions;
    }
    const AclEntry* mask = find_entry(acl, AclTag::mask);
    return mask == nullptr ? out : out & mask->permissions;
  }
};

Instant instant_of(int held) {
  const std::string path = "/proc/self/fd/" + std::to_string(held);
  struct stat status {};
  require(fstat(held, &status) == 0, "fstat");
  Instant out{status.st_uid, status.st_gid, status.st_mode & 07777U, base_entries(status.st_mode)};
  std::vector<std::byte> value(4096);
  const ssize_t size =
      getxattr(path.c_str(), "system.posix_acl_access", value.data(), value.size());
  if (size < 0) return out;
  value.resize(static_cast<std::size_t>(size));
  const auto acl = AclView::parse(value);
  out.acl.clear();
  for (std::size_t i = 0; acl && i < acl->size(); ++i) out.acl.push_back((*acl)[i]);
  return out;
}

// The object after each action.
std::vector<Instant> instants_of(const std::string& policy) {
  std::vector<Instant> out;
  WatchedChanger changer;
  changer.after = [&out](int held, Type /*type*/, const Action& /*action*/) {
    out.push_back(instant_of(held));
  };
  ApplyWith with;
  with.changer = &changer;
  const Applied applied = apply_text(policy, with);
  for (const Finding& one : applied.outcome.found.findings) {
    INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << one.reason);
    REQUIRE(one.status == Status::corrected);
  }
  REQUIRE_FALSE(out.empty());
  return out;
}

bool any_starts_with(const Lines& lines, const std::string& start) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.starts_with(start); });
}

// A directory of mallory's.
void his_directory(TempTree& tree, const std::string& name) {
  tree.directory(name);
  tree.chown(name, mallory, mallory);
}

}  // namespace

// --- What bars every change ----------------------------------------------------------------------

TEST_CASE("the mode of an immutable file is corrected in one run and it ends immutable") {
  for (const FileSystem file_system : all_file_systems()) {
    for (const Attribute attribute : {Attribute::immutable, Attribute::append_only}) {
      const std::string letters = letters_of(attribute);
      INFO(name(file_system) << " +" << letters);
      ImageMount mount(file_system);
      const std::string demanded = mount.tree().file("demanded", "", 0666);
      const std::string silent = mount.tree().file("silent", "", 0666);
      const std::string directory = mount.tree().directory("directory", 0777);
      run_program({"chattr", '+' + letters, demanded, silent, directory});
      const std::string policy =
          rule("demanded", demanded,
               "mode = \"0640\"\ngroup = 7001\nattributes = \"" + letters + '"') +
          rule("silent", silent, "mode = \"0640\"") +
          rule("directory", directory, "mode = \"0750\"\nowner = 7001");
      Counted counted;
      const Applied applied = counted.apply(policy);
      REQUIRE(applied.lines() == Lines{demanded + " group corrected", demanded + " mode corrected",
                                       directory + " owner corrected",
                                       directory + " mode corrected", silent + " mode corrected"});
      REQUIRE(ids_and_mode(demanded) == "0:7001 640");
      REQUIRE(ids_and_mode(silent) == "0:0 640");
      REQUIRE(ids_and_mode(directory) == "7001:0 750");
      for (const std::string& path : {demanded, silent, directory}) {
        REQUIRE(run_program({"lsattr", "-d", path}).substr(0, 20).find(letters) !=
                std::string::npos);
      }
      counted.require_settled(policy);
      run_program({"chattr", '-' + letters, demanded, silent, directory});
    }
  }
}

TEST_CASE("an immutable file that lacks nothing else is not lifted") {
  ImageMount mount(FileSystem::ext4);
  const std::string path = mount.tree().file("f", "", 0640);
  run_program({"chattr", "+i", path});
  Counted counted;
  const Applied applied =
      counted.apply(rule("f", path, "mode = \"0640\"\nattributes = { clear = [\"immutable\"] }"));
  REQUIRE(applied.lines() == Lines{path + " attributes corrected"});
  REQUIRE(counted.actions() == Lines{"attributes + -i"});
}

TEST_CASE("what was lifted is put back whichever of the steps fails") {
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::tmpfs}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().file("f", "", 0666);
    const std::string policy = rule("f", path, "mode = \"0651\"\nowner = 7001\ngroup = 7001");
    std::size_t steps = 0;
    for (std::size_t fails = 0; fails == 0 || fails < steps; ++fails) {
      INFO("step " << fails);
      run_program({"chattr", "-i", path});
      mount.tree().chown("f", 0, 0);
      mount.tree().chmod("f", 0666);
      run_program({"chattr", "+i", path});
      if (fails == 0) {  // how many there are
        Counted counted;
        REQUIRE(counted.apply(policy).outcome.changed == 1);
        steps = counted.changer.asked.size();
        REQUIRE(steps == 5);  // lift, narrow, give, grant, put back
        run_program({"chattr", "-i", path});
        mount.tree().chown("f", 0, 0);
        mount.tree().chmod("f", 0666);
        run_program({"chattr", "+i", path});
      }
      Counted counted;
      counted.changer.fail_at(fails, EIO);
      const Applied applied = counted.apply(policy);
      REQUIRE(run_program({"lsattr", "-d", path}).substr(0, 20).find('i') != std::string::npos);
      const Lines lines = applied.lines();
      REQUIRE(lines.size() == 3);
      if (fails == 0) REQUIRE(ids_and_mode(path) == "0:0 666");
      for (const std::string& line : lines) {
        INFO(line);
        REQUIRE((line.ends_with(" failed") || line.ends_with(" corrected")));
      }
      const bool all_done = fails == 4;  // what was put back at the second attempt is all there
      REQUIRE(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
                return line.ends_with(" corrected");
              }) == all_done);
      // What was left undone is done by the next run.
      Counted next;
      (void)next.apply(policy);
      REQUIRE(ids_and_mode(path) == "7001:7001 651");
      next.require_settled(policy);
    }
    run_program({"chattr", "-i", path});
  }
}

// --- Between two calls ---------------------------------------------------------------------------

TEST_CASE("an ACL that is dropped never exposes its mask") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::vector<std::string> demands = {
        "acl = []",
        "acl = []\nowner = 7002",
        "acl = []\ngroup = 7002\nmode = \"0604\"",
        "acl = []\nmode = \"0600\"\nowner = 7002\ngroup = 7002",
    };
    for (std::size_t i = 0; i < demands.size(); ++i) {
      INFO(demands[i]);
      const std::string path = mount.tree().file("f" + std::to_string(i), "", 0600);
      set_acl(path, {{AclTag::user_obj, 6, 0},
                     {AclTag::user, 6, mallory},
                     {AclTag::group_obj, 0, 0},
                     {AclTag::mask, 6, 0},
                     {AclTag::other, 0, 0}});
      REQUIRE(ids_and_mode(path) == "0:0 660");
      const std::vector<Instant> instants = instants_of(rule("f", path, demands[i]));
      for (const Instant& one : instants) {
        REQUIRE(one.in_effect(AclTag::group_obj) == 0);
      }
      REQUIRE((instants.back().mode & 070U) == 0);
      REQUIRE(instants.back().acl.size() == 3);
    }
  }
}

TEST_CASE("a named entry of the owner's does not come into force between two calls") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    // mallory owns it, and may only read it, whatever an entry says that he does not act by.
    const std::string his = mount.tree().file("his", "", 0400);
    mount.tree().chown("his", mallory, 0);
    // carol is to own it, and may only read it then; before that she may nothing.
    const std::string hers = mount.tree().file("hers", "", 0600);
    mount.tree().chown("hers", mallory, 0);
    for (const auto& [path, who] : {std::pair(his, mallory), std::pair(hers, carol)}) {
      set_acl(path, {{AclTag::user_obj, path == his ? std::uint8_t{4} : std::uint8_t{6}, 0},
                     {AclTag::user, path == his ? std::uint8_t{6} : std::uint8_t{0}, who},
                     {AclTag::group_obj, 0, 0},
                     {AclTag::mask, 6, 0},
                     {AclTag::other, 0, 0}});
    }
    for (const Instant& one :
         instants_of(rule("his", his, "owner = 7002\nmode = \"0400\"\nacl = []"))) {
      if (one.owner != mallory) REQUIRE((one.in_effect(AclTag::user, mallory) & ~4U) == 0);
    }
    REQUIRE(ids_and_mode(his) == "7002:0 400");
    for (const Instant& one : instants_of(
             rule("hers", hers, "owner = 7002\nmode = \"0400\"\nacl = [\"user:7002:rw\"]"))) {
      if (one.owner == carol) REQUIRE(((one.mode >> 6) & 7U & ~4U) == 0);
      if (one.owner == mallory) REQUIRE((one.in_effect(AclTag::user, carol) & ~4U) == 0);
    }
    REQUIRE(ids_and_mode(hers) == "7002:0 460");
  }
}

// --- Links ---------------------------------------------------------------------------------------

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
      REQUIRE(line.ends_with(" path error"));
    }
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
    const Instant refused = instant_of(hold(link).get());
    REQUIRE(refused.owner == 0);
    REQUIRE((refused.in_effect(AclTag::user, mallory) | (refused.mode & 07U)) == 0);
    run_program({"setfacl", "-b", link});
    // But it is narrowed.
    REQUIRE(counted.apply(narrow).lines() == Lines{link + " mode corrected"});
    REQUIRE(ids_and_mode(link) == "0:0 600");
  }
}

TEST_CASE("a file with two links in a directory of root's is corrected once") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  // Nothing but the ACL tells that the one was corrected before the other.
  const std::string one = tree.file("one", "", 0640);
  const std::string other = tree.hard_link("other", "one");
  const std::string policy = rule("one", one, "mode = \"0640\"\nacl = [\"user:7001:r\"]") +
                             rule("other", other, "mode = \"0640\"\nacl = [\"user:7001:r\"]");
  Counted counted;
  (void)counted.apply(policy);
  const Lines actions = counted.actions();
  REQUIRE(std::adjacent_find(actions.begin(), actions.end()) == actions.end());
  counted.require_settled(policy);
}

// --- Who controls the directory ------------------------------------------------------------------

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

TEST_CASE("what comes and goes while it is corrected fails nothing else - T105") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  his_directory(tree, "home");
  const std::string home = tree.path("home");
  const std::string stays = tree.file("home/stays", "", 0666);
  tree.chown("home/stays", mallory, mallory);
  Busy busy(mallory, mallory, [&home] {
    const std::string t = home + "/t";
    const std::string f = t + "/f";
    umask(0);
    if (mkdir(t.c_str(), 0777) != 0) return false;
    const int fd = open(f.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) return false;
    close(fd);
    usleep(200);
    return unlink(f.c_str()) == 0 && rmdir(t.c_str()) == 0;
  });
  const std::string policy = rule("t", home, "recurse = true\nmode = \"o-w\"");
  int corrected = 0;
  for (int run = 0; run < 200 || (corrected == 0 && run < 20000); ++run) {
    tree.chmod("home/stays", 0666);
    const Applied applied = apply_text(policy);
    const Lines lines = applied.lines();
    REQUIRE(any_starts_with(lines, stays + " mode corrected"));
    REQUIRE((status_of(stays).st_mode & 0777U) == 0664);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << name(one.status) << ' '
                           << one.reason << one.message);
      // What was held is corrected, or has no name any more.
      REQUIRE((one.status == Status::corrected || one.status == Status::failed));
    }
    corrected += static_cast<int>(lines.size()) - 1;
  }
  REQUIRE(busy.times() > 0);
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

TEST_CASE("what held before another aspect was corrected is looked at again") {
  ImageMount mount(FileSystem::ext4);
  // A mask that bars the group from what the mode is to give it: they cannot both hold.
  const std::string path = mount.tree().file("f", "", 0660);
  const std::string policy =
      rule("f", path, "mode = { at_least = \"0660\" }\nacl = [\"user:7001:r\", \"mask::r\"]");
  const Lines expected = {path + " mode violation", path + " acl corrected"};
  ApplyWith dry;
  dry.dry_run = true;
  REQUIRE(apply_text(policy, dry).lines() ==
          Lines{path + " mode violation", path + " acl would_correct"});
  Counted counted;
  REQUIRE(counted.apply(policy).lines() == expected);
  REQUIRE(counted.apply(policy).lines() == Lines{path + " mode violation"});
  REQUIRE(counted.actions() == Lines{});
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

// --- What it touches is where it was seen --------------------------------------------------------

TEST_CASE("the copy-up of an overlay file system is not taken for a race") {
  TempTree place;
  // The lower layer is another file system.
  const std::string lower = place.directory("lower");
  const std::string other = place.directory("other");
  const std::string point = place.directory("point");
  place.chmod("", 0755);
  const Mounted below("tmpfs", lower, "tmpfs", 0, "mode=0755");
  const Mounted above("tmpfs", other, "tmpfs", 0, "mode=0755");
  place.directory("other/upper");
  place.directory("other/work");
  const std::string file = place.file("lower/f", "", 0666);
  place.directory("lower/d", 0777);
  place.file("lower/l1", "", 0666);
  place.hard_link("lower/l2", "lower/l1");
  for (const char* options : {"xino=off,index=off", "xino=off,index=on"}) {
    INFO(options);
    const Mounted overlay("overlay", point, "overlay", 0,
                          "lowerdir=" + lower + ",upperdir=" + other + "/upper,workdir=" + other +
                              "/work," + options);
    const struct stat before = status_of(point + "/l1");
    const std::string policy =
        rule("f", point + "/f", "owner = 7001\ngroup = 7001\nmode = \"0640\"\nacl = []") +
        rule("d", point + "/d", "owner = 7001\nmode = \"0700\"") +
        rule("l", point + "/l1", "mode = \"0600\"");
    Counted counted;
    const Applied applied = counted.apply(policy);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << one.reason);
      REQUIRE(one.status == Status::corrected);
    }
    // Without the index the copy of one of two links is another inode.
    const struct stat after = status_of(point + "/l1");
    const bool same = before.st_dev == after.st_dev && before.st_ino == after.st_ino;
    REQUIRE(same == (std::string(options).find("index=on") != std::string::npos));
    REQUIRE(counted.changer.asked.size() == 2 + 2 + 1);
    REQUIRE(ids_and_mode(point + "/f") == "7001:7001 640");
    REQUIRE(ids_and_mode(point + "/d") == "7001:0 700");
    counted.require_settled(policy);
    for (const char* one : {"f", "d", "l1"}) {
      run_program({"rm", "-rf", other + "/upper/" + one});
    }
    run_program({"rm", "-rf", other + "/work/index"});
  }
}

TEST_CASE("what has another name by the end is not called corrected") {
  for (const std::string renamed : {"d/f", "d"}) {
    INFO(renamed);
    ImageMount mount(FileSystem::tmpfs);
    TempTree& tree = mount.tree();
    const std::string f = tree.file("d/f", "", 0666);
    const std::string g = tree.file("d/g", "", 0666);
    tree.file("e/f", "", 0600);
    tree.file("e/g", "", 0600);
    const std::string policy = rule("f", f, "mode = \"0640\"") + rule("g", g, "mode = \"0640\"");
    // With the first change what is held gets another name, and something else its own.
    bool once = true;
    WatchedChanger changer;
    changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) {
      if (!once) return;
      once = false;
      const std::string with = renamed == "d" ? "e" : "e/g";
      const std::string which = renamed == "d" ? "d" : "d/g";  // the one that is corrected first
      require(renameat2(AT_FDCWD, tree.path(which).c_str(), AT_FDCWD, tree.path(with).c_str(),
                        RENAME_EXCHANGE) == 0,
              "exchange");
    };
    ApplyWith asked;
    asked.changer = &changer;
    const Applied applied = apply_text(policy, asked);
    // What has the name now was 0600: nobody may call it corrected who did not see it so.
    INFO(ids_and_mode(f) << ", " << ids_and_mode(g));
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.status) << ' ' << one.reason);
      if (one.status == Status::corrected) {
        REQUIRE((status_of(one.path.text()).st_mode & 0777U) == 0640);
      }
    }
    REQUIRE(check_text(policy).in_policy());
  }
}

// --- What is left alone --------------------------------------------------------------------------

TEST_CASE("while a name in its rules has no account nothing of an object changes - T24") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string f = tree.file("f", "", 0666);
  const std::string g = tree.file("g", "", 0666);
  const std::string h = tree.file("h", "", 0666);
  const std::string before = trace_of(f) + trace_of(g);
  Counted counted;
  const Applied applied =
      counted.apply(rule("f", f, "owner = \"nosuchuser_x\"\nmode = \"4755\"\ngroup = 7001") +
                    rule("g", g, "mode = \"0640\"\nacl = [\"user:nosuchuser_x:r\"]") +
                    rule("h", h, "owner = [\"nosuchuser_x\", \"root\"]\nmode = \"0640\""));
  REQUIRE(applied.lines() == Lines{f + " owner error", f + " group refused", f + " mode refused",
                                   g + " mode refused", g + " acl error", h + " mode corrected"});
  REQUIRE(trace_of(f) + trace_of(g) == before);
  REQUIRE(ids_and_mode(h) == "0:0 640");
  REQUIRE(counted.changer.asked.size() == 1);
}

TEST_CASE("what is only reported or waived is not changed") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string reported = tree.file("reported", "", 0666);
  const std::string waived = tree.file("waived", "", 0666);
  const std::string part = tree.file("part", "", 0666);
  const std::string expired = tree.file("expired", "", 0666);
  const std::string before = trace_of(reported) + trace_of(waived);
  const auto waiver = [](const std::string& id, const std::string& rest) {
    return "[[waiver]]\nrule = \"" + id + "\"\nreason = \"change 4711\"\n" + rest + "\n";
  };
  Counted counted;
  const Applied applied = counted.apply(
      rule("reported", reported, "mode = \"0640\"\nowner = 7001\nenforce = false") +
      rule("waived", waived, "mode = \"0640\"\nowner = 7001") +
      rule("part", part, "mode = \"0640\"\nowner = 7001") +
      rule("expired", expired, "mode = \"0640\"") + waiver("waived", "expires = 2027-03-31") +
      waiver("part", "aspects = [\"mode\"]\nexpires = 2027-03-31") +
      waiver("expired", "expires = 2026-11-25"));
  REQUIRE(applied.lines() == Lines{expired + " mode corrected", part + " owner corrected",
                                   part + " mode waived", reported + " owner violation",
                                   reported + " mode violation", waived + " owner waived",
                                   waived + " mode waived"});
  REQUIRE(trace_of(reported) + trace_of(waived) == before);
  REQUIRE(ids_and_mode(part) == "7001:0 666");
  REQUIRE(ids_and_mode(expired) == "0:0 640");
}

TEST_CASE("an object that fails does not stop the others") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  std::string policy;
  Lines paths;
  for (int i = 0; i < 4; ++i) {
    const std::string at = std::to_string(i);
    paths.push_back(tree.file("f" + at));
    policy += rule("r" + at, paths.back(), "owner = 7001\nmode = \"0660\"");
  }
  std::size_t calls = 12;
  for (std::size_t fails = 0; fails < calls; ++fails) {
    INFO("call " << fails);
    for (int i = 0; i < 4; ++i) {
      tree.chown("f" + std::to_string(i), 0, 0);
      tree.chmod("f" + std::to_string(i), 0606);
    }
    Counted counted;
    counted.changer.fail_at(fails, EIO);
    const Applied applied = counted.apply(policy);
    // The last object is the first to be corrected; each takes three calls.
    const std::string& failed = paths[3 - fails / 3];
    for (const std::string& path : paths) {
      INFO(path);
      const bool right = ids_and_mode(path) == "7001:0 660";
      REQUIRE(right == (path != failed));
    }
    const Lines lines = applied.lines();
    REQUIRE(lines.size() == 8);
    for (const std::string& line : lines) {
      if (!line.starts_with(failed)) REQUIRE(line.ends_with(" corrected"));
    }
    REQUIRE(any_starts_with(lines, failed + " mode failed"));
    REQUIRE(applied.outcome.changed == (fails % 3 == 0 ? 3 : 4));
  }
}

TEST_CASE("where more would be changed than is allowed nothing is") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  std::string policy;
  std::string before;
  for (int i = 0; i < 3; ++i) {
    const std::string path = tree.file("f" + std::to_string(i), "", 0666);
    policy += rule("r" + std::to_string(i), path, "mode = \"0640\"");
    before += trace_of(path);
  }
  Counted counted;
  ApplyWith with;
  with.changer = &counted.changer;
  with.options.most_changes = 2;
  const Applied refused = apply_text(policy, with);
  REQUIRE(refused.outcome.too_many);
  REQUIRE(refused.outcome.changed == 3);
  REQUIRE(counted.changer.asked.empty());
  std::string after;
  for (int i = 0; i < 3; ++i) after += trace_of(tree.path("f" + std::to_string(i)));
  REQUIRE(after == before);
  with.options.most_changes = 3;
  const Applied done = apply_text(policy, with);
  REQUIRE_FALSE(done.outcome.too_many);
  REQUIRE(done.outcome.changed == 3);
  counted.require_settled(policy);
}
