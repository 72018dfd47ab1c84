// SPDX-License-Identifier: Apache-2.0
#include "decide/plan.hpp"

#include "model/mode.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

constexpr unsigned owner_permissions = 0700;

using Entries = std::vector<AclEntry>;

// What the entry of the same kind and id grants there; nothing where there is none. The kernel does
// not mind if there are several: then what all of them grant.
unsigned granted(const Entries& acl, const AclEntry& like) {
  bool found = false;
  unsigned out = 7;
  for (const AclEntry& entry : acl) {
    if (entry.tag != like.tag || entry.id != like.id) continue;
    found = true;
    out &= entry.permissions;
  }
  return found ? out : 0;
}

// What each has who is not the owner, whoever he is.
unsigned granted_to_all(const Entries& acl) {
  unsigned out = 7;
  for (const AclEntry& entry : acl) {
    if (entry.tag == AclTag::user_obj || entry.tag == AclTag::mask) continue;
    out &= entry.permissions & (entry.tag == AclTag::other ? 7U : mask_of(acl));
  }
  return out;
}

// What somebody has who is not the owner.
unsigned granted_to_any(const Entries& acl) {
  unsigned out = 0;
  for (const AclEntry& entry : acl) {
    if (entry.tag == AclTag::user_obj || entry.tag == AclTag::mask) continue;
    out |= entry.permissions & (entry.tag == AclTag::other ? 7U : mask_of(acl));
  }
  return out;
}

// The permission bits of an object without an ACL that grants no more than two states in common.
unsigned common_bits(const ObjectState& a, const ObjectState& b) {
  const unsigned all = granted_to_all(whole_acl(a)) & granted_to_all(whole_acl(b));
  return (a.mode & b.mode & 0700U) | all << 3 | all;
}

// The same entries, without what `wanted` does not grant.
Entries cut(Entries acl, const Entries& wanted) {
  unsigned mask = mask_of(wanted);
  for (AclEntry& entry : acl) {
    const bool masks = entry.tag == AclTag::mask;
    if (masks) mask &= entry.permissions;
    entry.permissions =
        static_cast<std::uint8_t>(masks ? mask : entry.permissions & granted(wanted, entry));
  }
  AclEntry* others = find_entry(acl, AclTag::other);
  if (mask == 0 && others != nullptr) others->permissions = 0;  // the kernel skips such an ACL
  return acl;
}

// chmod(2) makes the one of the other.
bool mode_tells_apart(const Entries& a, const Entries& b) {
  if (a.empty() || b.empty() || a.size() != b.size()) return false;
  return std::equal(a.begin(), a.end(), b.begin(), [](const AclEntry& x, const AclEntry& y) {
    const bool in_mode =
        x.tag == AclTag::user_obj || x.tag == AclTag::mask || x.tag == AclTag::other;
    return x.tag == y.tag && x.id == y.id && (in_mode || x.permissions == y.permissions);
  });
}

bool differ_beyond(ObjectState a, const ObjectState& b, AttributeSet ignored) {
  a.attributes = a.attributes.without(ignored) | (b.attributes & ignored);
  return a != b;
}

class Planner {
 public:
  Planner(const ObjectState& now, const ObjectState& wanted) : at_(now), wanted_(wanted) {}

  std::vector<Action> plan() {
    if (replaced()) return replace();
    if (at_.type == Type::absent) make();
    lift();
    if (wanted_.type == Type::absent) actions_.emplace_back(Remove{});
    if (wanted_.type == Type::symlink) {
      if (at_.target != wanted_.target) actions_.emplace_back(SetTarget{wanted_.target});
      give();
    }
    if (wanted_.type == Type::absent || wanted_.type == Type::symlink) return std::move(actions_);
    if (new_ids()) {
      narrow();
      give();
    }
    drop_capabilities();
    set_default_acl();
    grant();
    if (at_.capabilities != wanted_.capabilities) set_capabilities(wanted_.capabilities);
    set_mode(wanted_.mode);
    const AttributeSet set = wanted_.attributes.without(at_.attributes);
    const AttributeSet clear = at_.attributes.without(wanted_.attributes);
    if (!set.empty() || !clear.empty()) actions_.emplace_back(SetAttributes{set, clear});
    return std::move(actions_);
  }

 private:
  // By a new inode.
  [[nodiscard]] bool replaced() const {
    if (wanted_.type == Type::file && wanted_.content) {
      return at_.type != Type::file || at_.content != wanted_.content;
    }
    return wanted_.type == Type::symlink && at_.type != Type::symlink;
  }

  std::vector<Action> replace() {
    lift();
    actions_.emplace_back(Install{wanted_.type});
    const AttributeSet bars = wanted_.attributes & attributes_in_status;
    if (wanted_.type == Type::file && !bars.empty()) actions_.emplace_back(SetAttributes{bars, {}});
    return std::move(actions_);
  }

  [[nodiscard]] bool new_ids() const {
    return at_.owner != wanted_.owner || at_.group != wanted_.group;
  }

  void make() {
    at_ = newly_made(wanted_.type);
    actions_.emplace_back(Create{wanted_.type});
  }

  // While a file is immutable, ext4 changes nothing else of its attributes either.
  void lift() {
    const AttributeSet lifted = at_.attributes & attributes_in_status;
    const bool stays = (at_.attributes & wanted_.attributes).has(Attribute::immutable);
    const AttributeSet ignored = stays ? AttributeSet{} : attributes_in_status;
    if (lifted.empty() || !differ_beyond(at_, wanted_, ignored)) return;
    at_.attributes = at_.attributes.without(lifted);
    actions_.emplace_back(SetAttributes{{}, lifted});
  }

  // To what both states grant. A directory keeps its set-id bits: they are nobody's right. The ACL
  // gets no longer: it need not fit, if whoever owned the file has filled its attributes.
  void narrow() {
    const unsigned special = ((at_.mode | wanted_.mode) & sticky_bit) |
                             (at_.type == Type::directory ? at_.mode & set_id_bits : 0U);
    if (at_.acl.empty() && wanted_.acl.empty()) {
      return set_mode((at_.mode & wanted_.mode & all_permissions) | special);
    }
    const unsigned bits = common_bits(at_, wanted_);
    if (at_.acl.empty()) return set_mode(bits | special);
    Entries common = common_acl(at_, wanted_);
    set_mode((at_.mode & all_permissions) | special);
    set_acl(common.size() <= at_.acl.size() ? std::move(common) : base_entries(bits));
  }

  void give() {
    if (!new_ids()) return;
    SetOwner action;
    if (at_.owner != wanted_.owner) action.owner = wanted_.owner;
    if (at_.group != wanted_.group) action.group = wanted_.group;
    actions_.emplace_back(action);
    at_.owner = wanted_.owner;
    at_.group = wanted_.group;
    if (at_.type == Type::directory || at_.type == Type::symlink) return;
    const unsigned dropped =
        set_user_id_bit | ((at_.mode & group_execute_bit) != 0 ? set_group_id_bit : 0U);
    at_.mode = static_cast<std::uint16_t>(at_.mode & ~dropped);
    at_.capabilities.reset();
  }

  [[nodiscard]] bool new_rights() const {
    return at_.mode != wanted_.mode || at_.acl != wanted_.acl;
  }

  // Where all that is to come is known to be less than there is: with an ACL, if nobody gets what
  // not everybody has.
  [[nodiscard]] bool only_narrows() const {
    if (at_.acl.empty() && wanted_.acl.empty()) return (wanted_.mode & ~at_.mode) == 0;
    const unsigned more = wanted_.mode & ~at_.mode & (set_id_bits | owner_permissions);
    const unsigned all = granted_to_all(whole_acl(at_));
    return more == 0 && (granted_to_any(whole_acl(wanted_)) & ~all) == 0;
  }

  // Before others may execute the file. Of a set-user-ID program of root they are a limit, and that
  // bit goes before them: without them whoever executes it has all capabilities.
  void drop_capabilities() {
    if (!at_.capabilities || at_.capabilities == wanted_.capabilities || only_narrows()) return;
    if (new_rights() && at_.owner == 0) set_mode(at_.mode & ~set_user_id_bit);
    if (new_rights() || !wanted_.capabilities) set_capabilities(std::nullopt);
  }

  // All but the set-user-ID bit of root that waits for such a limit.
  void grant() {
    const bool limit_to_come =
        wanted_.owner == 0 && wanted_.capabilities && at_.capabilities != wanted_.capabilities;
    const unsigned withheld = limit_to_come && new_rights() ? set_user_id_bit : 0;
    const unsigned mode = wanted_.mode & ~withheld;
    if (at_.acl != wanted_.acl && !mode_tells_apart(at_.acl, wanted_.acl)) {
      const unsigned special = kept_special(mode);
      if (at_.acl.size() < wanted_.acl.size()) tighten(special);
      set_mode((at_.mode & all_permissions) | special);
      set_acl(wanted_.acl.empty() ? base_entries(mode) : wanted_.acl);
    }
    set_mode(mode);
  }

  // To what is granted there and is wanted, before something longer is written that need not fit.
  void tighten(unsigned special) {
    const Entries wanted = whole_acl(wanted_);
    if (at_.acl.empty()) {
      // The mode of an ACL has the mask in the place of the group.
      const unsigned group = granted(wanted, {AclTag::group_obj, 0, 0}) << 3;
      return set_mode((at_.mode & wanted_.mode & (0707U | group)) | special);
    }
    set_mode((at_.mode & all_permissions) | special);
    set_acl(cut(without_duplicates(at_.acl), wanted));
  }

  // Before others may add names.
  void set_default_acl() {
    if (at_.default_acl == wanted_.default_acl) return;
    if (at_.default_acl.size() < wanted_.default_acl.size()) tighten(kept_special(wanted_.mode));
    at_.default_acl = wanted_.default_acl;
    actions_.emplace_back(SetDefaultAcl{wanted_.default_acl});
  }

  // Set-id bits go early, and the sticky bit late.
  [[nodiscard]] unsigned kept_special(unsigned mode) const {
    return (at_.mode & mode & set_id_bits) | ((at_.mode | mode) & sticky_bit);
  }

  void set_mode(unsigned mode) {
    if (mode == at_.mode) return;
    at_.mode = static_cast<std::uint16_t>(mode);
    for (AclEntry& entry : at_.acl) {
      if (entry.tag == AclTag::user_obj) entry.permissions = mode >> 6 & 7;
      if (entry.tag == AclTag::mask) entry.permissions = mode >> 3 & 7;
      if (entry.tag == AclTag::other) entry.permissions = mode & 7;
    }
    actions_.emplace_back(SetMode{at_.mode});
  }

  void set_acl(Entries entries) {
    if (entries == whole_acl(at_)) return;
    at_.mode = static_cast<std::uint16_t>((at_.mode & ~all_permissions) | permission_bits(entries));
    at_.acl = entries.size() > 3 ? entries : Entries{};
    actions_.emplace_back(SetAcl{std::move(entries)});
  }

  void set_capabilities(const std::optional<FileCapabilities>& value) {
    at_.capabilities = value;
    actions_.emplace_back(SetCapabilities{value});
  }

  ObjectState at_;  // as the actions so far leave it
  const ObjectState& wanted_;
  std::vector<Action> actions_;
};

}  // namespace

std::vector<AclEntry> common_acl(const ObjectState& a, const ObjectState& b) {
  const Entries of_a = whole_acl(a);
  const Entries of_b = whole_acl(b);
  Entries out;
  for (const Entries* acl : {&of_a, &of_b}) {
    for (const AclEntry& entry : *acl) {
      if (entry.tag == AclTag::mask) continue;
      const bool known = std::any_of(out.begin(), out.end(), [&entry](const AclEntry& other) {
        return other.tag == entry.tag && other.id == entry.id;
      });
      if (known) continue;
      const unsigned both = granted(of_a, entry) & granted(of_b, entry);
      out.push_back({entry.tag, static_cast<std::uint8_t>(both), entry.id});
    }
  }
  unsigned mask = 7;
  for (const Entries* acl : {&of_a, &of_b}) {
    if (const AclEntry* entry = find_entry(*acl, AclTag::mask)) mask &= entry->permissions;
  }
  out.push_back({AclTag::mask, static_cast<std::uint8_t>(mask), 0});
  // Without group bits the kernel skips the ACL, and who is denied by it would be one of the
  // others.
  if (mask == 0) find_entry(out, AclTag::other)->permissions = 0;
  std::sort(out.begin(), out.end(), acl_order);
  return out;
}

ObjectState newly_made(Type type) {
  ObjectState out;
  out.type = type;
  return out;
}

ObjectState closed_directory() {
  ObjectState out = newly_made(Type::directory);
  out.mode = 0700;
  return out;
}

ObjectState installed(ObjectState wanted) {
  wanted.attributes = wanted.attributes.without(attributes_in_status);
  return wanted;
}

std::vector<Action> plan(const ObjectState& now, const ObjectState& wanted) {
  if (now.type == Type::absent && wanted.type == Type::absent) return {};
  return Planner(now, wanted).plan();
}

}  // namespace permward
