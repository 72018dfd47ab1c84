// SPDX-License-Identifier: Apache-2.0
#include "model/aspect.hpp"

#include "support/catch.hpp"

#include <string>

namespace permward {
namespace {

TEST_CASE("aspects have the names and the order of the report") {
  const char* const wanted[] = {"presence", "type",        "owner",      "group",        "mode",
                                "acl",      "default_acl", "attributes", "capabilities", "links",
                                "entries",  "target",      "content",    "access",       "path"};
  REQUIRE(std::size(wanted) == aspect_count);
  for (std::size_t i = 0; i < aspect_count; ++i) {
    REQUIRE(name(static_cast<Aspect>(i)) == wanted[i]);
    REQUIRE(row(static_cast<Aspect>(i)).aspect == static_cast<Aspect>(i));
  }
}

TEST_CASE("an aspect is found by the name that reports and waivers use") {
  for (const AspectRow& row : aspects) REQUIRE(aspect_named(row.name) == row.aspect);
  REQUIRE(aspect_named("links") == Aspect::links);
  for (const char* text : {"", "max_links", "Mode", "mode ", "files", "any_of"}) {
    REQUIRE_FALSE(aspect_named(text));
  }
}

TEST_CASE("a symlink has an owner and a group, but no mode, ACL or attributes") {
  REQUIRE(row(Aspect::owner).types.has(Type::symlink));
  REQUIRE(row(Aspect::group).types.has(Type::symlink));
  for (const Aspect aspect : {Aspect::mode, Aspect::acl, Aspect::attributes}) {
    REQUIRE_FALSE(row(aspect).types.has(Type::symlink));
    REQUIRE(row(aspect).types.has(Type::file));
    REQUIRE(row(aspect).types.has(Type::directory));
    REQUIRE(row(aspect).types.has(Type::socket));
  }
}

TEST_CASE("each aspect is demanded only of what can have it") {
  REQUIRE(row(Aspect::default_acl).types == TypeSet(Type::directory));
  REQUIRE(row(Aspect::entries).types == TypeSet(Type::directory));
  REQUIRE(row(Aspect::capabilities).types == TypeSet(Type::file));
  REQUIRE(row(Aspect::target).types == TypeSet(Type::symlink));
  REQUIRE(row(Aspect::content).types == TypeSet({Type::file, Type::symlink}));
  REQUIRE_FALSE(row(Aspect::links).types.has(Type::directory));
}

TEST_CASE("of what is absent nothing but presence is demanded") {
  for (const AspectRow& row : aspects) {
    const bool of_nothing = row.aspect == Aspect::presence || row.aspect == Aspect::path;
    INFO(row.name);
    REQUIRE(row.types.has(Type::absent) == of_nothing);
  }
}

TEST_CASE("aspects are in this version or known and refused") {
  for (const AspectRow& row : aspects) {
    INFO(row.name);
    REQUIRE(row.in_this_version == (row.aspect != Aspect::access));
  }
}

TEST_CASE("a set of aspects holds what was put into it") {
  AspectSet set;
  REQUIRE(set.empty());
  set.add(Aspect::mode);
  set.add(Aspect::path);
  REQUIRE(set.has(Aspect::mode));
  REQUIRE(set.has(Aspect::path));
  REQUIRE_FALSE(set.has(Aspect::presence));
  REQUIRE_FALSE(set == AspectSet(Aspect::mode));
  for (const AspectRow& row : aspects) {
    REQUIRE(AspectSet::all().has(row.aspect));
    set.add(row.aspect);
  }
  REQUIRE(set == AspectSet::all());
}

}  // namespace
}  // namespace permward
