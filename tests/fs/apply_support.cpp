// SPDX-License-Identifier: Apache-2.0
#include "fs/apply_support.hpp"

#include "support/catch.hpp"
#include "support/other_user.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <sys/xattr.h>

namespace permward::test {

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + test::quoted(path) + "\n" + rest + "\n";
}

Applied Counted::apply(const std::string& policy) {
  changer.asked.clear();
  ApplyWith with;
  with.changer = &changer;
  return apply_text(policy, with);
}

Lines Counted::actions() const {
  Lines out;
  for (const auto& one : changer.asked) out.push_back(text_of(one.action));
  return out;
}

void Counted::require_settled(const std::string& policy) {
  const Applied again = apply(policy);
  REQUIRE(again.lines() == Lines{});
  REQUIRE(again.in_policy());
  REQUIRE(changer.asked.empty());
}

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

unsigned Instant::in_effect(AclTag tag, std::uint32_t id) const {
  unsigned out = 0;
  for (const AclEntry& one : acl) {
    if (one.tag == tag && (!one.named() || one.id == id)) out = one.permissions;
  }
  const AclEntry* mask = find_entry(acl, AclTag::mask);
  return mask == nullptr ? out : out & mask->permissions;
}

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

void his_directory(TempTree& tree, const std::string& name) {
  tree.directory(name);
  tree.chown(name, mallory, mallory);
}

}  // namespace permward::test
