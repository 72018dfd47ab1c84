// SPDX-License-Identifier: Apache-2.0
#include "store/journal_block.hpp"

#include "store/state_text.hpp"

#include <algorithm>
#include <cstdint>

namespace permward {
namespace {

constexpr std::uint32_t greatest_nanoseconds = 999'999'999;

constexpr unsigned has_birth = 1;
constexpr unsigned same_device = 2;

constexpr unsigned had_effect = 1;
constexpr unsigned has_after = 2;
constexpr unsigned same_status = 4;

// Whether nothing in the path leads up, and it could not be shorter.
bool simplest(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.find('\0') != path.npos) return false;
  if (path.size() == 1) return true;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    if (name.empty() || name == "." || name == "..") return false;
    path.remove_prefix(name.size());
  }
  return true;
}

std::size_t room_of(const ObjectState& state) {
  return sizeof state + (state.acl.size() + state.default_acl.size()) * sizeof(AclEntry) +
         state.target.size();
}

std::size_t room_of(const Change& change) {
  return change.path.size() + room_of(change.before) + room_of(change.intended);
}

std::size_t room_of(const Outcome& outcome) {
  return outcome.status.size() + (outcome.after ? room_of(*outcome.after) : 0);
}

// --- To bytes
// -------------------------------------------------------------------------------------

class BlockWriter {
 public:
  explicit BlockWriter(std::string& out) : out_(out) { out_.clear(); }

  void byte(unsigned value) { out_ += static_cast<char>(value); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<unsigned>(value & 0x7f) | 0x80);
    byte(static_cast<unsigned>(value));
  }
  void difference(std::uint64_t value, std::uint64_t before) {
    const std::uint64_t raw = value - before;
    const bool negative = raw >> 63 != 0;
    number(negative ? ~(raw << 1) : raw << 1);
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  void path(std::string_view value, std::string_view before) {
    const std::size_t most = std::min(value.size(), before.size());
    const auto apart = std::mismatch(value.begin(), value.begin() + most, before.begin());
    const auto common = static_cast<std::size_t>(apart.first - value.begin());
    number(common);
    text(value.substr(common));
  }
  void time(const FileTime& value, const FileTime& before) {
    difference(static_cast<std::uint64_t>(value.seconds),
               static_cast<std::uint64_t>(before.seconds));
    number(value.nanoseconds);
  }
  void inode(const InodeKey& value, const InodeKey& before) {
    const bool there = value.device == before.device;
    byte((value.birth ? has_birth : 0) | (there ? same_device : 0));
    if (!there) number(value.device);
    difference(value.inode, before.inode);
    if (value.birth) time(*value.birth, before.birth.value_or(BirthTime{}));
  }
  void state(const ObjectState& value, const ObjectState& before) {
    if (value == before) return number(0);
    text_.clear();
    append_state_text(text_, value);
    text(text_);
  }

 private:
  std::string& out_;
  std::string text_;
};

// --- From bytes
// -----------------------------------------------------------------------------------

// After the first that could not be read all else is empty.
class BlockReader {
 public:
  explicit BlockReader(std::string_view block) : left_(block) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

  unsigned byte() { return static_cast<unsigned char>(bytes(1).front()); }
  unsigned flags(unsigned known) {
    const unsigned out = byte();
    return check((out & ~known) == 0) ? out : 0;
  }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const unsigned next = byte();
      out |= std::uint64_t{next & 0x7f} << shift;
      if ((next & 0x80) != 0) continue;
      const bool shortest = next != 0 || shift == 0;
      return check(shortest && (shift < 63 || next == 1)) ? out : 0;
    }
    check(false);
    return 0;
  }
  std::uint64_t difference_from(std::uint64_t before) {
    const std::uint64_t coded = number();
    return before + ((coded & 1) != 0 ? ~(coded >> 1) : coded >> 1);
  }
  std::string_view text() { return bytes(number()); }
  std::string path(std::string_view before) {
    const std::uint64_t common = number();
    if (!check(common <= before.size())) return {};
    std::string out(before.substr(0, common));
    out += text();
    check(simplest(out));
    return out;
  }
  FileTime time(const FileTime& before) {
    FileTime out;
    out.seconds =
        static_cast<std::int64_t>(difference_from(static_cast<std::uint64_t>(before.seconds)));
    const std::uint64_t nanoseconds = number();
    if (check(nanoseconds <= greatest_nanoseconds)) {
      out.nanoseconds = static_cast<std::uint32_t>(nanoseconds);
    }
    return out;
  }
  InodeKey inode(const InodeKey& before) {
    InodeKey out;
    const unsigned found = flags(has_birth | same_device);
    out.device = (found & same_device) != 0 ? before.device : number();
    out.inode = difference_from(before.inode);
    if ((found & has_birth) != 0) out.birth = time(before.birth.value_or(BirthTime{}));
    return out;
  }
  ObjectState state(const ObjectState& before) {
    const std::string_view found = text();
    if (found.empty()) return before;
    auto out = parse_state(found);
    if (!check(out.has_value())) return {};
    return std::move(*out);
  }
  bool check(bool fine) {
    good_ = good_ && fine;
    return good_;
  }

 private:
  // Never fewer than asked for, as long as it is one.
  std::string_view bytes(std::uint64_t count) {
    static constexpr std::string_view nothing("\0", 1);
    if (!check(count <= left_.size())) return nothing;
    const std::string_view out = left_.substr(0, count);
    left_.remove_prefix(count);
    return out;
  }

  std::string_view left_;
  bool good_ = true;
};

// --- Changes and outcomes
// -------------------------------------------------------------------------

const ObjectState& after_of(const Outcome& outcome) {
  static const ObjectState none;
  return outcome.after ? *outcome.after : none;
}

void write(BlockWriter& to, const Change& value, const Change& before) {
  to.byte(value.lifted.bits());
  to.path(value.path, before.path);
  to.inode(value.inode, before.inode);
  to.state(value.before, before.before);
  to.state(value.intended, before.intended);
}

void read(BlockReader& from, Change& out, const Change& before) {
  out.lifted = AttributeSet::of_bits(from.flags(attributes_in_status.bits()));
  out.path = from.path(before.path);
  out.inode = from.inode(before.inode);
  out.before = from.state(before.before);
  out.intended = from.state(before.intended);
}

void write(BlockWriter& to, const Outcome& value, const Outcome& before) {
  const bool told = value.status == before.status;
  to.byte((value.effect == Effect::some ? had_effect : 0) | (value.after ? has_after : 0) |
          (told ? same_status : 0));
  to.difference(value.sequence, before.sequence + 1);
  if (!told) to.text(value.status);
  to.inode(value.inode, before.inode);
  to.time(value.changed, before.changed);
  if (value.after) to.state(*value.after, after_of(before));
}

void read(BlockReader& from, Outcome& out, const Outcome& before) {
  const unsigned flags = from.flags(had_effect | has_after | same_status);
  out.effect = (flags & had_effect) != 0 ? Effect::some : Effect::none;
  out.sequence = from.difference_from(before.sequence + 1);
  from.check(out.sequence >= 1 && out.sequence <= greatest_sequence);
  out.status = (flags & same_status) != 0 ? before.status : from.text();
  out.inode = from.inode(before.inode);
  out.changed = from.time(before.changed);
  if ((flags & has_after) != 0) out.after = from.state(after_of(before));
}

template <class Member>
std::size_t write_members(std::string& block, std::span<const Member> members) {
  static const Member first{};
  BlockWriter to(block);
  const Member* before = &first;
  std::size_t count = 0;
  std::size_t room = 0;
  for (const Member& member : members.first(std::min(members.size(), most_in_block))) {
    write(to, member, *before);
    before = &member;
    ++count;
    room += room_of(member);
    if (room >= full_block) break;
  }
  return count;
}

template <class Member>
std::optional<std::vector<Member>> read_members(std::string_view block, std::size_t count) {
  static const Member first{};
  if (count < 1 || count > most_in_block) return std::nullopt;
  BlockReader from(block);
  std::vector<Member> out(count);
  const Member* before = &first;
  std::size_t room = 0;
  for (Member& member : out) {
    if (room >= full_block) return std::nullopt;
    read(from, member, *before);
    if (!from.good()) return std::nullopt;
    before = &member;
    room += room_of(member);
  }
  if (!from.at_end()) return std::nullopt;
  return out;
}

}  // namespace

std::size_t write_block(std::string& block, std::span<const Change> changes) {
  return write_members(block, changes);
}

std::size_t write_block(std::string& block, std::span<const Outcome> outcomes) {
  return write_members(block, outcomes);
}

std::optional<std::vector<Change>> read_changes(std::string_view block, std::size_t count) {
  return read_members<Change>(block, count);
}

std::optional<std::vector<Outcome>> read_outcomes(std::string_view block, std::size_t count) {
  return read_members<Outcome>(block, count);
}

}  // namespace permward
