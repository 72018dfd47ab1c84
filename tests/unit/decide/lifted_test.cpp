// SPDX-License-Identifier: Apache-2.0
#include "decide/lifted.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/states.hpp"

namespace permward {
namespace {

using test::seen;

constexpr AttributeSet immutable = Attribute::immutable;

ObjectState directory(unsigned mode, AttributeSet attributes = {}) {
  return state_of(seen(Type::directory).mode(mode).attributes(attributes));
}

TEST_CASE("nothing is lifted where somebody else would get a right by it") {
  const auto lifted = [](const ObjectState& now, const ObjectState& end) {
    const ObjectState out = while_lifted(now, end);
    ObjectState without = now;
    without.attributes = end.attributes;
    CHECK((out == now || out == without));
    return out != now;
  };
  const ObjectState absent;
  CHECK(lifted(directory(0755, immutable), directory(0755)));
  CHECK(lifted(directory(0755, immutable), directory(0777)));
  CHECK(lifted(directory(0755, immutable), absent));
  CHECK(lifted(directory(0777, immutable), directory(0777)));
  CHECK_FALSE(lifted(directory(0777, immutable), directory(0755)));
  CHECK_FALSE(lifted(directory(0777, immutable), absent));
  CHECK_FALSE(lifted(directory(0755), directory(0755, immutable)));
  CHECK(until_barred(directory(0755, immutable)) == directory(0755));
  CHECK(until_barred(directory(0777, immutable)) == directory(0777, immutable));
}

}  // namespace
}  // namespace permward
