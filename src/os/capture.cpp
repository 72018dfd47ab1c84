// SPDX-License-Identifier: Apache-2.0
#include "os/capture.hpp"

#include "os/content.hpp"
#include "os/xattr_names.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr int most_captures = 3;
constexpr std::size_t longest_list = 65536;       // XATTR_LIST_MAX
constexpr std::size_t longest_attribute = 65536;  // XATTR_SIZE_MAX

FacetSet facets_of(Type type) {
  if (type == Type::symlink) return Facet::target;
  FacetSet out = FacetSet(Facet::acl) | Facet::attributes;
  if (type == Type::directory) return out | Facet::default_acl;
  return out | Facet::capabilities;
}

// What the file system has none of is as if there were none; what it did not tell is an error.
template <class Value>
int error_of(const Readout<Value>& readout) {
  return readout.state == Read::unreadable ? std::max(readout.error, 1) : 0;
}

int error_of(const Observed& observed) {
  const int attributes =
      observed.attributes.others == Read::unreadable ? std::max(observed.attributes.error, 1) : 0;
  for (const int error : {error_of(observed.acl), error_of(observed.default_acl),
                          error_of(observed.capabilities), error_of(observed.target), attributes}) {
    if (error != 0) return error;
  }
  return 0;
}

// What is told of it elsewhere, or is the file system's own.
bool left_out(std::string_view name) {
  return name == access_acl_xattr || name == default_acl_xattr || name == capabilities_xattr ||
         name.starts_with("trusted.SGI_ACL_") || name.starts_with("trusted.overlay.");
}

}  // namespace

Result<std::vector<ExtendedAttribute>> extended_attributes(const Kernel& kernel, int held) {
  std::vector<ExtendedAttribute> out;
  std::vector<char> names(longest_list);
  const long length = kernel.xattr_names_of(held, names);
  if (length == -EOPNOTSUPP) return out;
  if (length < 0) return system_error(static_cast<int>(-length), "list the attributes of", "");
  std::vector<std::byte> value(longest_attribute);
  std::string_view left(names.data(), static_cast<std::size_t>(length));
  while (!left.empty()) {
    const std::string name(left.substr(0, left.find('\0')));
    left.remove_prefix(std::min(name.size() + 1, left.size()));
    if (left_out(name)) continue;
    const long size = kernel.xattr_of(held, name.c_str(), value);
    if (size == -ENODATA) continue;  // it went meanwhile, which changes the object
    if (size < 0) return system_error(static_cast<int>(-size), "read the attributes of", "");
    const auto* const bytes = reinterpret_cast<const char*>(value.data());
    out.push_back({name, std::string(bytes, static_cast<std::size_t>(size))});
  }
  std::sort(out.begin(), out.end());
  return out;
}

namespace {

bool same_version(const Observed& a, const Observed& b) {
  return a.identity == b.identity && a.changed == b.changed && a.modified == b.modified &&
         a.size == b.size;
}

// Nothing where it changed meanwhile.
Result<std::optional<Captured>> capture_once(const Kernel& kernel, Observer& observer, int held,
                                             std::uint64_t most, Spool& spool,
                                             const std::atomic<bool>* stop, Stamper* stamper) {
  Observed observed;
  TRY(observer.of(held, FacetSet{}, observed));
  const Type type = observed.type;
  if (type != Type::file && type != Type::directory && type != Type::symlink) {
    return Error{ErrorKind::invalid, "keep what is no file, directory or link:", "", 0};
  }
  TRY(observer.of(held, facets_of(type), observed));
  if (const int error = error_of(observed); error != 0) return system_error(error, "read", "");
  Captured captured;
  SnapshotObject& out = captured.object;
  captured.links = observed.links;
  out.state = state_of(observed);
  out.modified = observed.modified;
  TRY_ASSIGN(out.attributes, extended_attributes(kernel, held));
  Copied copied;
  if (type == Type::file) {
    if (stamper != nullptr && stamper->is_half_written(held, observed)) {
      return std::optional<Captured>();
    }
    if (stamper != nullptr && stamper->accepts(held, observed)) captured.stamp = stamp_of(observed);
    TRY_ASSIGN(copied, copy_content(kernel, held, most, spool.file, spool.end, stop, spool.holes));
    out.digest = copied.digest;
    out.size = copied.size;
  }
  Observed after;
  TRY(observer.of(held, FacetSet{}, after));
  if (!same_version(observed, after) || (type == Type::file && out.size != after.size)) {
    return std::optional<Captured>();
  }
  spool.end += out.size;
  return std::optional(std::move(captured));
}

}  // namespace

Result<Captured> capture(const Kernel& kernel, Observer& observer, int held, std::uint64_t most,
                         Spool& spool, const std::atomic<bool>* stop, Stamper* stamper) {
  for (int tries = 0; tries < most_captures; ++tries) {
    TRY_ASSIGN(std::optional<Captured> captured,
               capture_once(kernel, observer, held, most, spool, stop, stamper));
    if (captured) return std::move(*captured);
  }
  return system_error(EBUSY, "keep a copy of what is changed all the while", "");
}

}  // namespace permward
