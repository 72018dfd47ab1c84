// SPDX-License-Identifier: Apache-2.0
#include "base/fd.hpp"

#include <unistd.h>

namespace permward {

void Fd::reset(int fd) {
  // close(2) is not repeated on EINTR: on Linux the descriptor is gone either way.
  if (fd_ >= 0) (void)::close(fd_);
  fd_ = fd;
}

}  // namespace permward
