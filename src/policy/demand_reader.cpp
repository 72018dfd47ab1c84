// SPDX-License-Identifier: Apache-2.0
#include "policy/demand_reader.hpp"

#include "policy/account_text.hpp"
#include "policy/acl_reader.hpp"
#include "policy/capability_text.hpp"
#include "policy/mode_text.hpp"
#include "policy/pattern_text.hpp"
#include "policy/words.hpp"

#include <array>
#include <unordered_set>
#include <utility>

namespace permward {
namespace {

// `owner` and `group`: one account, a list, or `{ known = true }`.
class IdReader {
 public:
  IdReader(Reading& reading, AccountTable& accounts, AccountKind kind)
      : reading_(reading), accounts_(accounts), kind_(kind) {}

  std::optional<IdWant> read(const Entry& entry) {
    const bool table = entry.value().is(Value::Kind::table);
    if (table ? !read_known(entry) : !read_accounts(entry)) return std::nullopt;
    return std::move(want_);
  }

 private:
  bool read_accounts(const Entry& entry) {
    const Value value = entry.value();
    const bool list = value.is(Value::Kind::array);
    if (reading_.refuse_empty(entry)) return false;
    std::unordered_set<std::uint32_t> listed;
    for (const Value item : list ? value.items() : std::vector<Value>{value}) {
      const auto account = read_account(reading_, accounts_, kind_, item, entry.key());
      if (account && listed.insert(*account).second) want_.accounts.push_back(*account);
    }
    return !want_.accounts.empty();
  }

  bool read_known(const Entry& entry) {
    static constexpr std::array<KeyRow<IdReader>, 1> rows = {{{"known", &IdReader::known}}};
    const std::vector<Entry> entries = entry.value().entries();
    read_table(*this, reading_, rows, quoted(entry.key()), entries);
    if (entries.empty()) {
      reading_.fail(Code::missing_key, entry.value().pos(), quoted(entry.key()) + " is empty",
                    "write { known = true }, or name accounts");
    }
    return want_.known;
  }

  void known(const Entry& entry) {
    const auto known = reading_.boolean(entry);
    if (!known) return;
    want_.known = *known;
    if (!*known) {
      reading_.fail(Code::bad_value, entry.value().pos(), "'known' cannot be false",
                    "leave out the key: a rule says nothing about what it does not mention");
    }
  }

  Reading& reading_;
  AccountTable& accounts_;
  AccountKind kind_;
  IdWant want_;
};

// The mode that was meant by a number without quotes.
std::string quoted_mode(const Value& value) {
  std::string_view digits = value.spelling();
  if (digits.starts_with("0o")) digits.remove_prefix(2);
  const bool octal = digits.size() >= 3 && digits.size() <= 4 && parse_octal_mode(digits);
  return octal ? '"' + std::string(digits.size() == 3 ? "0" : "") + std::string(digits) + '"'
               : std::string("\"0640\"");
}

bool is_string_of_mode(Reading& reading, const Entry& entry) {
  if (!entry.value().is(Value::Kind::integer)) {
    return reading.expect(entry.value(), Value::Kind::string, entry.key());
  }
  reading.fail(
      Code::wrong_type, entry.value().pos(),
      quoted(entry.key()) + " is a number, which could be read as octal or as decimal",
      "write it in quotes: " + std::string(entry.key()) + " = " + quoted_mode(entry.value()));
  return false;
}

class ModeReader {
 public:
  explicit ModeReader(Reading& reading) : reading_(reading) {}

  std::optional<ModeWant> bounds(const Entry& entry) {
    static constexpr std::array<KeyRow<ModeReader>, 2> rows = {
        {{"at_most", &ModeReader::at_most}, {"at_least", &ModeReader::at_least}}};
    const std::vector<Entry> entries = entry.value().entries();
    read_table(*this, reading_, rows, "'mode'", entries);
    if (entries.empty()) {
      reading_.fail(Code::missing_key, entry.value().pos(), "'mode' has no bound",
                    "write 'at_most', 'at_least' or both, or a mode as a string");
    }
    if (!at_most_ && !at_least_) return std::nullopt;
    const auto excess = at_least_.value_or(0) & ~at_most_.value_or(all_mode_bits);
    if (excess != 0) {
      reading_.fail(Code::mode_bounds, entry.value().pos(),
                    "'at_least' demands " + mode_text(static_cast<unsigned>(excess)) +
                        ", which 'at_most' bars",
                    "allow in 'at_most' what 'at_least' demands");
      return std::nullopt;
    }
    return ModeWant::bounds(at_most_.value_or(0), at_most_.has_value(), at_least_.value_or(0),
                            at_least_.has_value());
  }

 private:
  void at_most(const Entry& entry) { at_most_ = octal(entry); }
  void at_least(const Entry& entry) { at_least_ = octal(entry); }

  std::optional<std::uint16_t> octal(const Entry& entry) {
    if (!is_string_of_mode(reading_, entry)) return std::nullopt;
    const auto text = reading_.text(entry);
    if (!text) return std::nullopt;
    const auto mode = parse_octal_mode(text->text);
    if (mode) return *mode;
    reading_.fail(mode.error(), *text);
    return std::nullopt;
  }

  Reading& reading_;
  std::optional<std::uint16_t> at_most_;
  std::optional<std::uint16_t> at_least_;
};

std::optional<ModeWant> read_mode(Reading& reading, const Entry& entry) {
  if (entry.value().is(Value::Kind::table)) return ModeReader(reading).bounds(entry);
  if (!is_string_of_mode(reading, entry)) return std::nullopt;
  const auto text = reading.text(entry);
  if (!text) return std::nullopt;
  auto mode = parse_mode(text->text);
  if (mode) return std::move(*mode);
  reading.fail(mode.error(), *text);
  return std::nullopt;
}

// `attributes`: an array, chattr(1)'s letters, or what is to be set and what is not to be.
class AttributesReader {
 public:
  explicit AttributesReader(Reading& reading) : reading_(reading) {}

  std::optional<AttributesWant> read(const Entry& entry) {
    if (!entry.value().is(Value::Kind::table)) {
      set(entry);
    } else {
      static constexpr std::array<KeyRow<AttributesReader>, 2> rows = {
          {{"set", &AttributesReader::set}, {"clear", &AttributesReader::clear}}};
      const std::vector<Entry> entries = entry.value().entries();
      for (const Entry& one : entries)
        failed_ = failed_ || (one.key() != "set" && one.key() != "clear");
      read_table(*this, reading_, rows, "'attributes'", entries);
    }
    if (failed_) return std::nullopt;
    const AttributeSet both = want_.set & want_.clear;
    if (!both.empty()) {
      reading_.fail(Code::bad_value, entry.value().pos(),
                    "'set' and 'clear' both name " + attributes_text(both),
                    "write it in one of them");
      return std::nullopt;
    }
    if ((want_.set | want_.clear).empty()) {
      reading_.fail(Code::bad_value, entry.value().pos(), "'attributes' names none",
                    "what must not be set stands in 'clear': { clear = [\"immutable\"] }");
      return std::nullopt;
    }
    return want_;
  }

 private:
  void set(const Entry& entry) { want_.set = attributes(entry); }
  void clear(const Entry& entry) { want_.clear = attributes(entry); }

  AttributeSet attributes(const Entry& entry) {
    AttributeSet out;
    const Value value = entry.value();
    const bool list = value.is(Value::Kind::array);
    for (const Value& item : list ? value.items() : std::vector<Value>{value}) {
      const auto text = reading_.text(item, entry.key());
      const auto read = text ? one_or_letters(*text, entry.key(), list) : std::nullopt;
      failed_ = failed_ || !read;
      if (read) out = out | *read;
    }
    return out;
  }

  std::optional<AttributeSet> one_or_letters(const Text& text, std::string_view key, bool in_list) {
    if (!in_list || text.text.size() == 1) return letters(text);
    const auto word = reading_.word(text, key, attribute_names);
    if (!word) return std::nullopt;
    return AttributeSet(static_cast<Attribute>(*word));
  }

  std::optional<AttributeSet> letters(const Text& text) {
    AttributeSet out;
    for (std::size_t i = 0; i < text.text.size(); ++i) {
      const std::size_t letter = attribute_letters.find(text.text[i]);
      if (letter == attribute_letters.npos) {
        reading_.fail(Code::bad_value, text.pos(i),
                      quoted(text.text) + " is not made of letters of chattr(1)",
                      "write names in an array, as in [\"immutable\"], or letters among '" +
                          std::string(attribute_letters) + "'");
        return std::nullopt;
      }
      out = out | static_cast<Attribute>(letter);
    }
    return out;
  }

  Reading& reading_;
  AttributesWant want_;
  bool failed_ = false;
};

std::optional<CapabilitiesWant> read_capabilities(Reading& reading, const Entry& entry) {
  const auto text = reading.text(entry);
  if (!text) return std::nullopt;
  const auto want = parse_capabilities_text(text->text);
  if (want) return *want;
  reading.fail(want.error(), *text);
  return std::nullopt;
}

std::optional<LinksWant> read_max_links(Reading& reading, const Entry& entry) {
  if (!reading.expect(entry.value(), Value::Kind::integer, entry.key())) return std::nullopt;
  const std::int64_t most = entry.value().integer();
  if (most >= 1) return LinksWant{static_cast<std::uint64_t>(most)};
  reading.fail(Code::bad_value, entry.value().pos(), "'max_links' is less than 1",
               "what is there has at least one link; 'presence = \"forbidden\"' allows none");
  return std::nullopt;
}

std::optional<TargetWant> read_target(Reading& reading, const Entry& entry) {
  TargetWant want;
  for (Text& text : reading.one_or_more(entry)) {
    if (text.text.empty()) {
      reading.fail(Code::bad_value, text.pos(), "the target of a symlink cannot be empty",
                   "write what readlink(1) shows");
      continue;
    }
    want.texts.push_back(std::move(text.text));
  }
  if (want.texts.empty()) return std::nullopt;
  return want;
}

std::optional<EntriesWant> read_entries(Reading& reading, const Entry& entry) {
  if (!entry.value().is(Value::Kind::array)) {
    reading.wrong_type(entry.value(), entry.key(), "an array of globs on names");
    return std::nullopt;
  }
  EntriesWant want;
  bool failed = false;
  for (const Text& text : reading.texts(entry, TextUse::pattern)) {
    auto glob = parse_name_glob(text.text);
    if (!glob) {
      reading.fail(glob.error(), text);
    } else if (reading.takes(size_of({*glob}), text)) {
      want.names.push_back(std::move(*glob));
      continue;
    }
    failed = true;
  }
  if (failed) return std::nullopt;
  return want;
}

// `content`: `{ sha256 = … }`. What a snapshot has accepted is of a later version.
class ContentReader {
 public:
  explicit ContentReader(Reading& reading) : reading_(reading) {}

  std::optional<ContentWant> read(const Entry& entry) {
    static constexpr std::array<std::string_view, 1> words = {"pinned"};
    if (entry.value().is(Value::Kind::string)) {
      if (reading_.word(entry, words)) {
        reading_.not_in_this_version(entry.value().pos(), "content = \"pinned\"");
      }
      return std::nullopt;
    }
    if (!entry.value().is(Value::Kind::table)) {
      reading_.wrong_type(entry.value(), entry.key(), "\"pinned\" or { sha256 = … }");
      return std::nullopt;
    }
    static constexpr std::array<KeyRow<ContentReader>, 1> rows = {
        {{"sha256", &ContentReader::sha256}}};
    const std::vector<Entry> entries = entry.value().entries();
    read_table(*this, reading_, rows, "'content'", entries);
    if (entries.empty()) {
      reading_.fail(Code::missing_key, entry.value().pos(), "'content' is empty",
                    "write { sha256 = \"…\" }, as sha256sum(1) prints it");
    }
    if (failed_ || want_.sha256.empty()) return std::nullopt;
    return std::move(want_);
  }

 private:
  void sha256(const Entry& entry) {
    for (const Text& text : reading_.one_or_more(entry)) {
      if (const auto digest = digest_of_hex(text.text)) {
        want_.sha256.push_back(*digest);
        continue;
      }
      failed_ = true;
      reading_.fail(Code::bad_value, text.pos(), quoted(text.text) + " is no SHA-256",
                    "write the 64 hexadecimal digits that sha256sum(1) prints");
    }
  }

  Reading& reading_;
  ContentWant want_;
  bool failed_ = false;
};

template <class AspectWant>
void add(std::vector<Clause>& clauses, const AspectRow& aspect, const Entry& entry,
         std::optional<AspectWant> want) {
  if (!want) return;
  clauses.push_back({aspect.aspect, aspect.types, std::move(*want), entry.pos()});
}

// What a snapshot would pin of a symlink is its target; only files have a digest.
void add_content(std::vector<Clause>& clauses, const Entry& entry,
                 std::optional<ContentWant> want) {
  if (!want) return;
  clauses.push_back({Aspect::content, Type::file, std::move(*want), entry.pos()});
}

}  // namespace

const AspectRow* demand_of_key(std::string_view key) {
  for (const AspectRow& row : aspects) {
    const bool demand = row.aspect != Aspect::presence && row.aspect != Aspect::type;
    if (demand && !row.key.empty() && row.key == key) return &row;
  }
  return nullptr;
}

std::vector<std::string_view> demand_keys() {
  std::vector<std::string_view> keys;
  for (const AspectRow& row : aspects) {
    if (demand_of_key(row.key) != nullptr) keys.push_back(row.key);
  }
  return keys;
}

std::optional<std::uint32_t> read_account(Reading& reading, AccountTable& accounts,
                                          AccountKind kind, Value value, std::string_view key) {
  if (value.is(Value::Kind::integer)) {
    const auto text = account_of_number(kind, value.integer());
    if (text) return accounts.add(kind, *text, value.pos());
    reading.fail(text.error().code, value.pos(), text.error().message, text.error().help);
    return std::nullopt;
  }
  if (!value.is(Value::Kind::string)) {
    reading.wrong_type(value, key, "a name or an id");
    return std::nullopt;
  }
  const auto text = reading.text(value, key);
  if (!text) return std::nullopt;
  if (const auto mistake = account_mistake(kind, text->text)) {
    reading.fail(*mistake, *text);
    return std::nullopt;
  }
  return accounts.add(kind, text->text, text->pos());
}

void read_demand(Reading& reading, AccountTable& accounts, const AspectRow& aspect,
                 const Entry& entry, std::vector<Clause>& clauses) {
  switch (aspect.aspect) {
    case Aspect::owner:
      return add(clauses, aspect, entry,
                 IdReader(reading, accounts, AccountKind::user).read(entry));
    case Aspect::group:
      return add(clauses, aspect, entry,
                 IdReader(reading, accounts, AccountKind::group).read(entry));
    case Aspect::mode:
      return add(clauses, aspect, entry, read_mode(reading, entry));
    case Aspect::acl:
      return add(clauses, aspect, entry, read_acl(reading, accounts, entry));
    case Aspect::default_acl:
      return add(clauses, aspect, entry, read_default_acl(reading, accounts, entry));
    case Aspect::attributes:
      return add(clauses, aspect, entry, AttributesReader(reading).read(entry));
    case Aspect::capabilities:
      return add(clauses, aspect, entry, read_capabilities(reading, entry));
    case Aspect::links:
      return add(clauses, aspect, entry, read_max_links(reading, entry));
    case Aspect::entries:
      return add(clauses, aspect, entry, read_entries(reading, entry));
    case Aspect::target:
      return add(clauses, aspect, entry, read_target(reading, entry));
    case Aspect::content:
      return add_content(clauses, entry, ContentReader(reading).read(entry));
    default:
      return reading.not_in_this_version(entry.pos(), entry.key());
  }
}

void read_demands_of_type(Reading& reading, AccountTable& accounts, const Entry& entry, Type type,
                          std::vector<Clause>& clauses) {
  if (!reading.expect(entry.value(), Value::Kind::table, entry.key())) return;
  for (const Entry& demand : entry.value().entries()) {
    const AspectRow* aspect = demand_of_key(demand.key());
    if (aspect != nullptr && !aspect->types.has(type)) {
      reading.fail(Code::type_cannot_have, demand.pos(),
                   "no " + std::string(name(type)) + " can have " + quoted(demand.key()),
                   "state it in the rule itself");
    } else if (aspect != nullptr) {
      read_demand(reading, accounts, *aspect, demand, clauses);
    } else {
      reading.unknown_key(demand, quoted(entry.key()), demand_keys);
    }
  }
}

std::vector<Clause> read_alternatives(Reading& reading, AccountTable& accounts,
                                      const Entry& entry) {
  if (!entry.value().is(Value::Kind::array)) {
    reading.wrong_type(entry.value(), entry.key(), "an array of tables");
    return {};
  }
  if (reading.refuse_empty(entry)) return {};
  std::vector<Clause> out;
  std::uint32_t alternative = 0;
  for (const Value item : entry.value().items()) {
    ++alternative;
    if (!reading.expect(item, Value::Kind::table, entry.key())) continue;
    const std::vector<Entry> demands = item.entries();
    if (demands.empty()) {
      reading.fail(Code::missing_key, item.pos(), "an alternative that demands nothing",
                   "name an aspect, as in { owner = \"root\" }: what demands nothing always holds");
    }
    const std::size_t before = out.size();
    for (const Entry& demand : demands) {
      if (const AspectRow* aspect = demand_of_key(demand.key())) {
        read_demand(reading, accounts, *aspect, demand, out);
      } else {
        reading.unknown_key(demand, quoted(entry.key()), demand_keys);
      }
    }
    for (std::size_t i = before; i < out.size(); ++i) out[i].alternative = alternative;
  }
  return out;
}

}  // namespace permward
