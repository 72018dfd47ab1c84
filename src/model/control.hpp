// SPDX-License-Identifier: Apache-2.0
//
// Who controls a directory: the one answer that policy trust, safe open, `path` findings, apply's
// restraint and effective access all ask for. Layer `model`; pure.
//
// For each principal other than root two questions: may he *add* names (write and search, by owner,
// group, others and the named entries of the ACL as the mask lets them), and may he *remove* a
// given entry (may add, and in a sticky directory also owns the entry or the directory). An owner
// counts as if the directory gave him rwx, for he can chmod(2) it. Whoever may remove a directory
// counts for all that lies below it. acl(5), path_resolution(7), inode(7) on the sticky bit.
#pragma once

#include "model/acl.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace permward {

// A set of users and groups, root left out. A group stands for whoever acts through it, with
// members or without.
class Principals {
 public:
  bool anyone = false;
  std::vector<std::uint32_t> users;   // sorted, each once
  std::vector<std::uint32_t> groups;  // sorted, each once

  [[nodiscard]] bool empty() const { return !anyone && users.empty() && groups.empty(); }
  void add_user(std::uint32_t uid);  // 0 is left out
  void add_group(std::uint32_t gid);
  void add(const Principals& others);
  [[nodiscard]] bool has_user(std::uint32_t uid) const;
  bool operator==(const Principals&) const = default;
};

// Those of `who` that are not among `known`.
[[nodiscard]] Principals without(const Principals& who, const Principals& known);

// What decides, of one directory.
struct DirectoryFacts {
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint16_t mode = 0;
  // It stands for an id that has none here (user_namespaces(7)): whoever that is, it counts for
  // anyone.
  bool owner_unknown = false;
  bool group_unknown = false;
  bool mount_root = false;  // a mount point: it cannot itself be renamed or removed
  bool acl_unknown =
      false;    // `needs_acl`, and it could not be read: its group bits count for anyone
  AclView acl;  // may be left out where `needs_acl` says no
};

// Whether the ACL must be read to judge the directory. The group bits are the mask of an ACL and
// bound all its named entries: without w and x among them no entry but the owner's and that of
// others counts.
[[nodiscard]] inline bool needs_acl(const DirectoryFacts& facts) {
  return (facts.mode & 030) == 030;
}

// True only if nobody but root may add to, remove from or rename in the directory by its own owner,
// mode and ACL, whatever its ancestors let do; without looking at an ACL. Behind a descriptor it is
// all that matters.
[[nodiscard]] inline bool root_alone(const DirectoryFacts& facts) {
  return facts.owner == 0 && (facts.mode & 03) != 03 && !needs_acl(facts);
}

// What somebody other than root may do in a directory. Made by `below`; kept by whoever walks.
class Control {
 public:
  // Those who may add names here, or put another directory in the place of this one.
  [[nodiscard]] Principals may_add() const;
  // Those who may take away, or replace, an entry that `entry_owner` owns.
  [[nodiscard]] Principals may_remove(std::uint32_t entry_owner) const;

 private:
  friend std::shared_ptr<const Control> below(const std::shared_ptr<const Control>& above,
                                              const DirectoryFacts& facts);
  Principals inherited_;  // may remove this directory, or one above it
  Principals adders_;     // may add by this directory's own owner, mode and ACL
  std::uint32_t owner_ = 0;
  bool sticky_ = false;
};
using ControlPtr = std::shared_ptr<const Control>;

// The control of a directory that lies in one whose control is `above`; null: root alone, all the
// way. For the root directory `above` is null.
[[nodiscard]] ControlPtr below(const ControlPtr& above, const DirectoryFacts& facts);

[[nodiscard]] inline Principals may_add(const ControlPtr& control) {
  return control ? control->may_add() : Principals{};
}
[[nodiscard]] inline Principals may_remove(const ControlPtr& control, std::uint32_t entry_owner) {
  return control ? control->may_remove(entry_owner) : Principals{};
}

}  // namespace permward
