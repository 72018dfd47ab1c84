// SPDX-License-Identifier: Apache-2.0
#include "policy/reading.hpp"

#include "policy/words.hpp"

#include <algorithm>

namespace permward {
namespace {

// What people write who have come from another tool, and what it is called here.
struct Guess {
  std::string_view wrong;
  std::string_view right;
};

constexpr Guess guesses[] = {
    {"recursive", "recurse"},
    {"recursion", "recurse"},
    {"depth", "recurse"},
    {"max_depth", "recurse"},
    {"user", "owner"},
    {"uid", "owner"},
    {"gid", "group"},
    {"perms", "mode"},
    {"permissions", "mode"},
    {"permission", "mode"},
    {"name", "id"},
    {"description", "title"},
    {"reason", "rationale"},
    {"rationale", "reason"},
    {"justification", "reason"},
    {"ignore", "exclude"},
    {"excludes", "exclude"},
    {"exclude_paths", "exclude"},
    {"attrs", "attributes"},
    {"flags", "attributes"},
    {"caps", "capabilities"},
    {"acls", "acl"},
    {"facl", "acl"},
    {"dirs", "directories"},
    {"directory", "directories"},
    {"file", "path"},
    {"state", "presence"},
    {"ensure", "presence"},
    {"exists", "presence"},
    {"links", "max_links"},
    {"nlink", "max_links"},
    {"checksum", "content"},
    {"sha256", "content"},
    {"hash", "content"},
    {"level", "severity"},
    {"priority", "severity"},
    {"fix", "remediation"},
    {"until", "expires"},
    {"expiry", "expires"},
    {"approver", "approved_by"},
    {"id", "rule"},
    {"rules", "rule"},
    {"vars", "variables"},
    {"version", "schema"},
    {"host", "hostname"},
    {"max", "at_most"},
    {"min", "at_least"},
    {"xdev", "cross_filesystems"},
    {"one_filesystem", "cross_filesystems"},
};

// A list that is short enough to be read is shown whole.
constexpr std::size_t most_shown_keys = 8;

}  // namespace

Pos Text::pos(std::size_t offset) const {
  return text == value.text() ? value.pos(offset) : value.pos();
}

void Reading::fail(const TextError& error, const Text& text) {
  fail(error.code, text.pos(error.offset), error.message, error.help);
}

void Reading::wrong_type(Value value, std::string_view key, std::string_view takes) {
  fail(Code::wrong_type, value.pos(),
       quoted(key) + " takes " + std::string(takes) + ", not " +
           std::string(with_article(value.kind())));
}

bool Reading::expect(Value value, Value::Kind kind, std::string_view key) {
  if (value.is(kind)) return true;
  wrong_type(value, key, with_article(kind));
  return false;
}

std::optional<bool> Reading::boolean(const Entry& entry) {
  if (!expect(entry.value(), Value::Kind::boolean, entry.key())) return std::nullopt;
  return entry.value().boolean();
}

std::optional<Text> Reading::text(Value value, std::string_view key, TextUse use) {
  if (!expect(value, Value::Kind::string, key)) return std::nullopt;
  auto expanded = variables_.expand(value, use);
  if (!expanded) return std::nullopt;
  return Text{std::move(*expanded), value};
}

std::vector<Text> Reading::texts(const Entry& entry, TextUse use) {
  std::vector<Text> out;
  if (!entry.value().is(Value::Kind::array)) {
    wrong_type(entry.value(), entry.key(), "an array of strings");
    return out;
  }
  for (const Value item : entry.value().items()) {
    if (auto read = text(item, entry.key(), use)) out.push_back(std::move(*read));
  }
  return out;
}

std::vector<Text> Reading::one_or_more(const Entry& entry, TextUse use) {
  if (entry.value().is(Value::Kind::string)) {
    auto one = text(entry, use);
    return one ? std::vector<Text>{std::move(*one)} : std::vector<Text>{};
  }
  if (!entry.value().is(Value::Kind::array)) {
    wrong_type(entry.value(), entry.key(), "a string or an array of strings");
    return {};
  }
  return refuse_empty(entry) ? std::vector<Text>{} : texts(entry, use);
}

bool Reading::refuse_empty(const Entry& entry) {
  const bool empty = entry.value().is(Value::Kind::array) && entry.value().empty();
  if (empty) {
    fail(Code::bad_value, entry.value().pos(), quoted(entry.key()) + " is an empty array",
         "name at least one, or leave out the key");
  }
  return empty;
}

bool Reading::takes(std::size_t pattern_bytes, const Text& text) {
  const bool took = takes_more();
  pattern_bytes_ += pattern_bytes;
  if (took && !takes_more()) {
    fail(Code::glob_too_large, text.pos(),
         "the globs of the policy come to more than " + std::to_string(most_pattern_bytes >> 20) +
             " MiB",
         "write '*' in the place of braces");
  }
  return takes_more();
}

std::optional<std::size_t> Reading::word(const Text& text, std::string_view key,
                                         std::span<const std::string_view> words) {
  const auto it = std::find(words.begin(), words.end(), text.text);
  if (it != words.end()) return static_cast<std::size_t>(it - words.begin());
  fail(Code::bad_value, text.pos(), quoted(key) + " cannot be " + quoted(text.text),
       suggestions().nearest_of(text.text, words, "write " + one_of(words)));
  return std::nullopt;
}

std::optional<std::size_t> Reading::word(const Entry& entry,
                                         std::span<const std::string_view> words) {
  const auto read = text(entry);
  if (!read) return std::nullopt;
  return word(*read, entry.key(), words);
}

void Reading::not_in_this_version(Pos pos, std::string_view what) {
  fail(Code::not_in_this_version, pos, quoted(what) + " is not in this version of permward");
}

void Reading::unknown_key(const Entry& entry, std::string_view table, const KnownKeys& known_keys) {
  if (!mistakes_.wants(Code::unknown_key, entry.pos())) return;
  const std::vector<std::string_view> known = known_keys();
  std::string help;
  for (const Guess& guess : guesses) {
    const bool fits = guess.wrong == entry.key() &&
                      std::find(known.begin(), known.end(), guess.right) != known.end();
    if (fits && help.empty()) help = "did you mean " + quoted(guess.right) + "?";
  }
  if (help.empty()) {
    std::string otherwise = known.size() <= most_shown_keys
                                ? "it takes " + one_of(known)
                                : "permward-policy(5) has the list of keys";
    help = suggestions().nearest_of(entry.key(), known, std::move(otherwise));
  }
  fail(Code::unknown_key, entry.pos(),
       "no key " + quoted(entry.key()) + " in " + std::string(table), std::move(help));
}

}  // namespace permward
