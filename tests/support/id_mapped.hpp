// SPDX-License-Identifier: Apache-2.0
// ID-mapped mounts, for tests: mount_setattr(2).
#pragma once

#include <string>

namespace permward::test {

// While it is there the directory `point` shows what lies in `source`, each id there, 0 to 999, as
// one that is greater by `shift`. Throws where the system refuses. Call it while there is one
// thread.
class IdMapped {
 public:
  IdMapped(const std::string& source, std::string point, unsigned shift);
  ~IdMapped();
  IdMapped(const IdMapped&) = delete;
  IdMapped& operator=(const IdMapped&) = delete;

 private:
  std::string point_;
};

}  // namespace permward::test
