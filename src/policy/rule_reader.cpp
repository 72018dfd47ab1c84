// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_reader.hpp"

#include "policy/account_text.hpp"
#include "policy/pattern_text.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t present_types =
    type_count - 1;  // `absent` is the last, and no value of `type`

constexpr std::array<std::string_view, 3> presence_words = {"required", "optional", "forbidden"};
constexpr std::array<std::string_view, 2> ancestors_words = {"report", "ignore"};
// `report`, which is what this version does, is always the first.
constexpr std::array<std::string_view, 2> on_changed_words = {"report", "restore"};
constexpr std::array<std::string_view, 3> on_missing_words = {"report", "restore", "create"};
constexpr std::array<std::string_view, 2> on_forbidden_words = {"report", "remove"};

std::string_view text_or_nothing(const std::optional<Text>& text) {
  return text ? std::string_view(text->text) : std::string_view();
}

}  // namespace

struct RuleReader::Keys {
  static constexpr std::array<KeyRow<RuleReader>, 28> rows = {{
      {"id", &RuleReader::id},
      {"title", &RuleReader::title},
      {"severity", &RuleReader::severity},
      {"rationale", &RuleReader::rationale},
      {"remediation", &RuleReader::remediation},
      {"references", &RuleReader::references},
      {"tags", &RuleReader::tags},
      {"path", &RuleReader::path},
      {"paths", &RuleReader::paths},
      {"follow", &RuleReader::follow},
      {"recurse", &RuleReader::recurse},
      {"exclude", &RuleReader::exclude},
      {"cross_filesystems", &RuleReader::cross_filesystems},
      {"type", &RuleReader::type},
      {"presence", &RuleReader::presence},
      {"when", &RuleReader::when},
      {"users", &RuleReader::users},
      {"any_of", &RuleReader::any_of},
      {"files", &RuleReader::files},
      {"directories", &RuleReader::directories},
      {"ancestors", &RuleReader::ancestors},
      {"enforce", &RuleReader::enforce},
      {"trust", &RuleReader::trust_of_rule},
      {"on_changed", &RuleReader::on_changed},
      {"on_missing", &RuleReader::on_missing},
      {"on_forbidden", &RuleReader::on_forbidden},
      {"sensitive", &RuleReader::sensitive},
      {"verify", &RuleReader::verify},
  }};
};

std::vector<std::string_view> RuleReader::rule_keys() {
  std::vector<std::string_view> keys = keys_of(Keys::rows);
  const std::vector<std::string_view> demands = demand_keys();
  keys.insert(keys.end(), demands.begin(), demands.end());
  return keys;
}

bool RuleReader::knows(std::string_view key) {
  return demand_of_key(key) != nullptr ||
         std::any_of(Keys::rows.begin(), Keys::rows.end(),
                     [key](const auto& row) { return row.key == key; });
}

RuleDraft RuleReader::read(std::span<const Entry> entries, std::string_view table) {
  return read(entries, some_user(), table);
}

RuleDraft RuleReader::read(std::span<const Entry> entries, const ListedUser& user,
                           std::string_view table) {
  draft_ = {};
  reading_.set_user(&user);
  for (const Entry& entry : entries) {
    if (const AspectRow* aspect = demand_of_key(entry.key())) {
      demand(entry);
      read_demand(reading_, accounts_, *aspect, entry, draft_.own);
    } else if (!read_entry(*this, reading_, Keys::rows, entry)) {
      reading_.unknown_key(entry, table, rule_keys);
    }
  }
  reading_.set_user(nullptr);
  return std::exchange(draft_, {});
}

// What it is about.

void RuleReader::add_path(const Text& text) {
  if (!reading_.takes_more()) return;
  auto pattern = parse_pattern(text.text);
  if (!pattern) return reading_.fail(pattern.error(), text);
  if (!reading_.takes(size_of(pattern->tail), text)) return;
  draft_.rule.paths.push_back({std::move(*pattern), text.pos()});
}

void RuleReader::path(const Entry& entry) {
  draft_.path_key = entry.pos();
  if (const auto text = reading_.text(entry, TextUse::pattern)) add_path(*text);
}

void RuleReader::paths(const Entry& entry) {
  draft_.paths_key = entry.pos();
  if (!entry.value().is(Value::Kind::array)) {
    return reading_.wrong_type(entry.value(), "paths", "an array of strings");
  }
  for (const Text& text : reading_.one_or_more(entry, TextUse::pattern)) add_path(text);
}

void RuleReader::follow(const Entry& entry) {
  draft_.rule.follow = reading_.boolean(entry).value_or(false);
}

void RuleReader::recurse(const Entry& entry) {
  const Value value = entry.value();
  if (value.is(Value::Kind::boolean)) {
    draft_.rule.recurse = value.boolean() ? unlimited_depth : not_recursive;
    return;
  }
  if (!value.is(Value::Kind::integer)) {
    return reading_.wrong_type(value, "recurse", "true, false or a depth");
  }
  if (value.integer() < 1 || value.integer() >= std::int64_t{unlimited_depth}) {
    return reading_.fail(Code::bad_value, value.pos(),
                         "'recurse' cannot be " + std::to_string(value.integer()),
                         "1 is the path and what lies directly in it; true is everything below");
  }
  draft_.rule.recurse = static_cast<std::uint32_t>(value.integer());
}

void RuleReader::exclude(const Entry& entry) {
  draft_.exclude_key = entry.pos();
  for (const Text& text : reading_.texts(entry, TextUse::pattern)) {
    if (!reading_.takes_more()) return;
    auto exclude = parse_exclude(text.text);
    if (!exclude) {
      reading_.fail(exclude.error(), text);
    } else if (reading_.takes(size_of(exclude->tail), text)) {
      draft_.rule.excludes.push_back(std::move(*exclude));
    }
  }
}

void RuleReader::cross_filesystems(const Entry& entry) {
  draft_.cross_filesystems_key = entry.pos();
  static constexpr std::array<std::string_view, 1> words = {"local"};
  if (entry.value().is(Value::Kind::boolean)) {
    draft_.rule.cross_filesystems =
        entry.value().boolean() ? CrossFilesystems::yes : CrossFilesystems::no;
  } else if (!entry.value().is(Value::Kind::string)) {
    reading_.wrong_type(entry.value(), entry.key(), "true, false or \"local\"");
  } else if (reading_.word(entry, words)) {
    draft_.rule.cross_filesystems = CrossFilesystems::local;
  }
}

void RuleReader::type(const Entry& entry) {
  const std::span words = std::span(type_names).first<present_types>();
  Stated<TypeSet> types{{}, entry.pos()};
  for (const Text& text : reading_.one_or_more(entry)) {
    if (const auto index = reading_.word(text, entry.key(), words)) {
      types.value = types.value | static_cast<Type>(*index);
    }
  }
  if (!types.value.empty()) draft_.type = types;
}

void RuleReader::presence(const Entry& entry) {
  if (const auto index = reading_.word(entry, presence_words)) {
    draft_.presence = {static_cast<Presence>(*index), entry.pos()};
  }
}

void RuleReader::when(const Entry& entry) {
  static constexpr std::array<KeyRow<RuleReader>, 2> rows = {
      {{"path_exists", &RuleReader::when_path_exists}, {"hostname", &RuleReader::when_hostname}}};
  if (!reading_.expect(entry.value(), Value::Kind::table, entry.key())) return;
  draft_.rule.when.emplace();
  read_table(*this, reading_, rows, "'when'", entry.value().entries());
}

void RuleReader::when_path_exists(const Entry& entry) {
  const auto text = reading_.text(entry, TextUse::pattern);
  if (!text) return;
  auto path = parse_path(text->text);
  if (!path) return reading_.fail(path.error(), *text);
  draft_.rule.when->path_exists = std::move(*path);
}

void RuleReader::when_hostname(const Entry& entry) {
  const auto text = reading_.text(entry, TextUse::pattern);
  if (!text) return;
  auto glob = parse_name_glob(text->text);
  if (!glob) return reading_.fail(glob.error(), *text);
  if (reading_.takes(size_of({*glob}), *text)) draft_.rule.when->hostname = std::move(*glob);
}

void RuleReader::users(const Entry& entry) {
  draft_.users = Stated<UsersWant>{read_users(reading_, entry), entry.pos()};
}

// What it demands.

void RuleReader::demand(const Entry& entry) {
  if (!draft_.demand_key) draft_.demand_key = entry.pos();
}

void RuleReader::files(const Entry& entry) {
  draft_.files_key = entry.pos();
  demand(entry);
  read_demands_of_type(reading_, accounts_, entry, Type::file, draft_.files);
}

void RuleReader::directories(const Entry& entry) {
  draft_.directories_key = entry.pos();
  demand(entry);
  read_demands_of_type(reading_, accounts_, entry, Type::directory, draft_.directories);
}

void RuleReader::any_of(const Entry& entry) {
  draft_.any_of_key = entry.pos();
  demand(entry);
  draft_.any_of = read_alternatives(reading_, accounts_, entry);
}

// What people read.

void RuleReader::title(const Entry& entry) {
  draft_.rule.title = text_or_nothing(reading_.text(entry));
}

void RuleReader::rationale(const Entry& entry) {
  draft_.rule.rationale = text_or_nothing(reading_.text(entry));
}

void RuleReader::remediation(const Entry& entry) {
  draft_.rule.remediation = text_or_nothing(reading_.text(entry));
}

void RuleReader::severity(const Entry& entry) {
  if (const auto index = reading_.word(entry, severity_names)) {
    draft_.rule.severity = static_cast<Severity>(*index);
  }
}

void RuleReader::references(const Entry& entry) {
  if (!reading_.expect(entry.value(), Value::Kind::table, entry.key())) return;
  for (const Entry& source : entry.value().entries()) {
    auto& reference =
        draft_.rule.references.emplace_back(std::string(source.key()), std::vector<std::string>{});
    for (Text& text : reading_.texts(source)) reference.second.push_back(std::move(text.text));
  }
}

void RuleReader::tags(const Entry& entry) {
  for (Text& text : reading_.texts(entry)) draft_.rule.tags.push_back(std::move(text.text));
}

// What to do about it.

void RuleReader::ancestors(const Entry& entry) { (void)reading_.word(entry, ancestors_words); }

void RuleReader::enforce(const Entry& entry) {
  draft_.rule.enforce = reading_.boolean(entry).value_or(true);
}

void RuleReader::trust_of_rule(const Entry& entry) { draft_.rule.trust = trust(entry); }

std::vector<TrustedPrincipal> RuleReader::trust(const Entry& entry) {
  std::vector<TrustedPrincipal> out;
  const Value value = entry.value();
  const bool list = value.is(Value::Kind::array);
  if (!list && !value.is(Value::Kind::string)) {
    reading_.wrong_type(value, entry.key(), "an array of users and @groups, or \"*\"");
    return out;
  }
  for (const Value item : list ? value.items() : std::vector<Value>{value}) {
    if (const auto principal = trusted(item, entry.key())) out.push_back(*principal);
  }
  return out;
}

std::optional<TrustedPrincipal> RuleReader::trusted(Value value, std::string_view key) {
  if (value.is(Value::Kind::integer)) {
    const auto account = read_account(reading_, accounts_, AccountKind::user, value, key);
    return account ? std::optional(TrustedPrincipal{false, *account}) : std::nullopt;
  }
  const auto text = reading_.text(value, key);
  if (!text) return std::nullopt;
  if (text->text == "*") return TrustedPrincipal{true, 0};
  const bool group = text->text.starts_with('@');
  const AccountKind kind = group ? AccountKind::group : AccountKind::user;
  const std::string name = text->text.substr(group ? 1 : 0);
  if (auto mistake = account_mistake(kind, name)) {
    mistake->offset += group ? 1 : 0;
    reading_.fail(*mistake, *text);
    return std::nullopt;
  }
  return TrustedPrincipal{false, accounts_.add(kind, name, text->pos())};
}

void RuleReader::on_changed(const Entry& entry) {
  const auto index = reading_.word(entry, on_changed_words);
  if (index && *index == 1) draft_.restore_changed_key = entry.pos();
}

void RuleReader::on_missing(const Entry& entry) {
  const auto index = reading_.word(entry, on_missing_words);
  if (!index) return;
  draft_.report_missing = *index == 0;
  if (*index == 1) draft_.restore_missing_key = entry.pos();
  if (*index == 2) draft_.create_key = entry.pos();
  draft_.rule.create_missing = *index == 2;
}

void RuleReader::on_forbidden(const Entry& entry) {
  const auto index = reading_.word(entry, on_forbidden_words);
  if (!index || *index != 1) return;
  draft_.rule.remove_forbidden = true;
  draft_.remove_key = entry.pos();
}

void RuleReader::sensitive(const Entry& entry) { draft_.rule.sensitive = reading_.boolean(entry); }

void RuleReader::verify(const Entry& entry) {
  if (reading_.refuse_empty(entry)) return;
  for (const auto& text : reading_.texts(entry)) draft_.rule.verify.push_back(text.text);
  if (!draft_.rule.verify.empty()) draft_.verify_key = entry.pos();
}

}  // namespace permward
