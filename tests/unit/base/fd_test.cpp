// SPDX-License-Identifier: Apache-2.0
#include "base/fd.hpp"

#include "support/catch.hpp"

#include <fcntl.h>
#include <type_traits>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

int opened() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

static_assert(!std::is_copy_constructible_v<Fd> && !std::is_copy_assignable_v<Fd>);

TEST_CASE("a descriptor is closed when its owner goes") {
  int raw = -1;
  {
    const Fd fd(opened());
    raw = fd.get();
    REQUIRE(fd);
    REQUIRE(is_open(raw));
  }
  REQUIRE_FALSE(is_open(raw));
}

TEST_CASE("an owner without a descriptor closes nothing") {
  const Fd fd;
  REQUIRE_FALSE(fd);
  REQUIRE(fd.get() == -1);
}

TEST_CASE("descriptor 0 is a descriptor") {
  Fd fd(0);
  REQUIRE(fd);
  REQUIRE(fd.release() == 0);
}

TEST_CASE("a move hands the descriptor over and leaves none behind") {
  Fd from(opened());
  const int raw = from.get();
  Fd to(std::move(from));
  REQUIRE(to.get() == raw);
  REQUIRE_FALSE(from);  // NOLINT(bugprone-use-after-move): that is what is tested
  REQUIRE(is_open(raw));
}

TEST_CASE("an assignment closes what was held before") {
  Fd fd(opened());
  const int first = fd.get();
  fd = Fd(opened());
  REQUIRE(fd.get() != first);
  REQUIRE_FALSE(is_open(first));
  REQUIRE(is_open(fd.get()));
}

TEST_CASE("an assignment to itself keeps the descriptor") {
  Fd fd(opened());
  Fd& same = fd;
  fd = std::move(same);
  REQUIRE(is_open(fd.get()));
}

TEST_CASE("a released descriptor stays open and belongs to the caller") {
  int raw = -1;
  {
    Fd fd(opened());
    raw = fd.release();
    REQUIRE_FALSE(fd);
  }
  REQUIRE(is_open(raw));
  ::close(raw);
}

TEST_CASE("a reset closes at once, and may take another") {
  Fd fd(opened());
  const int first = fd.get();
  fd.reset();
  REQUIRE_FALSE(fd);
  REQUIRE_FALSE(is_open(first));
  const int second = opened();
  fd.reset(second);
  REQUIRE(fd.get() == second);
}

}  // namespace
}  // namespace permward
