// SPDX-License-Identifier: Apache-2.0
#include "policy/demand_reader.hpp"

#include "policy/account_text.hpp"
#include "policy/acl_reader.hpp"
#include "policy/attributes_reader.hpp"
#include "policy/capability_text.hpp"
#include "policy/mode_reader.hpp"
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

// `content`: `"pinned"`, or `{ sha256 = … }`.
class ContentReader {
 public:
  explicit ContentReader(Reading& reading) : reading_(reading) {}

  std::optional<ContentWant> read(const Entry& entry) {
    static constexpr std::array<std::string_view, 1> words = {"pinned"};
    if (entry.value().is(Value::Kind::string)) {
      if (!reading_.word(entry, words)) return std::nullopt;
      want_.pinned = true;
      return std::move(want_);
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

// What a snapshot pins of a symlink is its target; only files have a digest.
void add_content(std::vector<Clause>& clauses, const Entry& entry,
                 std::optional<ContentWant> want) {
  if (!want) return;
  const TypeSet types = want->pinned ? row(Aspect::content).types : TypeSet(Type::file);
  clauses.push_back({Aspect::content, types, std::move(*want), entry.pos()});
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
      return add(clauses, aspect, entry, read_attributes(reading, entry));
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
