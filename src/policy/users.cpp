// SPDX-License-Identifier: Apache-2.0
#include "policy/users.hpp"

#include "base/text.hpp"
#include "policy/account_text.hpp"
#include "policy/pattern_text.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

namespace permward {
namespace {

class UsersReader {
 public:
  explicit UsersReader(Reading& reading) : reading_(reading) {}

  UsersWant read(const Entry& entry) {
    static constexpr std::array<KeyRow<UsersReader>, 4> rows = {{
        {"min_uid", &UsersReader::min_uid},
        {"max_uid", &UsersReader::max_uid},
        {"exclude", &UsersReader::exclude},
        {"source", &UsersReader::source},
    }};
    if (!reading_.expect(entry.value(), Value::Kind::table, entry.key())) return {};
    read_table(*this, reading_, rows, "'users'", entry.value().entries());
    if (want_.min_uid > want_.max_uid) {
      reading_.fail(
          Code::bad_value, entry.value().pos(), "no id is in this range",
          "'min_uid' is at most 'max_uid'; they are 1000 and 60000 where they are not said");
    }
    return std::move(want_);
  }

 private:
  void min_uid(const Entry& entry) { set_id(entry, want_.min_uid); }
  void max_uid(const Entry& entry) { set_id(entry, want_.max_uid); }

  void set_id(const Entry& entry, std::uint32_t& id) {
    if (!reading_.expect(entry.value(), Value::Kind::integer, entry.key())) return;
    const std::int64_t value = entry.value().integer();
    if (value >= 0 && value <= std::int64_t{greatest_id}) {
      id = static_cast<std::uint32_t>(value);
      return;
    }
    reading_.fail(Code::bad_value, entry.value().pos(), quoted(entry.key()) + " is no user id",
                  "write a number from 0 to 4294967294");
  }

  void exclude(const Entry& entry) {
    for (Text& text : reading_.texts(entry)) {
      if (const auto mistake = account_mistake(AccountKind::user, text.text)) {
        reading_.fail(*mistake, text);
      } else {
        want_.exclude.push_back(std::move(text.text));
      }
    }
  }

  void source(const Entry& entry) {
    const auto word = reading_.word(entry, user_source_names);
    if (word) want_.source = static_cast<UserSource>(*word);
  }

  Reading& reading_;
  UsersWant want_;
};

bool uses_user_variables(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::string: {
      const std::string_view text = value.text();
      for (std::size_t at = text.find('$'); at < text.size(); at = text.find('$', at + 2)) {
        const std::string_view rest = text.substr(at);
        const bool uses = std::any_of(
            user_variables.begin(), user_variables.end(), [rest](std::string_view name) {
              return rest.starts_with("${") && rest.substr(2).starts_with(name) &&
                     rest.substr(2 + name.size()).starts_with("}");
            });
        if (uses) return true;
      }
      return false;
    }
    case Value::Kind::array: {
      const std::vector<Value> items = value.items();
      return std::any_of(items.begin(), items.end(),
                         [](const Value& item) { return uses_user_variables(item); });
    }
    case Value::Kind::table:
      return permward::uses_user_variables(value.entries());
    default:
      return false;
  }
}

std::string folded(std::string_view home) {
  std::string out;
  for (const char c : home) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

// Why a rule cannot be about this home; empty where it can.
std::string why_left_out(const std::string& home) {
  if (home.empty()) return "its home is empty";
  if (home == "/") return "its home is '/'";
  if (home.front() != '/') return "its home " + quoted(home) + " is relative";
  const auto parsed = parse_pattern(escaped_for_pattern(home));
  return parsed ? "" : parsed.error().message;
}

}  // namespace

UsersWant read_users(Reading& reading, const Entry& entry) {
  return UsersReader(reading).read(entry);
}

bool uses_user_variables(std::span<const Entry> entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const Entry& entry) { return uses_user_variables(entry.value()); });
}

std::vector<ListedUser> users_to_expand_by(Reading& reading, const UsersWant& want,
                                           std::span<const ListedUser> listed, Pos pos) {
  std::vector<ListedUser> out;
  std::unordered_set<std::string> homes;
  for (const ListedUser& user : listed) {
    if (user.uid < want.min_uid || user.uid > want.max_uid) continue;
    if (std::find(want.exclude.begin(), want.exclude.end(), user.name) != want.exclude.end()) {
      continue;
    }
    ListedUser one = user;
    one.home = folded(user.home);
    const std::string why = why_left_out(one.home);
    if (!why.empty()) {
      reading.fail(Code::user_left_out, pos,
                   "the user " + quoted(user.name) + " is left out: " + why,
                   "name it in 'exclude', or give it a home");
    } else if (homes.insert(one.home).second) {
      out.push_back(std::move(one));
    }
  }
  return out;
}

void tell_left_out(Reading& reading, const UserList& list, Pos pos) {
  const std::string help = "no rule is expanded by it, and what it has is not looked at";
  for (const LeftOut& one : list.first_left_out) {
    reading.fail(Code::user_left_out, pos, one.what + " is left out: " + one.why, help);
  }
  const std::size_t more = list.left_out - list.first_left_out.size();
  if (more == 0) return;
  const std::string count = more == 1 ? "is 1 more" : "are " + std::to_string(more) + " more";
  // Mistakes of one place stand in the order of their texts: this one comes last.
  reading.fail(Code::user_left_out, pos, "there " + count + " left out", help);
}

const ListedUser& some_user() {
  static const ListedUser user{"user", 1000, "group", "/home/user"};
  return user;
}

}  // namespace permward
