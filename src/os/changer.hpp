// SPDX-License-Identifier: Apache-2.0
//
// Carrying out one action on one object, or on its name. Layer `os`. An object is what a descriptor
// holds, O_PATH or other; no name of it is used, so that whoever renames meanwhile turns no change
// elsewhere. What is done to a name is for directories in which nobody else may rename.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "model/action.hpp"
#include "model/type.hpp"
#include "os/kernel.hpp"

#include <string>

namespace permward {

// Who plans and verifies needs to know no more; tests put a recording one in its place.
class Changer {
 public:
  Changer() = default;
  Changer(const Changer&) = delete;
  Changer& operator=(const Changer&) = delete;
  virtual ~Changer() = default;

  // Carries `action` out on what `held` holds. `type` is the type observed through `held`. Success
  // is the kernel's word for it and no more: what an object has afterwards is for an observation to
  // say. What the kernel changes beside (`model/action.hpp`) is not set again.
  //
  // After an error the object is as it was where a file system keeps to that; who must know looks
  // again. `number` is the errno, the subject is empty:
  // - `denied`: EPERM (immutable, append-only, a capability that this process lacks, an id-mapped
  //   mount), EACCES;
  // - `unsupported`: EOPNOTSUPP, ENOTTY (this file system keeps no such thing; objects of this type
  //   have none, and then nothing has been asked);
  // - `invalid`: EINVAL, and without a number what was refused before any call: an ACL that
  //   `valid_acl` does not accept, an id that is none, an action on a name;
  // - `io`: EROFS, ENOSPC, EDQUOT, E2BIG (an ACL that has no room), EOVERFLOW (an id that has no
  //   other side in an id-mapped mount), EWOULDBLOCK (attributes of a file on which a process holds
  //   a lease), EIO, EBADF (no procfs can be trusted) and the rest.
  [[nodiscard]] virtual Result<void> change(int held, Type type, const Action& action) = 0;

  // The others take one name in a directory. Their errors are those above, and `changed` where the
  // name is not what was expected. Of a directory that is immutable or append-only the subject says
  // so.

  // `Create`, of a file or directory: what holds it. `changed` where something has the name.
  [[nodiscard]] virtual Result<Fd> create(int directory, const char* name, Type type) = 0;

  // `SetTarget`: a new link with the owner, the group and those extended attributes that this
  // process is shown of the one that `held` holds and that has the name (`trusted` ones take
  // CAP_SYS_ADMIN, xattr(7)); what holds it. It is made under the name `scratch`, which nobody
  // else may have, and has the other's place in one step. Nothing is left of that name, unless the
  // process is killed meanwhile, or somebody else exchanges names at that moment.
  [[nodiscard]] virtual Result<Fd> replace_link(int directory, const char* name, int held,
                                                const std::string& target, const char* scratch) = 0;

  // Of what `held` holds and that has the name; `changed` also where it is not empty and nothing
  // was kept of it, or is a directory that is not.
  [[nodiscard]] virtual Result<void> remove(int directory, const char* name, int held,
                                            const Remove& how) = 0;
};

// By system calls. Which types have what, and by which right of capabilities(7) any owner's objects
// are changed:
//
//   SetMode              all but symlinks         CAP_FOWNER; CAP_FSETID, or the kernel drops the
//                                                 set-group-ID bit in silence
//   SetOwner             all                      CAP_CHOWN
//   SetAcl               all but symlinks         CAP_FOWNER, and CAP_FSETID as above
//   SetDefaultAcl        directories              CAP_FOWNER
//   SetCapabilities      files                    CAP_SETFCAP; some kernels let anybody remove
//                                                 them (docs/reference/platforms.md)
//   SetAttributes        files and directories    CAP_FOWNER, CAP_LINUX_IMMUTABLE, and reading
//                                                 (CAP_DAC_READ_SEARCH)
//   SetExtended          all                      CAP_FOWNER; of `trusted` and of most of
//                                                 `security` CAP_SYS_ADMIN: xattr(7)
//   SetModified          all                      CAP_FOWNER
//
// Of other types they are refused here: of capabilities, and on some kernels of a symlink's mode,
// the kernel would take more. Nothing is opened but files and directories, for their attributes,
// and nothing blocks: FIFOs, devices and leases are not touched.
//
// Where nothing is named to be changed no call is made; whether it is already so is not asked, but
// of attributes. That there is nothing to remove any more is success.
//
// Any thread may use it. Where the kernel has no setxattrat(2) or removexattrat(2) it moves the
// thread's working directory: the thread must have one of its own (`os/kernel.hpp`).
class KernelChanger final : public Changer {
 public:
  // `kernel` must outlive it.
  explicit KernelChanger(const Kernel& kernel) : kernel_(kernel) {}

  [[nodiscard]] Result<void> change(int held, Type type, const Action& action) override;
  [[nodiscard]] Result<Fd> create(int directory, const char* name, Type type) override;
  [[nodiscard]] Result<Fd> replace_link(int directory, const char* name, int held,
                                        const std::string& target, const char* scratch) override;
  [[nodiscard]] Result<void> remove(int directory, const char* name, int held,
                                    const Remove& how) override;

 private:
  const Kernel& kernel_;
};

}  // namespace permward
