// SPDX-License-Identifier: Apache-2.0
// Twins: of two objects that were made alike one is corrected by apply, and the other brought to
// what the policy says by chown(1), chmod(1), setfacl(1), setcap(8) and chattr(1); stat(2),
// getfacl(1), getcap(8) and lsattr(1) then show both alike. Nothing here decides as the product
// does. An undo makes of the one what it was.
#include "fs/apply_support.hpp"
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

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Command = std::vector<std::string>;

const std::vector<std::uint32_t> ids = {0, 0, 7001, 7002};
const std::vector<unsigned> modes = {0600,  0640,  0644,  0666,  0604,  0660,  0755,  0750, 0777,
                                     04755, 02755, 06755, 02750, 04711, 02644, 01777, 0000, 0400};
constexpr std::string_view flag_letters = "adiA";  // that all file systems here keep

bool keeps_attributes(Type type) { return type == Type::file || type == Type::directory; }

std::string rights(Dice& dice) {
  return permissions_text(static_cast<std::uint8_t>(dice.below(8)));
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

// --- How they begin ------------------------------------------------------------------------------

struct Start {
  Type type = Type::file;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  unsigned mode = 0;
  std::vector<AclEntry> acl;
  std::vector<AclEntry> default_acl;
  std::string capabilities;
  std::string flags;
};

std::vector<AclEntry> random_acl(Dice& dice, unsigned mode) {
  const auto any = [&dice] { return static_cast<std::uint8_t>(dice.below(8)); };
  std::vector<AclEntry> out = base_entries(mode);
  for (const AclTag tag : {AclTag::user, AclTag::group}) {
    for (const std::uint32_t id : {7001U, 7002U, 7003U}) {
      if (dice.one_in(3)) out.push_back({tag, any(), id});
    }
  }
  out.push_back({AclTag::mask, any(), 0});
  return out;
}

Start random_start(Dice& dice) {
  Start out;
  out.type = dice.one_in(6) ? dice.from(present_types)
                            : dice.from<Type>({Type::file, Type::file, Type::directory});
  out.owner = dice.from(ids);
  out.group = dice.from(ids);
  if (out.type == Type::symlink) return out;
  out.mode = dice.from(modes);
  if (dice.one_in(2)) out.acl = random_acl(dice, out.mode & 0777U);
  if (out.type == Type::directory && dice.one_in(2)) {
    out.default_acl = random_acl(dice, dice.from(modes) & 0777U);
  }
  if (out.type == Type::file && dice.one_in(4)) {
    out.capabilities = dice.from<std::string>({"cap_net_raw=ep", "cap_chown=p"});
  }
  if (!keeps_attributes(out.type)) return out;
  for (const char flag : flag_letters) {
    if (dice.one_in(5)) out.flags += flag;
  }
  return out;
}

void set_default_acl(const std::string& path, std::vector<AclEntry> entries) {
  const std::vector<std::byte> value = encode_acl(std::move(entries));
  require(setxattr(path.c_str(), "system.posix_acl_default", value.data(), value.size(), 0) == 0,
          "set the default ACL of " + path);
}

void begin(const Start& start, const std::string& path) {
  make(start.type, path);
  require(lchown(path.c_str(), start.owner, start.group) == 0, "chown " + path);
  if (start.type == Type::symlink) return;
  require(chmod(path.c_str(), start.mode) == 0, "chmod " + path);
  if (!start.acl.empty()) set_acl(path, start.acl);
  if (!start.default_acl.empty()) set_default_acl(path, start.default_acl);
  if (!start.capabilities.empty()) run_program({"setcap", "-q", start.capabilities, path});
  if (!start.flags.empty()) run_program({"chattr", '+' + start.flags, path});
}

// --- What is demanded ----------------------------------------------------------------------------

struct Demand {
  std::optional<std::uint32_t> owner;
  std::optional<std::uint32_t> group;
  std::string mode;   // as the policy writes it
  std::string chmod;  // and chmod(1)
  std::optional<std::vector<std::string>> acl;
  std::optional<std::vector<std::string>> default_acl;
  std::optional<std::string> capabilities;
  std::string set;
  std::string clear;

  [[nodiscard]] std::string text() const {
    std::string out;
    const auto list = [](const std::vector<std::string>& words) {
      std::vector<std::string> all;
      for (const std::string& word : words) all.push_back('"' + word + '"');
      return '[' + joined(all, ", ") + "]\n";
    };
    if (owner) out += "owner = " + std::to_string(*owner) + '\n';
    if (group) out += "group = " + std::to_string(*group) + '\n';
    if (!mode.empty()) out += "mode = " + mode + '\n';
    if (acl) out += "acl = " + list(*acl);
    if (default_acl) out += "default_acl = " + list(*default_acl);
    if (capabilities) out += "capabilities = \"" + *capabilities + "\"\n";
    std::vector<std::string> parts;
    if (!set.empty()) parts.push_back("set = \"" + set + '"');
    if (!clear.empty()) parts.push_back("clear = \"" + clear + '"');
    if (!parts.empty()) out += "attributes = { " + joined(parts, ", ") + " }\n";
    return out;
  }
};

// The clauses that take (`-`) or give (`+`) just these bits.
std::string clauses(unsigned bits, char sign) {
  std::vector<std::string> all;
  for (unsigned i = 0; i < 3; ++i) {
    std::string which;
    const unsigned of_class = bits >> (6 - 3 * i) & 7U;
    if ((of_class & 4U) != 0) which += 'r';
    if ((of_class & 2U) != 0) which += 'w';
    if ((of_class & 1U) != 0) which += 'x';
    if (i < 2 && (bits >> (11 - i) & 1U) != 0) which += 's';
    if (i == 2 && (bits & 01000U) != 0) which += 't';
    if (!which.empty()) all.push_back(std::string(1, "ugo"[i]) + sign + which);
  }
  return joined(all, ",");
}

void random_mode(Dice& dice, bool with_acl, Demand& out) {
  const unsigned mode = dice.from(modes);
  const std::string digits = octal(010000U | mode).substr(1);
  switch (dice.below(5)) {
    case 0:
      out.mode = "{ at_most = \"" + digits + "\" }";
      out.chmod = clauses(~mode & 07777U, '-');
      return;
    case 1:
      out.mode = "{ at_least = \"" + digits + "\" }";
      out.chmod = clauses(mode, '+');
      return;
    case 2: {
      std::vector<std::string> words = {"go-w", "ug-s,o=", "a+r", "u=rw,g=r,o=", "o+t", "g+s,u+s"};
      // With an ACL chmod(1) reads another mode for `X`.
      if (!with_acl) words.insert(words.end(), {"a+X", "u=rwX,go=rX"});
      out.chmod = dice.from(words);
      out.mode = '"' + out.chmod + '"';
      return;
    }
    default:
      out.mode = '"' + digits + '"';
      out.chmod = '0' + digits;  // five digits: with fewer a directory keeps its set-id bits
  }
}

std::vector<std::string> random_words(Dice& dice, bool of_default) {
  std::vector<std::string> out;
  if (dice.one_in(4)) return out;
  for (const char* base : {"user::", "group::", "other::"}) {
    if (of_default && dice.one_in(3)) out.push_back(base + rights(dice));
  }
  bool named = false;
  for (const char* who : {"user:7001:", "user:7002:", "group:7001:", "group:7003:"}) {
    if (!dice.one_in(3)) continue;
    out.push_back(who + rights(dice));
    named = true;
  }
  if (named && dice.one_in(3)) {
    out.push_back("mask::" + permissions_text(static_cast<std::uint8_t>(1 + dice.below(7))));
  }
  return out;
}

Demand random_demand(Dice& dice, const Start& start) {
  Demand out;
  if (dice.one_in(2)) out.owner = dice.from(ids);
  if (dice.one_in(2)) out.group = dice.from(ids);
  if (start.type == Type::symlink) return out;
  if (dice.one_in(3)) out.acl = random_words(dice, false);
  if (dice.one_in(2)) random_mode(dice, out.acl || !start.acl.empty(), out);
  if (start.type == Type::directory && dice.one_in(3)) out.default_acl = random_words(dice, true);
  if (start.type == Type::file && dice.one_in(3)) {
    out.capabilities = dice.from<std::string>({"", "cap_net_raw=ep", "cap_chown,cap_kill=ei"});
  }
  if (!keeps_attributes(start.type) || dice.one_in(2)) return out;
  for (const char flag : flag_letters) {
    if (dice.one_in(3)) (dice.one_in(2) ? out.set : out.clear) += flag;
  }
  return out;
}

// --- How the tools do it -------------------------------------------------------------------------

// The entries of a default ACL, or the base entries alone. Empty: there is none.
std::vector<std::string> default_entries(const std::string& path, bool base_alone) {
  std::vector<std::string> out;
  std::istringstream text(run_program({"getfacl", "-n", "-p", "-E", "-d", path}));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("default:")) line = line.substr(8);
    if (line.empty() || line[0] == '#') continue;
    const bool base = !line.starts_with("mask:") && line.find("::") != std::string::npos;
    if (base || !base_alone) out.push_back(line);
  }
  return out;
}

// Entries later in the list replace earlier ones of the same.
void bring_default_acl(const std::string& path, const std::vector<std::string>& wanted) {
  std::vector<std::string> entries = default_entries(path, true);
  run_program({"setfacl", "-k", path});
  if (wanted.empty()) return;
  for (const std::string& word : wanted) {
    const std::string who = word.substr(0, word.rfind(':') + 1);
    std::erase_if(entries, [&who](const std::string& one) { return one.starts_with(who); });
    entries.push_back(word);
  }
  run_program({"setfacl", "-d", "-m", joined(entries, ","), path});
}

// `setfacl -b` drops the default ACL, too.
void drop_acl(const std::string& path, Type type) {
  std::vector<std::string> entries;
  if (type == Type::directory) entries = default_entries(path, false);
  run_program({"setfacl", "-b", path});
  if (!entries.empty()) run_program({"setfacl", "-d", "-m", joined(entries, ","), path});
}

void bring(const Start& start, const Demand& demand, const std::string& path) {
  const std::uint32_t owner = demand.owner.value_or(start.owner);
  const std::uint32_t group = demand.group.value_or(start.group);
  const auto has = [](const std::string& flags, char one) {
    return flags.find(one) != std::string::npos;
  };
  if (has(start.flags, 'i') || has(start.flags, 'a')) run_program({"chattr", "-ia", path});
  if (owner != start.owner || group != start.group) {
    run_program({"chown", "-h", '+' + std::to_string(owner) + ":+" + std::to_string(group), path});
    // chown(2) leaves a set-group-ID bit without the group's x.
    if (start.type != Type::directory && start.type != Type::symlink) {
      run_program({"chmod", "ug-s", path});
    }
  }
  if (demand.acl) drop_acl(path, start.type);
  if (!demand.chmod.empty()) run_program({"chmod", demand.chmod, path});
  if (demand.acl && !demand.acl->empty()) {
    run_program({"setfacl", "-m", joined(*demand.acl, ","), path});
  }
  if (demand.default_acl) bring_default_acl(path, *demand.default_acl);
  if (demand.capabilities) {
    if (!demand.capabilities->empty()) {
      run_program({"setcap", "-q", *demand.capabilities, path});
    } else if (!run_program({"getcap", path}).empty()) {
      run_program({"setcap", "-q", "-r", path});
    }
  }
  std::string set;
  std::string clear;
  for (const char flag : flag_letters) {
    const bool stays = has(start.flags, flag) && !has(demand.clear, flag);
    (stays || has(demand.set, flag) ? set : clear) += flag;
  }
  if (!keeps_attributes(start.type)) return;
  Command command = {"chattr"};
  if (!set.empty()) command.push_back('+' + set);
  if (!clear.empty()) command.push_back('-' + clear);
  command.push_back(path);
  run_program(command);
}

// --- The comparison ------------------------------------------------------------------------------

// An ACL that is right already is not written, and its `group::` is not cut by the mask.
std::string with_group_in_effect(const std::string& shown) {
  const auto rights_of = [](const std::string& line) { return line.substr(line.rfind(':') + 1); };
  std::string mask;
  std::istringstream text(shown);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("mask::")) mask = rights_of(line);
  }
  std::string out;
  text = std::istringstream(shown);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("group::") && !mask.empty()) {
      std::string cut = rights_of(line);
      for (std::size_t i = 0; i < 3; ++i) {
        if (mask.at(i) == '-') cut.at(i) = '-';
      }
      line = "group::" + cut;
    }
    out += line + '\n';
  }
  return out;
}

struct Pair {
  Start start;
  Demand demand;
  std::string rule;
  std::string corrected;  // paths
  std::string told;
};

struct Counts {
  std::size_t alike = 0;
  std::size_t changed = 0;  // of those
  std::size_t refused = 0;
  std::size_t otherwise = 0;  // what cannot be had
};

Pair random_pair(Dice& dice, const std::string& top, std::size_t number) {
  Pair out;
  const std::string at = std::to_string(number);
  out.corrected = top + "/x/" + at;
  out.told = top + "/z/" + at;
  for (;;) {  // a few contradict themselves
    out.start = random_start(dice);
    out.demand = random_demand(dice, out.start);
    out.rule = "[[rule]]\nid = \"r" + at + "\"\npath = " + test::quoted(out.corrected) +
               "\ntype = \"" + std::string(name(out.start.type)) + "\"\n" + out.demand.text();
    try {
      (void)policy_of(out.rule);
      break;
    } catch (const std::runtime_error&) {
      continue;
    }
  }
  begin(out.start, out.corrected);
  begin(out.start, out.told);
  return out;
}

class Nursery {
 public:
  Nursery(Dice& dice, const std::string& top, std::size_t count, const std::string& state)
      : written_(state) {
    for (const char* part : {"", "/x", "/z"}) {
      require(mkdir((top + part).c_str(), 0755) == 0, "mkdir " + top);
    }
    for (std::size_t i = 0; i < count; ++i) pairs_.push_back(random_pair(dice, top, i));
    for (const Pair& one : pairs_) objects_[one.corrected] = objects_[one.told] = one.start.type;
    start_ = shown(objects_);
  }

  void compare(Counts& counts) {
    apply_all();
    for (const Pair& one : pairs_) {
      if (settled(one)) bring(one.start, one.demand, one.told);
    }
    const std::map<std::string, std::string> now = shown(objects_);
    std::string again;
    for (const Pair& one : pairs_) {
      if (!settled(one) || would_arm(one)) {
        ++(refused(one) ? counts.refused : counts.otherwise);
        continue;
      }
      INFO(one.rule << "start:\n" << start_.at(one.corrected) << "actions:\n" << done(one));
      std::string is = now.at(one.corrected);
      std::string twin = now.at(one.told);
      if (one.demand.acl && !says(one, Aspect::acl, Status::corrected)) {
        is = with_group_in_effect(is);
        twin = with_group_in_effect(twin);
      }
      REQUIRE(is == twin);
      ++counts.alike;
      counts.changed += now.at(one.corrected) != start_.at(one.corrected) ? 1U : 0U;
      again += one.rule;
    }
    require_settled(again);
    require_undone();
  }

 private:
  void apply_all() {
    std::string policy;
    for (const Pair& one : pairs_) policy += one.rule;
    WatchedChanger changer;
    changer.before = [this](int held, Type /*type*/, const Action& action) {
      struct stat status {};
      require(fstat(held, &status) == 0, "fstat");
      actions_[status.st_ino] += text_of(action) + '\n';
    };
    written_.with.changer = &changer;
    const Applied applied = apply_text(policy, written_.with);
    for (const Finding& one : applied.outcome.found.findings) {
      findings_[one.path.text()].push_back(one);
    }
  }

  // Offline: what the run disarmed is armed again.
  void require_undone() {
    UndoOptions options;
    options.offline = true;
    const Applied undone = undo_changes(written_.changes(), options);
    std::map<std::string, std::string> reasons;
    for (const Finding& one : undone.outcome.found.findings) {
      if (one.status != Status::corrected) reasons[one.path.text()] += one.reason + '\n';
    }
    const std::map<std::string, std::string> now = shown(objects_);
    for (const Pair& one : pairs_) {
      INFO(one.rule << "actions:\n" << done(one) << reasons[one.corrected]);
      REQUIRE(now.at(one.corrected) == start_.at(one.corrected));
    }
  }

  void require_settled(const std::string& policy) const {
    RecordingChanger recording;
    ApplyWith with;
    with.changer = &recording;
    const Applied again = apply_text(policy, with);
    for (const Finding& found : again.outcome.found.findings) {
      for (const Pair& one : pairs_) {
        if (one.corrected != found.path.text()) continue;
        FAIL(name(found.aspect) << " is " << name(found.status) << " after:\n"
                                << one.rule << "start:\n"
                                << start_.at(one.corrected) << "actions:\n"
                                << done(one) << "end:\n"
                                << shown(one.corrected, one.start.type));
      }
    }
    REQUIRE(again.in_policy());
    REQUIRE(recording.asked.empty());
  }

  [[nodiscard]] const std::vector<Finding>& of(const Pair& one) const {
    static const std::vector<Finding> none;
    const auto it = findings_.find(one.corrected);
    return it == findings_.end() ? none : it->second;
  }
  [[nodiscard]] bool settled(const Pair& one) const {
    return std::all_of(of(one).begin(), of(one).end(),
                       [](const Finding& finding) { return finding.status == Status::corrected; });
  }
  // A set-group-ID bit that does nothing, for want of the group's x, is dropped rather than armed
  // by one; the tools leave it.
  [[nodiscard]] static bool would_arm(const Pair& one) {
    const Start& start = one.start;
    const unsigned group = start.acl.empty() ? start.mode : permission_bits(start.acl);
    return start.type == Type::file && (start.mode & 02000) != 0 && (group & 010) == 0;
  }
  [[nodiscard]] bool refused(const Pair& one) const {
    return std::any_of(of(one).begin(), of(one).end(),
                       [](const Finding& finding) { return finding.status == Status::refused; });
  }
  [[nodiscard]] bool says(const Pair& one, Aspect aspect, Status status) const {
    return std::any_of(of(one).begin(), of(one).end(), [&](const Finding& finding) {
      return finding.aspect == aspect && finding.status == status;
    });
  }
  [[nodiscard]] std::string done(const Pair& one) const {
    const auto it = actions_.find(status_of(one.corrected).st_ino);
    return it == actions_.end() ? "none" : it->second;
  }

  Written written_;
  std::vector<Pair> pairs_;
  std::map<std::string, Type> objects_;
  std::map<std::string, std::string> start_;
  std::map<std::string, std::vector<Finding>> findings_;
  std::map<ino_t, std::string> actions_;
};

}  // namespace

TEST_CASE(
    "apply makes of an object what chown, chmod, setfacl, setcap and chattr make of its twin") {
  const std::size_t pairs = sample(200, 2000, "pairs of objects on each of five file systems");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed
                           << (run_all() ? " PERMWARD_TEST_ALL=1" : ""));
    ImageMount mount(file_system);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    const bool main = file_system == FileSystem::ext4 || file_system == FileSystem::tmpfs;
    const std::size_t here = main ? pairs : pairs / 4;
    Counts counts;
    Nursery(dice, mount.path("t"), here, mount.path("state")).compare(counts);
    std::cout << "twins of apply on " << name(file_system) << ": " << counts.alike << " alike, "
              << counts.changed << " of them changed, " << counts.refused << " refused, "
              << counts.otherwise << " that cannot be had" << std::endl;
    REQUIRE(counts.changed > here / 3);
    REQUIRE(counts.otherwise < here / 10);
  }
}
