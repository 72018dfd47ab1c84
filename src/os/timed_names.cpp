// SPDX-License-Identifier: Apache-2.0
#include "os/timed_names.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {
namespace {

// A question and an answer are strings and numbers, each with a NUL behind it: neither a name nor a
// home can hold one. Both ends are of one program, so that no answer is malformed, but one that was
// cut short reads as if it ended in empty strings.
class MessageWriter {
 public:
  MessageWriter& add(std::string_view text) {
    text_.append(text).push_back('\0');
    return *this;
  }
  MessageWriter& add(std::uint64_t number) { return add(std::to_string(number)); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

class MessageReader {
 public:
  explicit MessageReader(std::string_view text) : left_(text) {}

  std::string_view text() {
    const std::string_view out = left_.substr(0, left_.find('\0'));
    left_.remove_prefix(std::min(left_.size(), out.size() + 1));
    return out;
  }
  template <class Number>
  Number number() {
    const std::string_view digits = text();
    Number out = 0;
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
  }
  [[nodiscard]] bool done() const { return left_.empty(); }

 private:
  std::string_view left_;
};

enum class Asked : std::uint8_t { id_of, has_account, name_of, users, names };

MessageWriter question(Asked asked, AccountKind kind) {
  MessageWriter out;
  out.add(static_cast<std::uint64_t>(asked)).add(static_cast<std::uint64_t>(kind));
  return out;
}

// --- Answers ---

std::string found_text(const NameService::Found& found) {
  return MessageWriter()
      .add(static_cast<std::uint64_t>(found.state))
      .add(found.id)
      .add(static_cast<std::uint64_t>(found.error))
      .take();
}

NameService::Found found_of(std::string_view text) {
  MessageReader reader(text);
  NameService::Found out;
  out.state = static_cast<Account::State>(reader.number<unsigned>());
  out.id = reader.number<std::uint32_t>();
  out.error = reader.number<int>();
  return out;
}

std::string names_text(const std::vector<std::string>& names) {
  MessageWriter out;
  for (const std::string& name : names) out.add(name);
  return out.take();
}

std::vector<std::string> names_of_answer(std::string_view text) {
  std::vector<std::string> out;
  for (MessageReader reader(text); !reader.done();) out.emplace_back(reader.text());
  return out;
}

std::string error_answer(const Error& error) {
  return MessageWriter()
      .add(0)
      .add(static_cast<std::uint64_t>(error.kind))
      .add(error.doing)
      .add(error.subject)
      .add(static_cast<std::uint64_t>(error.number))
      .take();
}

std::string users_text(const ListedUsers& listed) {
  if (!listed) return error_answer(listed.error());
  MessageWriter out;
  out.add(1).add(listed->left_out).add(listed->first_left_out.size());
  for (const LeftOut& one : listed->first_left_out) out.add(one.what).add(one.why);
  for (const ListedUser& user : listed->users) {
    out.add(user.name).add(user.uid).add(user.group).add(user.home);
  }
  return out.take();
}

// Braces: the members are read in the order in which they stand.
ListedUsers users_of_answer(std::string_view text) {
  MessageReader reader(text);
  if (reader.number<unsigned>() == 0) {
    return Error{static_cast<ErrorKind>(reader.number<unsigned>()), std::string(reader.text()),
                 std::string(reader.text()), reader.number<int>()};
  }
  UserList out;
  out.left_out = reader.number<std::size_t>();
  for (auto told = reader.number<std::size_t>(); told != 0; --told) {
    out.first_left_out.push_back({std::string(reader.text()), std::string(reader.text())});
  }
  while (!reader.done()) {
    out.users.push_back({std::string(reader.text()), reader.number<std::uint32_t>(),
                         std::string(reader.text()), std::string(reader.text())});
  }
  return out;
}

std::string answer_of(NameService& service, std::string_view question) {
  MessageReader reader(question);
  const auto asked = static_cast<Asked>(reader.number<unsigned>());
  const auto kind = static_cast<AccountKind>(reader.number<unsigned>());
  switch (asked) {
    case Asked::id_of:
      return found_text(service.id_of(kind, std::string(reader.text())));
    case Asked::has_account:
      return found_text(service.has_account(kind, reader.number<std::uint32_t>()));
    case Asked::name_of:
      return names_text({service.name_of(kind, reader.number<std::uint32_t>())});
    case Asked::users:
      return users_text(service.users(UserSource::nss));
    case Asked::names:
      return names_text(service.names(kind));
  }
  return "";
}

}  // namespace

TimedNames::Milliseconds TimedNames::patience() const {
  return std::max(limits_.at_once, std::min(limits_.answer, limits_.in_vain - in_vain_));
}

Result<std::string> TimedNames::ask(const std::string& question, Milliseconds within) {
  if (process_ && !process_->own()) process_.reset();
  if (!process_) {
    TRY_ASSIGN(process_, AnsweringProcess::start([this](std::string_view asked) {
                 return answer_of(*service_, asked);
               }));
  }
  Result<std::string> answer = process_->ask(question, within, stop_);
  if (!answer) {
    process_.reset();
    if (answer.error().number == ETIMEDOUT) in_vain_ += within;
  }
  return answer;
}

NameService::Found TimedNames::find(const std::string& question) {
  const std::lock_guard lock(mutex_);
  const Result<std::string> answer = ask(question, patience());
  if (answer) return found_of(*answer);
  const int error = answer.error().number;
  return {Account::State::failed, 0, error == EPIPE ? 0 : error};
}

NameService::Found TimedNames::id_of(AccountKind kind, const std::string& name) {
  return find(question(Asked::id_of, kind).add(name).take());
}

NameService::Found TimedNames::has_account(AccountKind kind, std::uint32_t id) {
  return find(question(Asked::has_account, kind).add(id).take());
}

std::string TimedNames::name_of(AccountKind kind, std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const Result<std::string> answer = ask(question(Asked::name_of, kind).add(id).take(), patience());
  return answer ? std::string(MessageReader(*answer).text()) : "";
}

// A file is read here: no service is asked.
ListedUsers TimedNames::users(UserSource source) {
  if (source != UserSource::nss) return service_->users(source);
  const std::lock_guard lock(mutex_);
  const Result<std::string> answer =
      ask(question(Asked::users, AccountKind::user).take(), limits_.list);
  if (answer) return users_of_answer(*answer);
  return system_error(answer.error().number, "list the users of the name service", "");
}

std::vector<std::string> TimedNames::names(AccountKind kind) {
  const std::lock_guard lock(mutex_);
  const Result<std::string> answer = ask(question(Asked::names, kind).take(), patience());
  return answer ? names_of_answer(*answer) : std::vector<std::string>();
}

}  // namespace permward
