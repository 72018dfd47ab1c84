// SPDX-License-Identifier: Apache-2.0
//
// Reading one object. Layer `os`; nothing here opens what it looks at for reading or writing, so
// that no FIFO, device or lease can hold it up. statx(2), getxattr(2), acl(5).
#pragma once

#include "base/result.hpp"
#include "model/facet.hpp"
#include "model/mount.hpp"
#include "model/observation.hpp"
#include "os/kernel.hpp"
#include "os/name_service.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace permward {

// What can be read of a name in a directory; the rest needs the object's own descriptor.
inline constexpr FacetSet facets_by_name = FacetSet(Facet::acl) | Facet::default_acl |
                                           Facet::capabilities | Facet::target |
                                           Facet::owner_account | Facet::group_account;

// One thread's reader: an observation lends the bytes of its buffer until the next one. Make and
// use it in the thread that looks, which must have a working directory of its own where the kernel
// has no getxattrat(2).
class Observer {
 public:
  // `kernel` and `accounts` must outlive it. Without `accounts` no account can be asked for.
  Observer(const Kernel& kernel, const Mounts& mounts, NameService* accounts = nullptr);

  // The entry `name` of a directory, a link not followed. More than one system call by name may be
  // made: where somebody else can rename in the directory they may see different objects, so that
  // what comes of it may acquit nobody there. `asked` is within `facets_by_name`. Errors:
  // `not_found` (nothing is there), `denied`, `io`. An ACL that cannot be read is no error but an
  // `unreadable` reading. Where the kernel has no getxattrat(2) the working directory is moved;
  // `moved`, 0 at first and one for all names in `directory`, spares that while it is still there.
  Result<void> by_name(int directory, const char* name, FacetSet asked, Observed& out,
                       Whereabouts* moved = nullptr);

  // The object behind a descriptor, O_PATH or other: all calls see the same one. `entries` and
  // `content` are not read here but in `os/entries.hpp` and `os/content.hpp`.
  Result<void> of(int descriptor, FacetSet asked, Observed& out);

  // The same, its extended attributes by the name that it has in a directory where nobody but root
  // can rename; cheaper. Whether it had the name all the time is to be asked afterwards.
  Result<void> of_named(int descriptor, int directory, const char* name, FacetSet asked,
                        Observed& out);

  // The same as `of` of a directory that is open for reading; cheaper.
  Result<void> of_open_directory(int directory, FacetSet asked, Observed& out);

 private:
  Result<void> status(int directory, const char* name, int flags, Observed& out) const;
  [[nodiscard]] long xattr_named(int directory, const char* name, const char* attribute,
                                 std::span<std::byte> buffer, Whereabouts* moved) const;
  // `get` reads one extended attribute of the object into a buffer: its length, or -errno.
  using Buffer = std::vector<std::byte>;

  template <class Get>
  void read_xattrs(FacetSet asked, Observed& out, const Get& get);
  template <class Get>
  void read_acl(const Observed& observed, const char* attribute, Readout<AclView>& out,
                Buffer& buffer, const Get& get);
  template <class Get>
  void read_capabilities(Observed& out, const Get& get);
  void read_by_descriptor(int descriptor, FacetSet asked, Observed& out);
  void read_attributes(int descriptor, Observed& out);
  void read_target(int directory, const char* name, Observed& out);
  void read_accounts(FacetSet asked, Observed& out);
  [[nodiscard]] bool foreign_rights(const Observed& observed) const;
  void note_unmapped(Observed& out) const;

  using Accounts = std::unordered_map<std::uint32_t, Readout<bool>>;
  const Readout<bool>& account_of(AccountKind kind, std::uint32_t id);

  const Kernel& kernel_;
  NameService* accounts_;
  std::vector<std::uint64_t> foreign_mounts_;    // sorted ids
  std::vector<std::uint64_t> id_mapped_mounts_;  // too
  Buffer acl_;
  Buffer default_acl_;
  Buffer target_;
  Accounts users_;
  Accounts groups_;
};

}  // namespace permward
