// SPDX-License-Identifier: Apache-2.0
#include "engine/undo_order.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/states.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

using test::seen;
using test::Texts;

constexpr AttributeSet immutable = Attribute::immutable;

ObjectState directory(unsigned mode, AttributeSet attributes = {}) {
  return state_of(seen(Type::directory).mode(mode).attributes(attributes));
}
ObjectState file() { return state_of(seen(Type::file).mode(0644)); }

RecordedChange change(const std::string& path, const ObjectState& before,
                      const ObjectState& after) {
  RecordedChange out;
  out.change = {path, {}, before, after, {}};
  out.outcome = Outcome{0, "corrected", Effect::some, after, {}, {}};
  return out;
}

Texts order_of(const std::vector<RecordedChange>& changes) {
  Texts out;
  for (const Undoing& one : in_undo_order(changes)) {
    const bool whole = one.part == Undoing::Part::whole;
    const char* part = one.part == Undoing::Part::lifts ? " lifted" : " barred";
    out.push_back(one.path + (whole ? "" : part));
  }
  return out;
}

TEST_CASE("what a run has barred is lifted before anything in it is taken back") {
  const ObjectState absent;
  CHECK(order_of({change("/d/gone", file(), absent), change("/d/made", absent, file()),
                  change("/d", directory(0755), directory(0755, immutable))}) ==
        Texts{"/d lifted", "/d/gone", "/d/made", "/d"});
  CHECK(order_of({change("/d", absent, directory(0755, immutable)),
                  change("/d/made", absent, file())}) == Texts{"/d lifted", "/d/made", "/d"});
}

TEST_CASE("what is to bar again does so when all is there") {
  const ObjectState absent;
  CHECK(order_of({change("/d/made", absent, file()),
                  change("/d", directory(0755, immutable), directory(0755))}) ==
        Texts{"/d/made", "/d"});
  CHECK(order_of({change("/d/gone", file(), absent),
                  change("/d", directory(0755, immutable), absent)}) ==
        Texts{"/d", "/d/gone", "/d barred"});
}

}  // namespace
}  // namespace permward
