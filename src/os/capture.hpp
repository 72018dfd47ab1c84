// SPDX-License-Identifier: Apache-2.0
//
// All of an object that a snapshot keeps. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "model/file_stamp.hpp"
#include "model/snapshot.hpp"
#include "os/content.hpp"
#include "os/kernel.hpp"
#include "os/observe.hpp"
#include "os/stamper.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

namespace permward {

// Where contents are copied to, one behind the other: a file of the caller's own.
struct Spool {
  int file = -1;
  std::uint64_t end = 0;  // bytes so far
  Holes holes = Holes::bounded;
};

// The extended attributes of what `held` holds that nothing else tells of, in the order of their
// names: no ACLs, no capabilities, none that a file system makes up (xfs, `trusted.SGI_ACL_*`).
// Errors: `denied`, `io`, without a subject.
[[nodiscard]] Result<std::vector<ExtendedAttribute>> extended_attributes(const Kernel& kernel,
                                                                         int held);

struct Captured {
  SnapshotObject object;
  std::uint32_t links = 1;
  std::optional<FileStamp> stamp;  // of a file that is known to be as it was read while it has this
};

// The file, directory or symlink behind `held`, any descriptor of it. The content of a file is at
// the end of `spool` afterwards, whose `end` has moved; its `path` and the names of its owners are
// left to the caller. A spool without a file takes no content. `stamper` may be null: then there is
// no stamp, and a file that somebody is about to write to is taken as it is.
//
// Its size, times and content are of one instant, its attributes too, as far as the file system's
// clock tells: what changes again within one tick of it, some milliseconds, is not seen to.
//
// Errors: EBUSY: it did, three times; EFBIG: its content is over `most` bytes; `invalid`:
// another kind of object; what cannot be read, of status, attributes or content: nothing is kept by
// half. Of the spool: `writing_copy`. None names a subject.
[[nodiscard]] Result<Captured> capture(const Kernel& kernel, Observer& observer, int held,
                                       std::uint64_t most, Spool& spool,
                                       const std::atomic<bool>* stop, Stamper* stamper = nullptr);

}  // namespace permward
