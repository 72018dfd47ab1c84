// SPDX-License-Identifier: Apache-2.0
#include "policy/glob_text.hpp"

#include "policy/words.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t deepest_braces = 16;  // they are read and expanded by recursion

// A component as it is written: braces are not expanded yet.
struct Sequence;
struct Item {
  GlobToken token;
  std::vector<Sequence> branches;  // of braces, which have one at least; then there is no token
};
struct Sequence {
  std::vector<Item> items;
};

bool is_star(const Item& item) {
  return item.branches.empty() && item.token.kind == GlobToken::Kind::any_bytes;
}

class Reader {
 public:
  Reader(std::string_view text, std::vector<std::bitset<256>>& sets) : text_(text), sets_(sets) {}

  // Until the end of the text, or, within braces, until their next `,` or `}`.
  Sequence sequence(std::size_t depth) {
    Sequence out;
    while (!error_ && at_ < text_.size()) {
      const char c = text_[at_];
      if (depth > 0 && (c == ',' || c == '}')) break;
      Item item = c == '{' ? braces(depth + 1) : Item{token(), {}};
      const bool again = is_star(item) && !out.items.empty() && is_star(out.items.back());
      if (!again) out.items.push_back(std::move(item));
    }
    return out;
  }

  const std::optional<TextError>& error() const { return error_; }

 private:
  static GlobToken byte(char c) {
    return {GlobToken::Kind::byte, static_cast<unsigned char>(c), 0};
  }

  GlobToken token() {
    switch (const char c = text_[at_++]) {
      case '*':
        return {GlobToken::Kind::any_bytes, 0, 0};
      case '?':
        return {GlobToken::Kind::any_byte, 0, 0};
      case '[':
        return set();
      case '\\':
        return escaped();
      default:
        return byte(c);
    }
  }

  GlobToken escaped() {
    if (at_ < text_.size()) return byte(text_[at_++]);
    fail(at_ - 1, "a backslash with nothing behind it",
         "it takes the next character literally; write two for a backslash");
    return {};
  }

  Item braces(std::size_t depth) {
    const std::size_t begin = at_++;
    Item out;
    if (depth > deepest_braces) {
      fail(begin, "braces are nested too deeply", "write several paths");
      return out;
    }
    while (true) {
      out.branches.push_back(sequence(depth));
      if (error_) return out;
      if (at_ == text_.size()) {
        fail(begin, "braces that are not closed", "a backslash before '{' makes it literal");
        return out;
      }
      if (text_[at_++] == '}') return out;
    }
  }

  // One byte of a bracket expression; after `[` and `!`.
  std::optional<unsigned char> set_byte() {
    if (at_ < text_.size() && text_[at_] == '\\') ++at_;
    if (at_ == text_.size()) return std::nullopt;
    return static_cast<unsigned char>(text_[at_++]);
  }

  bool range_follows() const {
    return at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']';
  }

  GlobToken set() {
    const std::size_t begin = at_ - 1;
    const auto not_closed = [&] {
      fail(begin, "a bracket that is not closed", "a backslash before '[' makes it literal");
      return GlobToken{};
    };
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with('^')) {
      fail(at_, "'^' is first in brackets",
           "'[!a-z]' means all but these; a literal '^' stands behind another byte");
      return {};
    }
    const bool inverted = rest.starts_with('!');
    if (inverted) ++at_;
    std::bitset<256> bytes;
    for (bool first = true;; first = false) {
      if (at_ == text_.size()) return not_closed();
      if (text_[at_] == ']' && !first) break;
      if (!add_to(bytes)) return error_ ? GlobToken{} : not_closed();
    }
    ++at_;
    sets_.push_back(inverted ? ~bytes : bytes);
    return {GlobToken::Kind::set, 0, static_cast<std::uint16_t>(sets_.size() - 1)};
  }

  // A byte or a range of bytes. False where the text ends, or after an error.
  bool add_to(std::bitset<256>& bytes) {
    const std::size_t begin = at_;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("[:") || rest.starts_with("[=") || rest.starts_with("[.")) {
      fail(at_, "a class of characters in brackets", "write out what is meant, as in '[a-z0-9]'");
      return false;
    }
    const auto first = set_byte();
    if (!first) return false;
    unsigned char last = *first;
    if (range_follows()) {
      ++at_;
      const auto to = set_byte();
      if (!to) return false;
      last = *to;
    }
    if (last < *first) {
      fail(begin, "the range " + quoted(text_.substr(begin, at_ - begin)) + " is empty",
           "write the lesser byte first");
      return false;
    }
    for (unsigned b = *first; b <= last; ++b) bytes.set(b);
    return true;
  }

  void fail(std::size_t offset, std::string message, std::string help) {
    if (!error_) {
      error_ = TextError{Code::bad_glob, std::move(message), std::move(help), offset};
    }
  }

  std::string_view text_;
  std::vector<std::bitset<256>>& sets_;
  std::size_t at_ = 0;
  std::optional<TextError> error_;
};

// How many alternatives, up to one more than is allowed.
std::size_t count(const Sequence& sequence) {
  std::size_t product = 1;
  for (const Item& item : sequence.items) {
    if (item.branches.empty()) continue;
    std::size_t sum = 0;
    for (const Sequence& branch : item.branches) sum += count(branch);
    product = std::min(product * std::min(sum, most_alternatives + 1), most_alternatives + 1);
  }
  return product;
}

// The length of the longest name that some alternative cannot do without.
std::size_t longest(const Sequence& sequence) {
  std::size_t length = 0;
  for (const Item& item : sequence.items) {
    if (item.branches.empty()) {
      length += is_star(item) ? 0U : 1U;
      continue;
    }
    std::size_t most = 0;
    for (const Sequence& branch : item.branches) most = std::max(most, longest(branch));
    length += most;
  }
  return length;
}

using Alternatives = std::vector<std::vector<GlobToken>>;

void append(std::vector<GlobToken>& tokens, const GlobToken& token) {
  const bool again = token.kind == GlobToken::Kind::any_bytes && !tokens.empty() &&
                     tokens.back().kind == token.kind;
  if (!again) tokens.push_back(token);
}

Alternatives expand(const Sequence& sequence) {
  Alternatives out(1);
  for (const Item& item : sequence.items) {
    if (item.branches.empty()) {
      for (auto& tokens : out) append(tokens, item.token);
      continue;
    }
    Alternatives longer;
    for (const Sequence& branch : item.branches) {
      for (const auto& end : expand(branch)) {
        for (auto tokens : out) {
          for (const GlobToken& token : end) append(tokens, token);
          longer.push_back(std::move(tokens));
        }
      }
    }
    out = std::move(longer);
  }
  return out;
}

bool literal(const Sequence& sequence) {
  return std::all_of(sequence.items.begin(), sequence.items.end(), [](const Item& item) {
    return item.branches.empty() && item.token.kind == GlobToken::Kind::byte;
  });
}

std::string text_of(const std::vector<GlobToken>& tokens) {
  std::string out;
  for (const GlobToken& token : tokens) out += static_cast<char>(token.byte);
  return out;
}

TextError too_long(std::string_view text) {
  return {Code::bad_path,
          "the name " + quoted(text) + " is longer than " + std::to_string(longest_name) + " bytes",
          "no file system has such names"};
}

}  // namespace

Parsed<Component> parse_component(std::string_view text, std::size_t& alternatives) {
  Component out;
  if (text == "**") {
    out.kind = Component::Kind::any_depth;
    return out;
  }
  // Nearly all of them are names as they stand, and policies may have 100,000 paths.
  if (text.find_first_of("*?[{\\") == text.npos) {
    if (text.size() > longest_name) return too_long(text);
    out.text = text;
    return out;
  }
  Reader reader(text, out.sets);
  const Sequence sequence = reader.sequence(0);
  if (reader.error()) return *reader.error();
  if (longest(sequence) > longest_name) return too_long(text);
  if (literal(sequence)) {
    out.text = text_of(expand(sequence).front());
    return out;
  }
  alternatives *= count(sequence);
  if (alternatives > most_alternatives) {
    return TextError{
        Code::glob_too_large,
        "the glob stands for more than " + std::to_string(most_alternatives) + " alternatives",
        "write several rules, or '*' in the place of braces"};
  }
  out.kind = Component::Kind::wild;
  out.text = text;
  out.alternatives = expand(sequence);
  return out;
}

}  // namespace permward
