// SPDX-License-Identifier: Apache-2.0
#include "fs/changer_support.hpp"

#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/special_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sstream>
#include <sys/sysmacros.h>
#include <system_error>
#include <unistd.h>
#include <variant>

namespace permward::test {
namespace {

using Paths = std::vector<std::string>;

bool keeps_attributes(Type type) { return type == Type::file || type == Type::directory; }

std::string output_of(std::vector<std::string> command, const Paths& paths) {
  if (paths.empty()) return {};
  command.insert(command.end(), paths.begin(), paths.end());
  return run_program(command);
}

}  // namespace

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

void make(Type type, const std::string& path) {
  switch (type) {
    case Type::file:
      return require(mknod(path.c_str(), S_IFREG | 0644, 0) == 0, "make " + path);
    case Type::directory:
      return require(mkdir(path.c_str(), 0755) == 0, "make " + path);
    case Type::symlink:
      return require(symlink("nowhere", path.c_str()) == 0, "make " + path);
    case Type::fifo:
      return require(mkfifo(path.c_str(), 0644) == 0, "make " + path);
    case Type::socket:
      return make_socket(path);
    case Type::character:
      return require(mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0, "make " + path);
    default:
      return require(mknod(path.c_str(), S_IFBLK | 0600, makedev(7, 250)) == 0, "make " + path);
  }
}

Fd hold(const std::string& path) {
  Fd fd(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  require(bool(fd), "hold " + path);
  return fd;
}

struct stat status_of(const std::string& path) {
  struct stat out {};
  require(lstat(path.c_str(), &out) == 0, "look at " + path);
  return out;
}

Kernel kernel_of(Era era) {
  Kernel kernel;
  if (era == Era::before_the_newer_calls) {
    kernel.pretend_no_openat2();
    kernel.pretend_no_getxattrat();
    kernel.pretend_no_setxattrat();
    kernel.pretend_no_removexattrat();
    kernel.pretend_no_listxattrat();
    kernel.pretend_no_fchmodat2();
  }
  return kernel;
}

std::map<std::string, std::string> shown(const std::map<std::string, Type>& objects) {
  std::map<std::string, std::string> out;
  Paths with_acl;
  Paths with_attributes;
  Paths files;
  for (const auto& [path, type] : objects) {
    const struct stat status = status_of(path);
    out[path] = std::to_string(status.st_uid) + ':' + std::to_string(status.st_gid) + ' ' +
                octal(status.st_mode) + '\n';
    if (type != Type::symlink) with_acl.push_back(path);
    if (keeps_attributes(type)) with_attributes.push_back(path);
    if (type == Type::file) files.push_back(path);
  }
  std::istringstream lines(output_of({"getfacl", "-n", "-p", "-E", "--"}, with_acl));
  std::string* at = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# file: "))
      at = &out.at(line.substr(8));
    else
      *at += line + '\n';
  }
  lines = std::istringstream(output_of({"lsattr", "-d", "--"}, with_attributes));
  std::string flags;
  for (std::string path; lines >> flags >> path;) out.at(path) += flags + '\n';
  lines = std::istringstream(output_of({"getcap", "-n"}, files));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find(' ');
    out.at(line.substr(0, end)) += line.substr(end) + '\n';
  }
  return out;
}

std::string shown(const std::string& path, Type type) {
  return shown(std::map<std::string, Type>{{path, type}}).at(path);
}

std::vector<Action> all_actions() {
  return {SetMode{0640},
          SetOwner{7001, 7001},
          SetAcl{acl_for_user(mallory, 6, 7)},
          SetDefaultAcl{acl_for_user(mallory, 6, 7)},
          SetCapabilities{FileCapabilities{1, 0, true, 0}},
          SetAttributes{Attribute::no_dump, {}}};
}

bool applies(Type type, const Action& action) {
  if (std::holds_alternative<SetOwner>(action)) return true;
  if (std::holds_alternative<SetDefaultAcl>(action)) return type == Type::directory;
  if (std::holds_alternative<SetCapabilities>(action)) return type == Type::file;
  if (std::holds_alternative<SetAttributes>(action)) return keeps_attributes(type);
  return type != Type::symlink;
}

std::string octal(unsigned mode) {
  std::ostringstream out;
  out << std::oct << mode;
  return out.str();
}

std::string acl_text(const std::vector<AclEntry>& entries) {
  std::string out;
  for (const AclEntry& entry : entries) {
    const bool user = entry.tag == AclTag::user || entry.tag == AclTag::user_obj;
    const bool group = entry.tag == AclTag::group || entry.tag == AclTag::group_obj;
    out += (out.empty() ? "" : ",") + std::string(user                        ? "user:"
                                                  : group                     ? "group:"
                                                  : entry.tag == AclTag::mask ? "mask:"
                                                                              : "other:");
    if (entry.named()) out += std::to_string(entry.id);
    out += ':' + permissions_text(entry.permissions);
  }
  return out;
}

std::string letters_of(AttributeSet attributes) {
  std::string out;
  for (std::size_t i = 0; i < attribute_count; ++i) {
    if (attributes.has(static_cast<Attribute>(i))) out += attribute_letters[i];
  }
  return out;
}

std::string text_of(const Action& action) {
  struct Words {
    std::string operator()(const SetMode& a) const { return "mode " + octal(a.mode); }
    std::string operator()(const SetOwner& a) const {
      return "owner " + (a.owner ? std::to_string(*a.owner) : "") + ':' +
             (a.group ? std::to_string(*a.group) : "");
    }
    std::string operator()(const SetAcl& a) const { return "acl " + acl_text(a.entries); }
    std::string operator()(const SetDefaultAcl& a) const {
      return "default acl " + acl_text(a.entries);
    }
    std::string operator()(const SetCapabilities& a) const {
      return "capabilities " + capabilities_text(a.value);
    }
    std::string operator()(const SetAttributes& a) const {
      return "attributes +" + letters_of(a.set) + " -" + letters_of(a.clear);
    }
    std::string operator()(const Create& a) const { return "create " + std::string(name(a.type)); }
    std::string operator()(const SetTarget& a) const { return "target " + a.target; }
    std::string operator()(const Remove& /*a*/) const { return "remove"; }
    std::string operator()(const Install& a) const {
      return "install " + std::string(name(a.type));
    }
    std::string operator()(const SetExtended& a) const { return "extended " + a.name; }
    std::string operator()(const SetModified& /*a*/) const { return "modified"; }
  };
  return std::visit(Words{}, action);
}

int number_of(const Result<void>& result) { return result.ok() ? 0 : result.error().number; }

}  // namespace permward::test
