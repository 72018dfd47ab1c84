// SPDX-License-Identifier: Apache-2.0
#include "policy/acl_reader.hpp"

#include "policy/acl_text.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace permward {
namespace {

constexpr unsigned x_bit = 1;

unsigned most_of(const AclWantEntry& entry) {
  return entry.permissions | (entry.x_if_any_x ? x_bit : 0U);
}

// One list of entries, and where they stand. Base entries only of a default ACL.
struct List {
  std::vector<AclWantEntry> base;
  std::vector<AclWantEntry> entries;
  std::optional<AclWantEntry> mask;
  std::vector<Pos> positions;  // of `entries`
  Pos mask_position;
  // Users and groups have different indices.
  std::unordered_map<std::uint32_t, std::size_t> by_account;

  // The rights that it leaves to an account, as a list of what is allowed at most.
  [[nodiscard]] unsigned left_to(std::uint32_t account) const {
    const auto it = by_account.find(account);
    const unsigned listed = it == by_account.end() ? 0 : most_of(entries[it->second]);
    return mask ? listed & most_of(*mask) : listed;
  }
};

class AclReader {
 public:
  AclReader(Reading& reading, AccountTable& accounts, AclKind kind)
      : reading_(reading), accounts_(accounts), kind_(kind) {}

  List list(const Entry& entry) {
    List out;
    for (const Text& text : reading_.texts(entry)) add(out, text);
    return out;
  }

  std::optional<AclWant> bounds(const Entry& entry) {
    static constexpr std::array<KeyRow<AclReader>, 2> rows = {
        {{"at_most", &AclReader::at_most}, {"at_least", &AclReader::at_least}}};
    const std::vector<Entry> entries = entry.value().entries();
    read_table(*this, reading_, rows, "'acl'", entries);
    if (entries.empty()) {
      reading_.fail(Code::missing_key, entry.value().pos(), "'acl' has no bound",
                    "write 'at_most', 'at_least' or both, or a list");
    }
    if (!at_most_ && !at_least_) return std::nullopt;
    if (at_most_ && at_least_) check_bounds();
    AclWant want;
    want.form = AclWant::Form::bounds;
    want.bounded_above = at_most_.has_value();
    want.bounded_below = at_least_.has_value();
    if (at_most_) want.at_most = at_most_->entries, want.mask_at_most = at_most_->mask;
    if (at_least_) want.at_least = at_least_->entries, want.mask_at_least = at_least_->mask;
    return want;
  }

 private:
  void at_most(const Entry& entry) { at_most_ = list(entry); }
  void at_least(const Entry& entry) { at_least_ = list(entry); }

  void add(List& list, const Text& text) {
    const auto parsed = parse_acl_entry(text.text, kind_);
    if (!parsed) return reading_.fail(parsed.error(), text);
    AclWantEntry entry;
    entry.tag = parsed->tag;
    entry.permissions = parsed->permissions;
    entry.x_if_any_x = parsed->x_if_any_x;
    if (entry.tag == AclTag::mask) {
      if (list.mask) return twice(text);
      list.mask = entry;
      list.mask_position = text.pos();
      return;
    }
    if (entry.tag != AclTag::user && entry.tag != AclTag::group) {
      const auto same = [&entry](const AclWantEntry& other) { return other.tag == entry.tag; };
      if (std::any_of(list.base.begin(), list.base.end(), same)) return twice(text);
      list.base.push_back(entry);
      return;
    }
    const AccountKind kind = entry.tag == AclTag::user ? AccountKind::user : AccountKind::group;
    entry.account = accounts_.add(kind, std::string(parsed->account), text.pos());
    if (!list.by_account.emplace(entry.account, list.entries.size()).second) return twice(text);
    list.entries.push_back(entry);
    list.positions.push_back(text.pos());
  }

  void twice(const Text& text) {
    reading_.fail(Code::acl_entry_twice, text.pos(),
                  "a second entry for that of " + quoted(text.text), "write one of them");
  }

  void check_bounds() {
    for (std::size_t i = 0; i < at_least_->entries.size(); ++i) {
      const AclWantEntry& entry = at_least_->entries[i];
      check_bound(most_of(entry), at_most_->left_to(entry.account), at_least_->positions[i]);
    }
    if (at_least_->mask && at_most_->mask) {
      check_bound(most_of(*at_least_->mask), most_of(*at_most_->mask), at_least_->mask_position);
    }
  }

  void check_bound(unsigned demanded, unsigned allowed, Pos pos) {
    if ((demanded & ~allowed) == 0) return;
    reading_.fail(Code::acl_bounds, pos,
                  "'at_least' demands " + permissions_text(demanded) + " where 'at_most' allows " +
                      permissions_text(allowed),
                  "allow in 'at_most' what 'at_least' demands, in the entry and in the mask");
  }

  Reading& reading_;
  AccountTable& accounts_;
  AclKind kind_;
  std::optional<List> at_most_;
  std::optional<List> at_least_;
};

}  // namespace

std::optional<AclWant> read_acl(Reading& reading, AccountTable& accounts, const Entry& entry) {
  AclReader reader(reading, accounts, AclKind::access);
  if (entry.value().is(Value::Kind::table)) return reader.bounds(entry);
  if (!entry.value().is(Value::Kind::array)) {
    reading.wrong_type(entry.value(), "acl", "an array of entries, or 'at_most' and 'at_least'");
    return std::nullopt;
  }
  List list = reader.list(entry);
  AclWant want;
  want.at_most = std::move(list.entries);
  want.mask_at_most = list.mask;
  return want;
}

std::optional<DefaultAclWant> read_default_acl(Reading& reading, AccountTable& accounts,
                                               const Entry& entry) {
  if (!entry.value().is(Value::Kind::array)) {
    reading.wrong_type(entry.value(), "default_acl", "an array of entries");
    return std::nullopt;
  }
  List list = AclReader(reading, accounts, AclKind::default_acl).list(entry);
  // Of a directory `X` is x.
  const auto rights = [](const AclWantEntry& one) {
    return static_cast<std::uint8_t>(most_of(one));
  };
  DefaultAclWant want;
  want.named = std::move(list.entries);
  for (AclWantEntry& one : want.named) one.permissions = rights(one), one.x_if_any_x = false;
  if (list.mask) want.mask = rights(*list.mask);
  for (const AclWantEntry& one : list.base) {
    (one.tag == AclTag::user_obj    ? want.user_obj
     : one.tag == AclTag::group_obj ? want.group_obj
                                    : want.other) = rights(one);
  }
  return want;
}

bool mask_comes_out_empty(const DefaultAclWant& acl) {
  if (acl.mask) return *acl.mask == 0;
  if (acl.named.empty() || !acl.group_obj) return false;
  unsigned mask = *acl.group_obj;
  for (const AclWantEntry& entry : acl.named) mask |= entry.permissions;
  return mask == 0;
}

bool mask_comes_out_empty(const AclWant& acl, unsigned group_bits) {
  if (acl.form != AclWant::Form::exact) return false;
  if (acl.mask_at_most) return most_of(*acl.mask_at_most) == 0;
  if (acl.at_most.empty()) return false;
  for (const AclWantEntry& entry : acl.at_most) group_bits |= most_of(entry);
  return group_bits == 0;
}

}  // namespace permward
