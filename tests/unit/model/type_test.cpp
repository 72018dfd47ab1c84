// SPDX-License-Identifier: Apache-2.0
#include "model/type.hpp"

#include "support/catch.hpp"

#include <sys/stat.h>

namespace permward {
namespace {

TEST_CASE("the type of an object is read from its mode") {
  struct Row {
    std::uint32_t mode;
    Type type;
  };
  const Row table[] = {
      {S_IFREG | 0644, Type::file},    {S_IFDIR | 01777, Type::directory},
      {S_IFLNK | 0777, Type::symlink}, {S_IFIFO | 0600, Type::fifo},
      {S_IFSOCK | 0755, Type::socket}, {S_IFCHR | 0666, Type::character},
      {S_IFBLK | 0660, Type::block},
  };
  for (const auto& [mode, type] : table) REQUIRE(type_of_mode(mode) == type);
}

TEST_CASE("a type that nobody knows is taken for one that is never opened") {
  REQUIRE(type_of_mode(0) == Type::character);
  REQUIRE(type_of_mode(S_IFMT) == Type::character);
  REQUIRE(type_of_mode(S_IFIFO | S_IFCHR | S_IFREG) == Type::character);
}

TEST_CASE("types are called as the policy calls them") {
  REQUIRE(name(Type::file) == "file");
  REQUIRE(name(Type::directory) == "directory");
  REQUIRE(name(Type::symlink) == "symlink");
  REQUIRE(name(Type::fifo) == "fifo");
  REQUIRE(name(Type::socket) == "socket");
  REQUIRE(name(Type::character) == "char");
  REQUIRE(name(Type::block) == "block");
  REQUIRE(name(Type::absent) == "absent");
}

TEST_CASE("sets of types are sets") {
  const TypeSet files = Type::file;
  const TypeSet both = {Type::file, Type::directory};
  REQUIRE(TypeSet().empty());
  REQUIRE(files.has(Type::file));
  REQUIRE_FALSE(files.has(Type::directory));
  REQUIRE((both & files) == files);
  REQUIRE((files | Type::directory) == both);
  REQUIRE(both.without(files) == TypeSet(Type::directory));
  REQUIRE((both & Type::socket).empty());
}

TEST_CASE("what is absent is of no present type") {
  REQUIRE_FALSE(TypeSet::all_present().has(Type::absent));
  REQUIRE((TypeSet::all_present() | Type::absent) == TypeSet::all());
  for (std::size_t i = 0; i + 1 < type_count; ++i) {
    REQUIRE(TypeSet::all_present().has(static_cast<Type>(i)));
  }
}

}  // namespace
}  // namespace permward
