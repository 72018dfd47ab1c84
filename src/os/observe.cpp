// SPDX-License-Identifier: Apache-2.0
#include "os/observe.hpp"

#include "os/attribute_bits.hpp"
#include "os/xattr_names.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace permward {
namespace {

constexpr std::size_t largest_xattr = 65536;  // XATTR_SIZE_MAX, limits.h
constexpr std::size_t longest_target = 65536;
// Most ACLs fit, and the kernel clears as much as it is offered.
constexpr std::size_t usual_xattr = 256;
#ifndef STATX_MNT_ID
constexpr unsigned STATX_MNT_ID = 0x1000;
#endif

ObservedAttributes attributes_of_status(std::uint64_t set, std::uint64_t mask) {
  ObservedAttributes out;
  for (const AttributeBits& bits : attribute_bits) {
    if ((mask & bits.in_status) == 0) continue;
    out.known = out.known | bits.attribute;
    if ((set & bits.in_status) != 0) out.set = out.set | bits.attribute;
  }
  return out;
}

}  // namespace

Observer::Observer(const Kernel& kernel, const Mounts& mounts, NameService* accounts)
    : kernel_(kernel), accounts_(accounts), acl_(usual_xattr), default_acl_(usual_xattr) {
  for (const Mount& mount : mounts) {
    if (mount.foreign_rights) foreign_mounts_.push_back(mount.id);
    if (mount.id_mapped) id_mapped_mounts_.push_back(mount.id);
  }
  std::sort(foreign_mounts_.begin(), foreign_mounts_.end());
  std::sort(id_mapped_mounts_.begin(), id_mapped_mounts_.end());
}

Result<void> Observer::status(int directory, const char* name, int flags, Observed& out) const {
  struct statx status;  // NOLINT: filled by the call, and clearing it costs on every file
  const unsigned birth = (flags & AT_EMPTY_PATH) != 0 ? STATX_BTIME : 0U;
  if (::statx(directory, name, flags | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
              STATX_BASIC_STATS | STATX_MNT_ID | birth, &status) != 0) {
    return system_error(errno, "look at", name);
  }
  out.type = type_of_mode(status.stx_mode);
  out.owner = status.stx_uid;
  out.group = status.stx_gid;
  out.mode = status.stx_mode & 07777;
  out.links = status.stx_nlink;
  out.size = status.stx_size;
  out.identity = {makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino,
                  status.stx_mnt_id};
  out.changed = {status.stx_ctime.tv_sec, status.stx_ctime.tv_nsec};
  out.modified = {status.stx_mtime.tv_sec, status.stx_mtime.tv_nsec};
  out.birth.reset();
  if ((status.stx_mask & birth) != 0) {
    out.birth = BirthTime{status.stx_btime.tv_sec, status.stx_btime.tv_nsec};
  }
  out.attributes = attributes_of_status(status.stx_attributes, status.stx_attributes_mask);
  out.acl.state = Read::not_asked;
  out.acl.value = {};
  out.default_acl.state = Read::not_asked;
  out.default_acl.value = {};
  out.capabilities.state = Read::not_asked;
  out.target.state = Read::not_asked;
  out.owner_account.state = Read::not_asked;
  out.group_account.state = Read::not_asked;
  out.entries.state = Read::not_asked;
  out.content.state = Read::not_asked;
  out.accepted.state = Read::not_asked;
  note_unmapped(out);
  return {};
}

// Such an id has an account of its own, mostly, and may be meant.
void Observer::note_unmapped(Observed& out) const {
  const auto& [user, group] = kernel_.unmapped_ids();
  const bool by_mount =
      !id_mapped_mounts_.empty() &&
      std::binary_search(id_mapped_mounts_.begin(), id_mapped_mounts_.end(), out.identity.mount);
  out.owner_unmapped = out.owner == user.id && (by_mount || !user.all_mapped);
  out.group_unmapped = out.group == group.id && (by_mount || !group.all_mapped);
}

bool Observer::foreign_rights(const Observed& observed) const {
  return !foreign_mounts_.empty() &&
         std::binary_search(foreign_mounts_.begin(), foreign_mounts_.end(),
                            observed.identity.mount);
}

template <class Get>
void Observer::read_acl(const Observed& observed, const char* attribute, Readout<AclView>& out,
                        Buffer& buffer, const Get& get) {
  const auto unreadable = [&out](int error) {
    out.state = Read::unreadable;
    out.error = error;
  };
  if (foreign_rights(observed)) return unreadable(EOPNOTSUPP);
  long length = get(attribute, buffer);
  if (length == -ERANGE) {
    buffer.resize(largest_xattr);
    length = get(attribute, buffer);
  }
  const std::span<const std::byte> bytes(buffer);
  if (length == -ENODATA) {
    out.state = Read::value;
  } else if (length == -EOPNOTSUPP) {
    out.state = Read::unsupported;
  } else if (length < 0) {
    unreadable(static_cast<int>(-length));
  } else if (const auto view = AclView::parse(bytes.first(static_cast<std::size_t>(length)))) {
    out.state = Read::value;
    out.value = *view;
  } else {
    unreadable(EBADMSG);
  }
}

template <class Get>
void Observer::read_xattrs(FacetSet asked, Observed& out, const Get& get) {
  // A link has no ACL of its own, and the call would be refused.
  if (asked.has(Facet::acl) && out.type == Type::symlink) out.acl.state = Read::value;
  if (asked.has(Facet::acl) && out.type != Type::symlink) {
    read_acl(out, access_acl_xattr, out.acl, acl_, get);
  }
  if (asked.has(Facet::default_acl) && out.type == Type::directory) {
    read_acl(out, default_acl_xattr, out.default_acl, default_acl_, get);
  }
  if (asked.has(Facet::capabilities)) read_capabilities(out, get);
}

template <class Get>
void Observer::read_capabilities(Observed& out, const Get& get) {
  if (out.type != Type::file) return;
  std::array<std::byte, 64> buffer{};  // the value has 24 bytes at most
  const long length = get(capabilities_xattr, buffer);
  out.capabilities.value.reset();
  out.capabilities.state = Read::value;
  if (length == -ENODATA) return;
  if (length >= 0) {
    out.capabilities.value = parse_capabilities({buffer.data(), static_cast<std::size_t>(length)});
    if (out.capabilities.value) return;
  }
  out.capabilities.state = length == -EOPNOTSUPP ? Read::unsupported : Read::unreadable;
  out.capabilities.error = length < 0 ? static_cast<int>(-length) : EBADMSG;
}

// Nothing but files and directories is opened to see its flags: FIFOs and devices act on it.
void Observer::read_attributes(int descriptor, Observed& out) {
  if (out.type != Type::file && out.type != Type::directory) return;
  const long flags = kernel_.inode_flags_of(descriptor);
  if (flags >= 0) {
    out.attributes.known = AttributeSet::all();
    out.attributes.set = attributes_of_flags(static_cast<std::uint64_t>(flags));
  } else if (flags != -ENOTTY && flags != -EOPNOTSUPP) {
    out.attributes.others = Read::unreadable;
    out.attributes.error = static_cast<int>(-flags);
  }
}

// readlinkat(2): the name in `directory`, or, of an empty one, the link that the descriptor holds.
void Observer::read_target(int directory, const char* name, Observed& out) {
  target_.resize(longest_target);
  auto* const text = reinterpret_cast<char*>(target_.data());
  const ssize_t length = ::readlinkat(directory, name, text, target_.size());
  if (length >= 0 && static_cast<std::size_t>(length) < target_.size()) {
    out.target.state = Read::value;
    out.target.value.assign(text, static_cast<std::size_t>(length));
  } else {
    out.target.state = Read::unreadable;
    out.target.error = length < 0 ? errno : ENAMETOOLONG;
  }
}

// Each id is asked for once.
const Readout<bool>& Observer::account_of(AccountKind kind, std::uint32_t id) {
  Accounts& known = kind == AccountKind::user ? users_ : groups_;
  const auto [it, first] = known.try_emplace(id);
  if (!first) return it->second;
  assert(accounts_ != nullptr);
  const NameService::Found found = accounts_->has_account(kind, id);
  it->second.value = found.state == Account::State::found;
  it->second.state = !found.answered() ? Read::unreadable : Read::value;
  it->second.error = found.error;
  return it->second;
}

void Observer::read_accounts(FacetSet asked, Observed& out) {
  if (asked.has(Facet::owner_account)) {
    out.owner_account = account_of(AccountKind::user, out.owner);
  }
  if (asked.has(Facet::group_account)) {
    out.group_account = account_of(AccountKind::group, out.group);
  }
}

long Observer::xattr_named(int directory, const char* name, const char* attribute,
                           std::span<std::byte> buffer, Whereabouts* moved) const {
  if (kernel_.has_getxattrat()) return kernel_.xattr_at(directory, name, attribute, buffer);
  if (moved == nullptr || *moved != whereabouts()) {
    if (const int error = move_to(directory); error != 0) return error;
    if (moved != nullptr) *moved = whereabouts();
  }
  const ssize_t got = ::lgetxattr(name, attribute, buffer.data(), buffer.size());
  return got >= 0 ? got : -errno;
}

Result<void> Observer::by_name(int directory, const char* name, FacetSet asked, Observed& out,
                               Whereabouts* moved) {
  TRY(status(directory, name, 0, out));
  const auto get = [&](const char* attribute, std::span<std::byte> buffer) {
    return xattr_named(directory, name, attribute, buffer, moved);
  };
  read_xattrs(asked, out, get);
  read_accounts(asked, out);
  if (asked.has(Facet::target) && out.type == Type::symlink) read_target(directory, name, out);
  return {};
}

Result<void> Observer::of(int descriptor, FacetSet asked, Observed& out) {
  TRY(status(descriptor, "", AT_EMPTY_PATH, out));
  const auto get = [&](const char* attribute, std::span<std::byte> buffer) {
    return kernel_.xattr_of(descriptor, attribute, buffer);
  };
  read_xattrs(asked, out, get);
  read_by_descriptor(descriptor, asked, out);
  return {};
}

Result<void> Observer::of_named(int descriptor, int directory, const char* name, FacetSet asked,
                                Observed& out) {
  TRY(status(descriptor, "", AT_EMPTY_PATH, out));
  const auto get = [&](const char* attribute, std::span<std::byte> buffer) {
    return xattr_named(directory, name, attribute, buffer, nullptr);
  };
  read_xattrs(asked, out, get);
  read_by_descriptor(descriptor, asked, out);
  return {};
}

void Observer::read_by_descriptor(int descriptor, FacetSet asked, Observed& out) {
  read_accounts(asked, out);
  if (asked.has(Facet::attributes)) read_attributes(descriptor, out);
  if (asked.has(Facet::target) && out.type == Type::symlink) read_target(descriptor, "", out);
}

Result<void> Observer::of_open_directory(int directory, FacetSet asked, Observed& out) {
  TRY(status(directory, "", AT_EMPTY_PATH, out));
  const auto get = [&](const char* attribute, std::span<std::byte> buffer) -> long {
    const ssize_t got = ::fgetxattr(directory, attribute, buffer.data(), buffer.size());
    return got >= 0 ? got : -errno;
  };
  read_xattrs(asked, out, get);
  read_accounts(asked, out);
  if (asked.has(Facet::attributes)) read_attributes(directory, out);
  return {};
}

}  // namespace permward
