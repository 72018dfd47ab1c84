// SPDX-License-Identifier: Apache-2.0
// States of objects to text and back, and text that nobody vouches for.
#include "store/state_text.hpp"
#include "support/property.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace permward::test {
namespace {

std::uint32_t drawn_id() {
  static const std::vector<std::uint32_t> ids = {0, 1, 9, 10, 1001, 65534, 4294967294};
  return *rc::gen::elementOf(ids);
}

std::vector<AclEntry> drawn_acl() {
  static const std::vector<AclTag> tags = {AclTag::user_obj, AclTag::user, AclTag::group_obj,
                                           AclTag::group,    AclTag::mask, AclTag::other};
  std::vector<AclEntry> out;
  for (int i = *rc::gen::inRange(0, 7); i > 0; --i) {
    AclEntry entry;
    entry.tag = *rc::gen::elementOf(tags);
    entry.permissions = *rc::gen::inRange<std::uint8_t>(0, 8);
    if (entry.named()) entry.id = drawn_id();
    out.push_back(entry);
  }
  std::stable_sort(out.begin(), out.end(), acl_order);
  return out;
}

FileCapabilities drawn_capabilities() {
  static const std::vector<std::uint64_t> sets = {0, 1, 0x2000, std::uint64_t{1} << 40,
                                                  ~std::uint64_t{0}};
  static const std::vector<std::uint32_t> roots = {0, 1000, 4294967295};
  return {*rc::gen::elementOf(sets), *rc::gen::elementOf(sets), *rc::gen::inRange(0, 2) == 0,
          *rc::gen::elementOf(roots)};
}

std::string drawn_target() {
  std::string out;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
    out += static_cast<char>(*rc::gen::inRange(1, 256));
  }
  return out;
}

ObjectState drawn_state() {
  ObjectState out;
  out.type = static_cast<Type>(*rc::gen::inRange<unsigned>(0, type_count));
  out.owner = drawn_id();
  out.group = drawn_id();
  out.mode = *rc::gen::inRange<std::uint16_t>(0, 010000);
  out.acl = drawn_acl();
  if (*rc::gen::inRange(0, 2) == 0) out.default_acl = drawn_acl();
  if (*rc::gen::inRange(0, 2) == 0) out.capabilities = drawn_capabilities();
  out.attributes = AttributeSet::of_bits(*rc::gen::inRange(0U, 256U));
  if (*rc::gen::inRange(0, 2) == 0) out.target = drawn_target();
  return out;
}

TEST_CASE("a state that was written is read again, whatever it is") {
  check_property("states to text and back", 2000, 50000, [] {
    const ObjectState state = drawn_state();
    const std::string text = state_text(state);
    RC_ASSERT(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
    const auto again = parse_state(text);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == state);
  });
}

TEST_CASE("a text that was tampered with is refused, or says another state in the same way") {
  check_property("texts of states with a byte changed, added or lost", 3000, 100000, [] {
    static const std::string bytes = " =,:/-%019afruwx\xff\n";
    const ObjectState state = drawn_state();
    const std::string before = state_text(state);
    std::string text = before;
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, text.size());
    const char byte = bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())];
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      default:
        text.erase(at, 1);
    }
    const auto again = parse_state(text);
    if (!again) return;
    RC_ASSERT(state_text(*again) == text);
    RC_ASSERT((*again == state) == (text == before));
  });
}

}  // namespace
}  // namespace permward::test
