// SPDX-License-Identifier: Apache-2.0
#include "model/type.hpp"

#include <sys/stat.h>

namespace permward {

Type type_of_mode(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return Type::file;
    case S_IFDIR:
      return Type::directory;
    case S_IFLNK:
      return Type::symlink;
    case S_IFIFO:
      return Type::fifo;
    case S_IFSOCK:
      return Type::socket;
    case S_IFBLK:
      return Type::block;
    default:
      return Type::character;
  }
}

}  // namespace permward
