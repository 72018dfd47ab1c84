// SPDX-License-Identifier: Apache-2.0
#include "store/tar_layout.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

using namespace permward;

namespace {

const std::string end_of_archive(1024, '\0');

std::string header(char type, const std::string& size) {
  std::string out(512, '\0');
  out.replace(0, 4, "name");
  out.replace(124, size.size(), size);
  out.replace(148, 8, std::string("012345\0 ", 8));
  out[156] = type;
  return out;
}

std::string octal(std::size_t size) {
  std::array<char, 13> text{};
  std::snprintf(text.data(), text.size(), "%011zo", size);
  return text.data();
}

std::string member(char type, const std::string& content) {
  return header(type, octal(content.size())) + content +
         std::string((512 - content.size() % 512) % 512, '\0');
}

// In one piece, and in pieces of each of some sizes.
bool is_whole(const std::string& archive) {
  const auto follows = [&archive](std::size_t piece) {
    TarLayout layout;
    bool whole = true;
    for (std::size_t at = 0; at < archive.size(); at += piece) {
      whole = layout.follow(std::string_view(archive).substr(at, piece));
    }
    return whole && layout.ended();
  };
  const bool out = follows(archive.size() + 1);
  for (const std::size_t piece : {1U, 7U, 512U, 513U}) CHECK(follows(piece) == out);
  return out;
}

const std::string some = member('0', "content") + member('5', "") + member('0', "") +
                         member('0', std::string(512, 'x')) + end_of_archive;

}  // namespace

TEST_CASE("members with and without content, up to the end") {
  REQUIRE(is_whole(some));
  REQUIRE(is_whole(end_of_archive));
}

TEST_CASE("what no reader of tar looks at is as it is written") {
  std::size_t unseen = 0;
  for (std::size_t at = 0; at < some.size(); ++at) {
    const bool in_header = at < 512 || (at >= 1024 && at < 2560);
    const bool in_content = (at >= 512 && at < 519) || (at >= 2560 && at < 3072);
    const bool after_sum = in_header && (at % 512 == 154 || at % 512 == 155);
    if ((in_header && !after_sum) || in_content) continue;
    std::string other = some;
    other[at] = static_cast<char>(other[at] ^ 4);
    unseen += TarLayout().follow(other) ? 1U : 0U;
  }
  REQUIRE(unseen == 0);
}

TEST_CASE("the checksum of a header is six octal digits") {
  for (std::size_t at = 148; at < 154; ++at) {
    for (const char c : {' ', '8', '\0', 'x'}) {
      std::string other = some;
      other[at] = c;
      CHECK_FALSE(TarLayout().follow(other));
    }
  }
}

TEST_CASE("an archive ends with two blocks of zeros, or more, and nothing else") {
  CHECK_FALSE(is_whole(some.substr(0, some.size() - 512)));
  CHECK_FALSE(is_whole(some.substr(0, some.size() - 1024)));
  CHECK_FALSE(is_whole(some.substr(0, some.size() - 1)));
  CHECK(is_whole(some + std::string(512, '\0')));
  CHECK_FALSE(is_whole(some + std::string(512, '\0') + 'x'));
  CHECK_FALSE(is_whole(some + some));
  CHECK_FALSE(is_whole(""));
}

TEST_CASE("an extended header says how large the next member is") {
  const std::string content(600, 'x');
  const std::string sized = header('0', octal(1)) + content + std::string(424, '\0');
  CHECK(is_whole(member('x', "12 size=600\n") + sized + end_of_archive));
  CHECK(is_whole(member('x', "20 mtime=1234567890\n12 size=600\n") + sized + end_of_archive));
  CHECK_FALSE(is_whole(member('x', "20 mtime=1234567890\n") + sized + end_of_archive));
  CHECK(is_whole(member('x', "12 size=600\n") + sized + some));
  for (const char* text :
       {"12 size=6x0\n", "12 size=600", "13 size=600\n", "11 size=600\n", "x", "12 size+600\n",
        "12_size=600\n", "0 size=600\n", "1\n", "99999999999999999999 size=1\n",
        "38 size=99999999999999999999999999999\n"}) {
    CHECK_FALSE(is_whole(member('x', text) + sized + end_of_archive));
  }
}

TEST_CASE("sizes in base 256, and what cannot be") {
  std::string size(12, '\0');
  size[0] = '\x80';
  size[10] = 2;
  size[11] = 88;  // 600
  const std::string rest = std::string(600, 'x') + std::string(424, '\0') + end_of_archive;
  CHECK(is_whole(header('0', size) + rest));
  size[4] = '\xff';
  CHECK_FALSE(is_whole(header('0', size) + rest));
  CHECK_FALSE(is_whole(header('5', octal(600)) + rest));
  CHECK_FALSE(is_whole(header('x', octal(std::size_t{8} << 20)) + rest));
}
