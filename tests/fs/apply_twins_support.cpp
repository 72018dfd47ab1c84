// SPDX-License-Identifier: Apache-2.0
#include "fs/apply_twins_support.hpp"

#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"

#include <cstddef>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>

namespace permward::test::apply_twins {
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

void set_default_acl(const std::string& path, std::vector<AclEntry> entries) {
  const std::vector<std::byte> value = encode_acl(std::move(entries));
  require(setxattr(path.c_str(), "system.posix_acl_default", value.data(), value.size(), 0) == 0,
          "set the default ACL of " + path);
}

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

}  // namespace

// --- How they begin ------------------------------------------------------------------------------

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

std::string Demand::text() const {
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

}  // namespace permward::test::apply_twins
