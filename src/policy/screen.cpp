// SPDX-License-Identifier: Apache-2.0
#include "policy/screen.hpp"

#include "base/text.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace permward {
namespace {

// Goes through a text as far as strings and comments matter, and counts. Where the text is not TOML
// it may count wrongly from there on, and toml++ stops there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Refusal> run() {
    while (at_ < text_.size() && !refusal_) step();
    return refusal_;
  }

 private:
  void step() {
    const char c = text_[at_];
    switch (c) {
      case '#':
        return skip_comment();
      case '"':
      case '\'':
        line_is_blank_ = false;
        return skip_string(c);
      case '\n':
        dots_ = key_dots_ = 0;
        line_is_blank_ = true;
        header_.reset();
        break;
      case '.':
        count_dot();
        break;
      case '=':
        count_value();
        count_dotted_key(1);
        // The dots of a key are levels of what follows it.
        key_dots_ = dots_;
        dots_ = 0;
        break;
      case ',':
        count_value();
        dots_ = key_dots_ = 0;
        break;
      case '[':
      case '{':
        count_value();
        open(c);
        break;
      case ']':
      case '}':
        close();
        break;
      default:
        break;
    }
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') line_is_blank_ = false;
    ++at_;
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_string(char quote) {
    const std::string_view rest = text_.substr(at_);
    const bool triple = rest.size() >= 3 && rest[1] == quote && rest[2] == quote;
    at_ += triple ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\' && quote == '"') {
        at_ += 2;
      } else if (c == quote && !triple) {
        ++at_;
        return;
      } else if (c == quote && text_.substr(at_).starts_with(std::string(3, quote))) {
        // Up to two quotes more belong to the string.
        at_ += 3;
        for (int more = 0; more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
        return;
      } else if (c == '\n' && !triple) {
        return;  // toml++ stops here
      } else {
        ++at_;
      }
    }
  }

  void open(char c) {
    if (c == '[' && line_is_blank_ && depth_ == 0) header_ = at_;
    if (depth_ == levels_.size() || sum_ + 1 + key_dots_ > most_levels) {
      return refuse(
          Code::nested_too_deeply, "arrays and tables are nested too deeply",
          "a policy needs five levels; more than " + std::to_string(most_levels) + " are refused");
    }
    levels_[depth_++] = 1 + key_dots_;
    sum_ += 1 + key_dots_;
    dots_ = key_dots_ = 0;
  }

  void close() {
    count_dotted_key(2);  // of a table's name
    dots_ = key_dots_ = 0;
    if (depth_ > 0) sum_ -= levels_[--depth_];
    if (depth_ == 0 && header_) count_header(text_.substr(*header_, at_ - *header_));
  }

  void count_value() {
    if (++values_ <= most_values) return;
    refuse(Code::too_many_values,
           "the file has more than " + std::to_string(most_values) + " values", "split it up");
  }

  void count_dot() {
    if (++dots_ <= most_dots) return;
    refuse(Code::key_too_deep, "the key has more than " + std::to_string(most_dots) + " dots",
           "no key of a policy has more than three; quote a name that has dots");
  }

  void count_dotted_key(std::size_t least_dots) {
    if (dots_ < least_dots || ++dotted_keys_ <= most_dotted_keys) return;
    refuse(Code::too_many_tables,
           "the file has more than " + std::to_string(most_dotted_keys) + " dotted keys",
           "write inline tables, as in 'mode = { at_most = \"0640\" }'");
  }

  void count_header(std::string_view name) {
    header_.reset();
    headers_.insert(name);
    if (headers_.size() <= most_tables) return;
    refuse(Code::too_many_tables,
           "the file has more than " + std::to_string(most_tables) + " different tables",
           "a rule is written '[[rule]]', its name stands in 'id'");
  }

  void refuse(Code code, std::string message, std::string help) {
    if (!refusal_) refusal_ = Refusal{code, at_, std::move(message), std::move(help)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool line_is_blank_ = true;
  std::size_t dots_ = 0;                           // in the key or name at hand
  std::size_t key_dots_ = 0;                       // of the key whose value is at hand
  std::array<std::size_t, most_levels> levels_{};  // what each open bracket counts for
  std::size_t depth_ = 0;
  std::size_t sum_ = 0;
  std::size_t values_ = 0;
  std::size_t dotted_keys_ = 0;
  std::optional<std::size_t> header_;  // where the table header at hand begins
  std::unordered_set<std::string_view> headers_;
  std::optional<Refusal> refusal_;
};

}  // namespace

std::optional<Refusal> refuse_size(std::string_view text) {
  if (text.size() > most_bytes) {
    return Refusal{Code::file_too_large, std::nullopt,
                   "the file has " + std::to_string(text.size()) + " bytes, more than " +
                       std::to_string(most_bytes >> 20) + " MiB",
                   "split it up"};
  }
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) > most_lines) {
    return Refusal{Code::file_too_large, std::nullopt,
                   "the file has more than " + std::to_string(most_lines) + " lines",
                   "split it up"};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_content(std::string_view text) {
  if (const std::size_t nul = text.find('\0'); nul != text.npos) {
    return Refusal{Code::nul_byte, nul, "a NUL byte", "TOML is text in UTF-8"};
  }
  if (const auto offset = invalid_utf8(text)) {
    return Refusal{Code::invalid_utf8, *offset, quoted(text.substr(*offset, 1)) + " is not UTF-8",
                   "TOML is text in UTF-8"};
  }
  return Scanner(text).run();
}

}  // namespace permward
