// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <cerrno>

namespace permward {

ErrorKind kind_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::not_found;
    case EACCES:
    case EPERM:
      return ErrorKind::denied;
    case ENOSYS:
    case EOPNOTSUPP:  // ENOTSUP is the same number on Linux
    case ENOTTY:
      return ErrorKind::unsupported;
    case ELOOP:
      return ErrorKind::insecure_path;
    case ESTALE:
      return ErrorKind::changed;
    case EINVAL:
    case ENAMETOOLONG:
      return ErrorKind::invalid;
    default:
      return ErrorKind::io;
  }
}

Error system_error(int number, std::string doing, std::string subject) {
  return Error{kind_of_errno(number), std::move(doing), std::move(subject), number};
}

}  // namespace permward
