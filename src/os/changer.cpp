// SPDX-License-Identifier: Apache-2.0
#include "os/changer.hpp"

#include "os/attribute_bits.hpp"
#include "os/valid_acl.hpp"
#include "os/xattr_names.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr TypeSet with_attributes{Type::file, Type::directory};
constexpr TypeSet with_rights = TypeSet::all_present().without(Type::symlink);

constexpr std::uint32_t no_id = 0xffffffff;  // chown(2): this one stays

Result<void> outcome(int negative_errno, const char* doing) {
  if (negative_errno == 0) return {};
  return system_error(-negative_errno, doing, "");
}

Error not_of_this_type(const char* doing) { return system_error(EOPNOTSUPP, doing, ""); }
Error malformed(const char* doing) { return {ErrorKind::invalid, doing, "", 0}; }

// What carries out the action on `held`, by its kind.
class Carrier {
 public:
  Carrier(const Kernel& kernel, int held, Type type) : kernel_(kernel), held_(held), type_(type) {}

  Result<void> operator()(const SetAttributes& action) const {
    constexpr const char* doing = "change the attributes of";
    if ((action.set | action.clear).empty()) return {};
    if (!with_attributes.has(type_)) return not_of_this_type(doing);
    return outcome(kernel_.change_inode_flags_of(held_, flags_of_attributes(action.set),
                                                 flags_of_attributes(action.clear)),
                   doing);
  }

  Result<void> operator()(const SetMode& action) const {
    constexpr const char* doing = "change the mode of";
    if (!with_rights.has(type_)) return not_of_this_type(doing);
    return outcome(kernel_.set_mode_of(held_, action.mode), doing);
  }

  Result<void> operator()(const SetOwner& action) const {
    const char* const doing = action.owner ? "change the owner of" : "change the group of";
    if (action.owner == no_id || action.group == no_id) return malformed(doing);
    // Even one that changes neither would drop set-id bits and capabilities.
    if (!action.owner && !action.group) return {};
    const int done = ::fchownat(held_, "", action.owner.value_or(no_id),
                                action.group.value_or(no_id), AT_EMPTY_PATH);
    return outcome(done == 0 ? 0 : -errno, doing);
  }

  Result<void> operator()(const SetAcl& action) const {
    constexpr const char* doing = "change the ACL of";
    if (!with_rights.has(type_)) return not_of_this_type(doing);
    if (!valid_acl(action.entries)) return malformed(doing);
    return set(access_acl_xattr, encode_acl(action.entries), doing);
  }

  Result<void> operator()(const SetDefaultAcl& action) const {
    constexpr const char* doing = "change the default ACL of";
    if (type_ != Type::directory) return not_of_this_type(doing);
    if (action.entries.empty()) return remove(default_acl_xattr, doing);
    if (!valid_acl(action.entries)) return malformed(doing);
    return set(default_acl_xattr, encode_acl(action.entries), doing);
  }

  // The kernel would give them to objects of any type, and never look at them there.
  Result<void> operator()(const SetCapabilities& action) const {
    constexpr const char* doing = "change the file capabilities of";
    if (type_ != Type::file) return not_of_this_type(doing);
    if (!action.value) return remove(capabilities_xattr, doing);
    return set(capabilities_xattr, encode_capabilities(*action.value), doing);
  }

  Result<void> operator()(const Create& /*action*/) const { return malformed("make"); }
  Result<void> operator()(const SetTarget& /*action*/) const { return malformed("replace"); }
  Result<void> operator()(const Remove& /*action*/) const { return malformed("remove"); }
  Result<void> operator()(const Install& /*action*/) const { return malformed("replace"); }

  Result<void> operator()(const SetExtended& action) const {
    constexpr const char* doing = "change the extended attributes of";
    const char* const attribute = action.name.c_str();
    if (!action.value) return remove(attribute, doing);
    const std::span<const char> value(action.value->data(), action.value->size());
    return outcome(kernel_.set_xattr_of(held_, attribute, std::as_bytes(value)), doing);
  }

  Result<void> operator()(const SetModified& action) const {
    const std::array<timespec, 2> times = {
        {{0, UTIME_OMIT}, {action.time.seconds, static_cast<long>(action.time.nanoseconds)}}};
    const int done = ::utimensat(held_, "", times.data(), AT_EMPTY_PATH);
    return outcome(done == 0 ? 0 : -errno, "change the modification time of");
  }

 private:
  Result<void> set(const char* attribute, const std::vector<std::byte>& value,
                   const char* doing) const {
    return outcome(kernel_.set_xattr_of(held_, attribute, value), doing);
  }

  Result<void> remove(const char* attribute, const char* doing) const {
    const int done = kernel_.remove_xattr_of(held_, attribute);
    return outcome(done == -ENODATA ? 0 : done, doing);
  }

  const Kernel& kernel_;
  int held_;
  Type type_;
};

}  // namespace

Result<void> KernelChanger::change(int held, Type type, const Action& action) {
  return std::visit(Carrier(kernel_, held, type), action);
}

}  // namespace permward
