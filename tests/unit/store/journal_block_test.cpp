// SPDX-License-Identifier: Apache-2.0
#include "store/journal_block.hpp"

#include "support/catch.hpp"
#include "support/journals.hpp"

#include <limits>
#include <random>

using namespace permward;
using namespace permward::test;

namespace {

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

template <class Member>
std::string block_of(const std::vector<Member>& members) {
  std::string out = "what was there";
  REQUIRE(write_block(out, std::span(members)) == members.size());
  return out;
}

// Of few values, so that neighbours often have some in common, and of the greatest and least.
class Drawn {
 public:
  explicit Drawn(unsigned seed) : random_(seed) {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  InodeKey inode() {
    static constexpr std::uint64_t numbers[] = {0, 1, 66, 1000, 1001, greatest / 2, greatest};
    static constexpr std::int64_t seconds[] = {0, -1, 1700000000,
                                               std::numeric_limits<std::int64_t>::min(),
                                               std::numeric_limits<std::int64_t>::max()};
    InodeKey out{numbers[below(7)], numbers[below(7)], std::nullopt};
    if (below(3) != 0) out.birth = {seconds[below(5)], below(2) == 0 ? 0U : 999'999'999U};
    return out;
  }
  ObjectState state() {
    ObjectState out;
    out.type = below(4) == 0 ? Type::absent : Type::file;
    out.owner = below(3) == 0 ? 4294967294 : 0;
    out.mode = static_cast<std::uint16_t>(below(3) * 0640);
    if (below(4) == 0) {
      out.acl = {{AclTag::user_obj, 6, 0},
                 {AclTag::user, 4, 7001},
                 {AclTag::group_obj, 6, 0},
                 {AclTag::mask, 6, 0},
                 {AclTag::other, 0, 0}};
    }
    if (below(6) == 0) out.capabilities = FileCapabilities{0x2400, 0, true, 0};
    if (below(6) == 0) out.target = std::string("../a \xff", 6);
    return out;
  }
  Change change() {
    static const std::string paths[] = {
        "/", "/srv", "/srv/a", "/srv/a/\xff\n", "/etc/passwd", "/" + std::string(5000, 'x')};
    Change out;
    out.path = paths[below(6)];
    out.inode = inode();
    out.before = state();
    out.intended = below(2) == 0 ? out.before : state();
    out.lifted = AttributeSet::of_bits(below(4) == 0 ? below(4) : 0);
    return out;
  }
  Outcome outcome() {
    static const std::string statuses[] = {"corrected", "failed", "left lifted", ""};
    Outcome out;
    out.sequence = below(8) == 0 ? 4294967295 : 1 + below(5);
    out.status = statuses[below(4)];
    out.effect = below(2) == 0 ? Effect::none : Effect::some;
    if (below(3) != 0) out.after = state();
    out.inode = inode();
    out.changed = {below(2) == 0 ? -5 : 1700000000, below(1'000'000'000)};
    return out;
  }

 private:
  std::minstd_rand random_;
};

}  // namespace

TEST_CASE("what neighbours have in common is in a block once") {
  Change one = change_of(1);
  one.path = "/srv/www/a";
  Change two = one;
  two.path = "/srv/www/bc";
  two.inode.inode += 3;
  const std::string alone = block_of<Change>({one});
  // Nothing lifted, 9 bytes of the path as before and 2 others, the device as before and a birth
  // time, the inode by 3 (6, as negative ones are odd), the birth time by no second and at the same
  // nanosecond, both states as before.
  const std::string second(
      "\x00\x09\x02"
      "bc"
      "\x03\x06\x00\x01\x00\x00",
      11);
  REQUIRE(block_of<Change>({one, two}) == alone + second);
}

TEST_CASE("changes and outcomes of every kind are read as they were written") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Drawn drawn(seed);
    std::vector<Change> changes(1 + drawn.below(20));
    for (Change& change : changes) change = drawn.change();
    REQUIRE(read_changes(block_of(changes), changes.size()) == changes);
    std::vector<Outcome> outcomes(1 + drawn.below(20));
    for (Outcome& outcome : outcomes) outcome = drawn.outcome();
    REQUIRE(read_outcomes(block_of(outcomes), outcomes.size()) == outcomes);
  }
}

TEST_CASE("a block that is cut, or has more or fewer members than said, is none") {
  Drawn drawn(1);
  std::vector<Change> changes(5);
  for (Change& change : changes) change = drawn.change();
  std::vector<Outcome> outcomes(5);
  for (Outcome& outcome : outcomes) outcome = drawn.outcome();
  const std::string of_changes = block_of(changes);
  const std::string of_outcomes = block_of(outcomes);
  for (std::size_t size = 0; size < of_changes.size(); ++size) {
    REQUIRE_FALSE(read_changes(std::string_view(of_changes).substr(0, size), 5));
  }
  for (std::size_t size = 0; size < of_outcomes.size(); ++size) {
    REQUIRE_FALSE(read_outcomes(std::string_view(of_outcomes).substr(0, size), 5));
  }
  for (const std::size_t count : {std::size_t{0}, std::size_t{4}, std::size_t{6}, most_in_block + 1,
                                  std::numeric_limits<std::size_t>::max()}) {
    REQUIRE_FALSE(read_changes(of_changes, count));
    REQUIRE_FALSE(read_outcomes(of_outcomes, count));
  }
}

TEST_CASE("what nobody could have written in a block is refused") {
  const auto first = [](std::string_view block) { return read_changes(block, 1).has_value(); };
  using namespace std::string_view_literals;
  // lifted; path: common, length, bytes; inode: flags, inode; two states
  REQUIRE(first("\x00\x00\x01/\x02\x01\x00\x00"sv));
  const std::string_view broken[] = {
      "\x00\x01\x01/\x02\x01\x00\x00"sv,      // more in common than there is
      "\x00\x00\x01x\x02\x01\x00\x00"sv,      // not absolute
      "\x00\x00\x00\x02\x01\x00\x00"sv,       // no path
      "\x00\x00\x02/\x00\x02\x01\x00\x00"sv,  // a NUL in it
      "\x00\x00\x02//\x02\x01\x00\x00"sv,     // no name after a slash
      "\x00\x00\x03/..\x02\x01\x00\x00"sv,    // a way up
      "\x00\x00\x05/a/./\x02\x01\x00\x00"sv,  // not the simplest form
      "\x04\x00\x01/\x02\x01\x00\x00"sv,      // an attribute that is not lifted
      "\x00\x00\x01/\x04\x01\x01\x00\x00"sv,  // an unknown flag
      "\x00\x00\x01/\x02\x81\x00\x00\x00"sv,  // a number in more bytes than it needs
      "\x00\x00\x01/\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00\x00"sv,  // beyond 2^64
      "\x00\x00\x01/\x03\x01\x00\x80\x94\xeb\xdc\x03\x00\x00"sv,              // 10^9 nanoseconds
      "\x00\x00\x01/\x02\x01\x01x\x00"sv,     // a state that is none
      "\x00\x00\x01/\x02\x01\x00\x00\x00"sv,  // bytes left
  };
  for (const std::string_view block : broken) {
    CAPTURE(block);
    REQUIRE_FALSE(first(block));
  }
  // flags, sequence - 1, status, inode: flags, inode, time
  REQUIRE(read_outcomes("\x00\x00\x00\x02\x01\x00\x00"sv, 1));
  REQUIRE_FALSE(read_outcomes("\x08\x00\x00\x02\x01\x00\x00"sv, 1));
  REQUIRE_FALSE(read_outcomes("\x00\x01\x00\x02\x01\x00\x00"sv, 1));  // sequence 0
}

TEST_CASE("a block takes so many members, or bytes, and then the next one begins") {
  const std::vector<Change> many = changes_of(static_cast<unsigned>(most_in_block) + 5);
  std::string block;
  REQUIRE(write_block(block, std::span(many)) == most_in_block);
  REQUIRE(read_changes(block, most_in_block));

  // However small they are in it: what neighbours have in common takes room all the same.
  std::vector<Change> large = changes_of(1000);
  for (Change& change : large) change.path = "/" + std::string(5000, 'x');
  const std::size_t taken = write_block(block, std::span(large));
  REQUIRE(taken < 200);
  REQUIRE(block.size() < 10'000);
  large.resize(taken);
  REQUIRE(read_changes(block, taken) == large);
}

TEST_CASE("a path of any length is read again") {
  std::vector<Change> changes = changes_of(2);
  for (int i = 0; i < 5000; ++i) changes[0].path += "/" + std::string(255, 'x');
  std::string block;
  REQUIRE(write_block(block, std::span(changes)) == 1);
  changes.resize(1);
  REQUIRE(read_changes(block, 1) == changes);
}
