// SPDX-License-Identifier: Apache-2.0
// At no instant does anybody have a right that he has neither before nor after. Between the actions
// of an apply the kernel is asked what users may do: in a process of each, by faccessat(2).
#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/applied.hpp"
#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/recording_changer.hpp"
#include "support/sampling.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

// A process that acts as somebody, and answers what he may do: r, w and x as in a mode.
class Somebody {
 public:
  Somebody(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) : uid_(uid) {
    std::array<int, 2> ends{};
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0, "socketpair");
    child_ = fork();
    require(child_ >= 0, "fork");
    if (child_ == 0) answer(ends[1], uid, gid, groups);
    close(ends[1]);
    end_ = ends[0];
    name_ = std::to_string(uid) + ':' + std::to_string(gid);
    for (const gid_t one : groups) name_ += ',' + std::to_string(one);
  }
  ~Somebody() {
    close(end_);
    (void)kill(child_, SIGKILL);  // those forked later hold its end open too
    (void)waitpid(child_, nullptr, 0);
  }
  Somebody(const Somebody&) = delete;
  Somebody& operator=(const Somebody&) = delete;

  [[nodiscard]] unsigned may(const std::string& path) const {
    char out = 0;
    require(send(end_, path.data(), path.size(), MSG_NOSIGNAL) > 0, "ask");
    require(recv(end_, &out, 1, 0) == 1, "be answered");
    return static_cast<unsigned>(out);
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] uid_t uid() const { return uid_; }

 private:
  [[noreturn]] static void answer(int end, uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
    const bool become = setgroups(groups.size(), groups.data()) == 0 &&
                        setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::array<char, 4096> path{};
    for (;;) {
      const ssize_t got = recv(end, path.data(), path.size() - 1, 0);
      if (!become || got <= 0) _exit(0);
      path[static_cast<std::size_t>(got)] = '\0';
      char out = 0;
      for (const int right : {R_OK, W_OK, X_OK}) {
        if (faccessat(AT_FDCWD, path.data(), right, AT_EACCESS) == 0) {
          out = static_cast<char>(out | right);
        }
      }
      if (send(end, &out, 1, MSG_NOSIGNAL) != 1) _exit(0);
    }
  }

  uid_t uid_;
  pid_t child_ = -1;
  int end_ = -1;
  std::string name_;
};

using People = std::vector<std::unique_ptr<Somebody>>;

// Owners, members of owning groups, those whom entries name, and one whom nothing names.
People people() {
  People out;
  const auto add = [&out](uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
    out.push_back(std::make_unique<Somebody>(uid, gid, groups));
  };
  add(7001, 7001, {});
  add(7002, 7002, {});
  add(7001, 7009, {7002});
  add(7002, 7009, {7001});
  add(7003, 7009, {});
  add(7003, 7003, {7001});
  add(7004, 7009, {7001, 7002});
  add(7005, 7009, {0});
  add(7006, 7009, {7003});
  add(7007, 7009, {7003, 7002, 0});
  add(7008, 7009, {});
  return out;
}

// What somebody may do, and as whom a program of the object then acts.
struct Rights {
  unsigned bits = 0;
  std::set<std::string> as;
};
using Instant = std::vector<Rights>;  // one a person

Instant look(const People& people, const std::string& path) {
  const struct stat status = status_of(path);
  std::set<std::string> as;
  if (S_ISREG(status.st_mode)) {
    if ((status.st_mode & 04000U) != 0) as.insert("user " + std::to_string(status.st_uid));
    if ((status.st_mode & 02010U) == 02010U) as.insert("group " + std::to_string(status.st_gid));
    std::array<char, 64> value{};
    const ssize_t size = lgetxattr(path.c_str(), "security.capability", value.data(), value.size());
    if (size > 0) as.insert("caps " + std::string(value.data(), static_cast<std::size_t>(size)));
  }
  Instant out;
  for (const auto& one : people) {
    out.push_back({one->may(path), {}});
    if ((out.back().bits & 1U) != 0) out.back().as = as;
  }
  return out;
}

bool within(const Rights& one, const Rights& before, const Rights& after) {
  if ((one.bits & ~(before.bits | after.bits)) != 0) return false;
  for (const std::string& who : one.as) {
    if (before.as.count(who) == 0 && after.as.count(who) == 0) return false;
  }
  return true;
}

// --- What is drawn -------------------------------------------------------------------------------

const std::vector<std::uint32_t> ids = {0, 7001, 7002};
const std::vector<unsigned> modes = {0600,  0640, 0644,  0666,  0604,  0660,  0606,
                                     0755,  0777, 0711,  04755, 02755, 06777, 04711,
                                     02770, 0000, 01777, 0077,  0027,  0407,  0470};

std::string acl_words(Dice& dice) {
  std::string out = "[";
  for (const char* who : {"user:7001", "user:7002", "user:7003", "group:7001", "group:7003"}) {
    if (!dice.one_in(3)) continue;
    out += (out.size() > 1 ? ", \"" : "\"") + std::string(who) + ':' +
           permissions_text(static_cast<std::uint8_t>(dice.below(8))) + '"';
  }
  if (out.size() > 1 && dice.one_in(3)) {
    out += ", \"mask::" + permissions_text(static_cast<std::uint8_t>(1 + dice.below(7))) + '"';
  }
  return out + ']';
}

std::string random_demand(Dice& dice, bool file) {
  std::string out;
  if (!dice.one_in(3)) out += "owner = " + std::to_string(dice.from(ids)) + '\n';
  if (!dice.one_in(3)) out += "group = " + std::to_string(dice.from(ids)) + '\n';
  const std::string mode = octal(010000U | dice.from(modes)).substr(1);
  switch (dice.below(6)) {
    case 0:
      break;
    case 1:
      out += "mode = { at_most = \"" + mode + "\" }\n";
      break;
    case 2:
      out += "mode = { at_least = \"" + mode + "\" }\n";
      break;
    case 3:
      out += "mode = \"" +
             dice.from<std::string>({"go-w", "ug-s,o=", "a+r", "u=rw,g=r,o=", "g=rwx,o-x"}) +
             "\"\n";
      break;
    default:
      out += "mode = \"" + mode + "\"\n";
  }
  switch (dice.below(8)) {
    case 0:
    case 1:
      break;
    case 2:
      out += "acl = []\n";
      break;
    case 3:
      out += "acl = { at_most = " + acl_words(dice) + " }\n";
      break;
    case 4:
      out += "acl = { at_least = " + acl_words(dice) + " }\n";
      break;
    default:
      out += "acl = " + acl_words(dice) + '\n';
  }
  if (file && dice.one_in(4)) {
    out += "capabilities = \"" + std::string(dice.one_in(2) ? "" : "cap_net_raw=ep") + "\"\n";
  }
  return out;
}

void make_start(Dice& dice, const std::string& path, bool file) {
  make(file ? Type::file : Type::directory, path);
  require(chown(path.c_str(), dice.from(ids), dice.from(ids)) == 0, "chown " + path);
  require(chmod(path.c_str(), dice.from(modes)) == 0, "chmod " + path);
  if (dice.one_in(2)) {
    const auto rights = [&dice] { return static_cast<std::uint8_t>(dice.below(8)); };
    std::vector<AclEntry> acl = base_entries(dice.from(modes));
    for (const std::uint32_t id : {7001U, 7002U, 7003U}) {
      if (dice.one_in(2)) acl.push_back({AclTag::user, rights(), id});
    }
    for (const std::uint32_t id : {7001U, 7002U, 7003U}) {
      if (dice.one_in(3)) acl.push_back({AclTag::group, rights(), id});
    }
    acl.push_back({AclTag::mask, rights(), 0});
    set_acl(path, acl);
  }
  if (file && dice.one_in(4)) {
    const auto value = encode_capabilities({1U << dice.from<unsigned>({13, 5}), 0, true, 0});
    require(setxattr(path.c_str(), "security.capability", value.data(), value.size(), 0) == 0,
            "setxattr");
  }
}

}  // namespace

TEST_CASE("between two actions nobody has a right that he has neither before nor after - T13") {
  const std::size_t pairs = sample(600, 10000, "pairs of states, what users may do in between");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  const People all = people();
  std::size_t instants = 0;
  std::size_t corrected = 0;
  std::size_t refused = 0;
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed);
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.directory("roots");
    tree.directory("his");
    tree.chown("his", 7001, 7001);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    std::string policy;
    std::map<ino_t, std::string> path_of;
    std::map<std::string, std::vector<Instant>> seen;
    std::map<std::string, Type> types;
    std::map<std::string, std::string> told;
    std::map<std::string, std::string> settled;  // rules of what is in policy afterwards
    for (std::size_t i = 0; i < pairs; ++i) {
      const bool file = !dice.one_in(4);
      const std::string path =
          tree.path((dice.one_in(4) ? "his/o" : "roots/o") + std::to_string(i));
      make_start(dice, path, file);
      path_of[status_of(path).st_ino] = path;
      seen[path].push_back(look(all, path));
      types[path] = file ? Type::file : Type::directory;
      for (;;) {  // a few contradict themselves
        const std::string rule = "[[rule]]\nid = \"r" + std::to_string(i) +
                                 "\"\npath = " + test::quoted(path) + "\n" +
                                 random_demand(dice, file) + "\n";
        try {
          (void)policy_of(rule);
        } catch (const std::runtime_error&) {
          continue;
        }
        policy += rule;
        told[path] += rule;
        settled[path] = rule;
        break;
      }
    }
    const std::map<std::string, std::string> start = shown(types);
    ApplyWith dry;
    dry.dry_run = true;
    std::vector<std::string> promised = apply_text(policy, dry).lines();
    for (std::string& line : promised) {
      const std::size_t at = line.find("would_correct");
      if (at != line.npos) line.replace(at, line.npos, "corrected");
    }
    WatchedChanger changer;
    changer.after = [&](int held, Type /*type*/, const Action& action) {
      struct stat status {};
      require(fstat(held, &status) == 0, "fstat");
      const std::string& path = path_of.at(status.st_ino);
      seen[path].push_back(look(all, path));
      told[path] += text_of(action) + '\n';
    };
    ApplyWith with;
    with.changer = &changer;
    const Applied applied = apply_text(policy, with);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(start.at(one.path.text())
           << told[one.path.text()] << name(one.aspect) << ' ' << one.reason);
      REQUIRE(one.status != Status::failed);
      corrected += one.status == Status::corrected ? 1U : 0U;
      refused += one.status == Status::refused ? 1U : 0U;
      if (one.status != Status::corrected) settled.erase(one.path.text());
    }
    std::string again;
    for (const auto& [path, rule] : settled) again += rule;
    RecordingChanger recording;
    ApplyWith second;
    second.changer = &recording;
    for (const Finding& one : apply_text(again, second).outcome.found.findings) {
      FAIL(start.at(one.path.text()) << told[one.path.text()] << name(one.aspect) << " again");
    }
    REQUIRE(recording.asked.empty());
    REQUIRE(applied.lines() == promised);  // by the dry run
    for (const auto& [path, looks] : seen) {
      INFO(start.at(path) << told[path]);
      // Where somebody controls the place nobody gets what he had not, but by the owner himself.
      const bool narrowed = path.starts_with(tree.path("his/")) && status_of(path).st_uid != 7001;
      const Instant end = look(all, path);
      for (std::size_t who = 0; narrowed && who < all.size(); ++who) {
        INFO(all[who]->name() << ": " << end[who].bits);
        REQUIRE(within(end[who], looks.front()[who], looks.front()[who]));
      }
      for (std::size_t at = 1; at + 1 < looks.size(); ++at) {
        ++instants;
        for (std::size_t who = 0; who < all.size(); ++who) {
          INFO("after action " << at << ", " << all[who]->name() << ": " << looks[at][who].bits
                               << ", before " << looks.front()[who].bits << ", after "
                               << looks.back()[who].bits);
          REQUIRE(within(looks[at][who], looks.front()[who], looks.back()[who]));
        }
      }
    }
  }
  std::cout << "instants: " << instants << " of " << pairs << " pairs on each, " << all.size()
            << " people; " << corrected << " corrected, " << refused << " refused" << std::endl;
  REQUIRE(instants > pairs);
}
