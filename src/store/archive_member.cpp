// SPDX-License-Identifier: Apache-2.0
#include "store/archive_member.hpp"

#include "os/attribute_bits.hpp"
#include "os/xattr_names.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace permward {
namespace {

Entry new_entry() {
  Entry out(archive_entry_new());
  if (!out) throw std::bad_alloc();
  return out;
}

unsigned file_type_of(Type type) {
  if (type == Type::directory) return AE_IFDIR;
  return type == Type::symlink ? AE_IFLNK : AE_IFREG;
}

struct TagOf {
  AclTag tag;
  int theirs;
};
constexpr std::array<TagOf, 6> tags = {{{AclTag::user_obj, ARCHIVE_ENTRY_ACL_USER_OBJ},
                                        {AclTag::user, ARCHIVE_ENTRY_ACL_USER},
                                        {AclTag::group_obj, ARCHIVE_ENTRY_ACL_GROUP_OBJ},
                                        {AclTag::group, ARCHIVE_ENTRY_ACL_GROUP},
                                        {AclTag::mask, ARCHIVE_ENTRY_ACL_MASK},
                                        {AclTag::other, ARCHIVE_ENTRY_ACL_OTHER}}};

// What does not come out of an archive's header as it went in stands in the manifest alone.

// libarchive's permissions are those of the kernel: 4 to read, 2 to write, 1 to execute. It reads
// ids that do not fit an int as the greatest one that does, and two of them as one.
bool acl_fits_header(const std::vector<AclEntry>& acl) {
  return std::none_of(acl.begin(), acl.end(), [](const AclEntry& entry) {
    return entry.named() && entry.id >= static_cast<std::uint32_t>(INT_MAX);
  });
}

void add_acl(archive_entry* to, int type, const std::vector<AclEntry>& acl) {
  if (!acl_fits_header(acl)) return;
  for (const AclEntry& entry : acl) {
    const auto known = std::find_if(tags.begin(), tags.end(),
                                    [&](const TagOf& one) { return one.tag == entry.tag; });
    const int id = entry.named() ? static_cast<int>(entry.id) : -1;
    archive_entry_acl_add_entry(to, type, entry.permissions, known->theirs, id, nullptr);
  }
}

// The nine bits of an object whose ACL is not set when it is extracted, or not at once.
mode_t mode_without_acl(const ObjectState& state) {
  const AclEntry* const group = find_entry(state.acl, AclTag::group_obj);
  return group == nullptr ? state.mode
                          : (state.mode & ~mode_t{070}) | mode_t{group->permissions} << 3;
}

// libarchive writes others with escapes that it does not read again, and long ones not at all.
bool attribute_fits_header(const std::string& name) {
  constexpr std::size_t longest = 128;
  return name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != '%' && c != '=';
         });
}

// Times before the sun was there, and after it, are not all read again.
bool time_fits_header(const FileTime& time) {
  constexpr std::int64_t longest = std::int64_t{1} << 40;
  return time.seconds > -longest && time.seconds < longest;
}

// `tar` has ".", the directory that it extracts to, for the root.
std::string member_name(const std::string& path) { return path == "/" ? "." : path.substr(1); }

std::string_view text_or_nothing(const char* text) { return text == nullptr ? "" : text; }

// A directory's name has a slash at its end, as the format wants it.
std::string_view name_of(archive_entry* entry) {
  std::string_view name = text_or_nothing(archive_entry_pathname(entry));
  if (archive_entry_filetype(entry) == AE_IFDIR && name.ends_with('/')) name.remove_suffix(1);
  return name;
}

auto status_of(archive_entry* entry) {
  return std::tuple(
      name_of(entry), archive_entry_filetype(entry), archive_entry_perm(entry),
      archive_entry_uid(entry), archive_entry_gid(entry),
      text_or_nothing(archive_entry_uname(entry)), text_or_nothing(archive_entry_gname(entry)),
      archive_entry_mtime(entry), archive_entry_mtime_nsec(entry), archive_entry_size(entry),
      text_or_nothing(archive_entry_symlink(entry)), text_or_nothing(archive_entry_hardlink(entry)),
      text_or_nothing(archive_entry_fflags_text(entry)));
}

std::string acl_text(archive_entry* entry, int type) {
  char* const text = archive_entry_acl_to_text(entry, nullptr, type);
  std::string out(text_or_nothing(text));
  std::free(text);
  return out;
}

std::set<std::pair<std::string, std::string>> attributes_of(archive_entry* entry) {
  std::set<std::pair<std::string, std::string>> out;
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    out.emplace(text_or_nothing(name), std::string(static_cast<const char*>(value), size));
  }
  return out;
}

}  // namespace

Entry member_of(const SnapshotObject& object) {
  const ObjectState& state = object.state;
  Entry out = new_entry();
  archive_entry* const entry = out.get();
  archive_entry_copy_pathname(entry, member_name(object.path).c_str());
  archive_entry_set_filetype(entry, file_type_of(state.type));
  archive_entry_set_perm(entry, mode_without_acl(state));
  archive_entry_set_uid(entry, state.owner);
  archive_entry_set_gid(entry, state.group);
  archive_entry_copy_uname(entry, object.owner_name.c_str());
  archive_entry_copy_gname(entry, object.group_name.c_str());
  if (time_fits_header(object.modified)) {
    archive_entry_set_mtime(entry, object.modified.seconds, object.modified.nanoseconds);
  }
  archive_entry_set_size(entry, static_cast<la_int64_t>(object.size));
  if (state.type == Type::symlink) archive_entry_copy_symlink(entry, state.target.c_str());
  archive_entry_set_fflags(entry, flags_of_attributes(state.attributes), 0);
  add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, state.acl);
  add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, state.default_acl);
  if (state.capabilities) {
    const std::vector<std::byte> value = encode_capabilities(*state.capabilities);
    archive_entry_xattr_add_entry(entry, capabilities_xattr, value.data(), value.size());
  }
  for (const ExtendedAttribute& one : object.attributes) {
    if (!attribute_fits_header(one.name)) continue;
    archive_entry_xattr_add_entry(entry, one.name.c_str(), one.value.data(), one.value.size());
  }
  return out;
}

Entry member_of(const char* name, std::uint64_t size, std::int64_t time) {
  Entry out = new_entry();
  archive_entry_copy_pathname(out.get(), name);
  archive_entry_set_filetype(out.get(), AE_IFREG);
  archive_entry_set_perm(out.get(), 0600);
  archive_entry_set_uid(out.get(), 0);
  archive_entry_set_gid(out.get(), 0);
  archive_entry_copy_uname(out.get(), "root");
  archive_entry_copy_gname(out.get(), "root");
  archive_entry_set_mtime(out.get(), time, 0);
  archive_entry_set_size(out.get(), static_cast<la_int64_t>(size));
  return out;
}

bool same_member(archive_entry* one, archive_entry* other) {
  return status_of(one) == status_of(other) &&
         acl_text(one, ARCHIVE_ENTRY_ACL_TYPE_ACCESS) ==
             acl_text(other, ARCHIVE_ENTRY_ACL_TYPE_ACCESS) &&
         acl_text(one, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT) ==
             acl_text(other, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT) &&
         attributes_of(one) == attributes_of(other);
}

}  // namespace permward
