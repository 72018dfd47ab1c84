// SPDX-License-Identifier: Apache-2.0
#include "model/mode.hpp"

#include "support/catch.hpp"
#include "support/policies.hpp"

namespace permward {
namespace {

using test::at_least;
using test::at_most;
using test::between;
using test::exact;
using test::symbolic;

// The bits that are wrong of a file of that mode.
unsigned wrong(const ModeWant& want, unsigned mode) {
  return broken_bits(mode, want.of_files.rows[execute_index(settled(mode, want.of_files))]);
}

TEST_CASE("the index of a row is the three execute bits, the owner's first") {
  REQUIRE(execute_index(0) == 0);
  REQUIRE(execute_index(07666) == 0);
  REQUIRE(execute_index(0100) == 4);
  REQUIRE(execute_index(0010) == 2);
  REQUIRE(execute_index(0001) == 1);
  REQUIRE(execute_index(0755) == 7);
}

TEST_CASE("an at most of 0600 refuses 0577, 0466 and 0077: bits, not numbers") {
  const ModeWant want = at_most(0600);
  REQUIRE(wrong(want, 0577) == 0177);
  REQUIRE(wrong(want, 0466) == 0066);
  REQUIRE(wrong(want, 0077) == 0077);
  REQUIRE(wrong(want, 0600) == 0);
  REQUIRE(wrong(want, 0400) == 0);
  REQUIRE(wrong(want, 0) == 0);
  REQUIRE(wrong(want, 04600) == 04000);
}

TEST_CASE("an exact mode is about all twelve bits") {
  const ModeWant want = exact(0755);
  REQUIRE(want.form == ModeWant::Form::exact);
  REQUIRE(want.of_files.parts == all_mode_bits);
  REQUIRE(wrong(want, 0755) == 0);
  for (unsigned bit = 1; bit <= 04000; bit <<= 1) REQUIRE(wrong(want, 0755 ^ bit) == bit);
  // Of directories too: chmod(1) would leave their set-id bits alone.
  REQUIRE(broken_bits(02755, want.of_directories.rows[7]) == 02000);
}

TEST_CASE("an at least speaks only of the bits that it names") {
  const ModeWant want = at_least(0400);
  REQUIRE(want.of_files.parts == 0400);
  REQUIRE(wrong(want, 0377) == 0400);
  REQUIRE(wrong(want, 07777) == 0);
  REQUIRE_FALSE(want.bounded_above);
  REQUIRE(want.bounded_below);
}

TEST_CASE("an at most speaks of all bits, and demands nothing of those within it") {
  const ModeWant want = at_most(0640);
  REQUIRE(want.of_files.parts == all_mode_bits);
  for (const ModeRow& row : want.of_files.rows) REQUIRE(row == ModeRow{0, 07137});
  REQUIRE(want.bounded_above);
  REQUIRE_FALSE(want.bounded_below);
}

TEST_CASE("both bounds together are a range of bits") {
  const ModeWant want = between(0400, 0640);
  REQUIRE(wrong(want, 0640) == 0);
  REQUIRE(wrong(want, 0400) == 0);
  REQUIRE(wrong(want, 0240) == 0400);
  REQUIRE(wrong(want, 0644) == 0004);
  REQUIRE(wrong(want, 0044) == 0404);
}

TEST_CASE("a mode is corrected by just the bits that are wrong") {
  REQUIRE(corrected(0666, at_most(0640).of_files.rows[0]) == 0640);
  REQUIRE(corrected(0246, at_most(0640).of_files.rows[0]) == 0240);
  REQUIRE(corrected(07777, exact(0).of_files.rows[7]) == 0);
  REQUIRE(corrected(0, at_least(0400).of_files.rows[0]) == 0400);
}

TEST_CASE("a clause with X holds for whatever somebody executes") {
  const ModeWant want = symbolic("a+X");
  REQUIRE(settled(0644, want.of_files) == 0644);
  REQUIRE(settled(0744, want.of_files) == 0755);
  REQUIRE(settled(0645, want.of_files) == 0755);
  REQUIRE(settled(0644, want.of_directories) == 0755);
}

TEST_CASE("a mode is settled by as many rounds as it takes") {
  // Each X waits for the x that another one sets.
  ModeTable table;
  table.parts = 0111;
  for (unsigned index = 0; index < 8; ++index) {
    table.rows[index].set = static_cast<std::uint16_t>((index & 4) != 0   ? 0010
                                                       : (index & 2) != 0 ? 0001
                                                                          : 0);
  }
  table.rows[6].set = 0001;
  REQUIRE(settled(0100, table) == 0111);
  REQUIRE(settled(0010, table) == 0011);
  REQUIRE(settled(0001, table) == 0001);
  REQUIRE(settled(0, table) == 0);
}

TEST_CASE("set-id and sticky bits are not lost when a mode settles") {
  REQUIRE(settled(07644, symbolic("o-r").of_files) == 07640);
}

TEST_CASE("two demands over different bits are in force together") {
  ModeTable table = symbolic("o-w").of_files;
  const ModeTable other = symbolic("ug-s").of_files;
  merge(table, other, other.parts);
  REQUIRE(table.parts == 06002);
  REQUIRE(settled(06777, table) == 0775);
}

TEST_CASE("of a demand that decides in part only that part is taken over") {
  ModeTable table = at_least(0400).of_files;
  merge(table, at_most(0044).of_files, 07377);
  REQUIRE(table.parts == all_mode_bits);
  for (const ModeRow& row : table.rows) REQUIRE(row == ModeRow{0400, 07333});
}

TEST_CASE("set and clear of a row stay apart") {
  for (const ModeWant& want : {exact(0640), at_most(0644), at_least(0111), between(0400, 0640),
                               symbolic("u=rwX,g=rX,o="), symbolic("a+X,o-w")}) {
    for (const ModeTable* table : {&want.of_files, &want.of_directories}) {
      for (const ModeRow& row : table->rows) {
        REQUIRE((row.set & row.clear) == 0);
        REQUIRE(((row.set | row.clear) & ~table->parts) == 0);
      }
    }
  }
}

TEST_CASE("directories have a table of their own, and everything else that of files") {
  const ModeWant want = symbolic("g=rx");
  REQUIRE(want.table(Type::directory) == want.of_directories);
  for (const Type type : {Type::file, Type::fifo, Type::socket, Type::character, Type::block}) {
    REQUIRE(want.table(type) == want.of_files);
  }
  // As in chmod(1): of a directory an equals sign leaves the set-id bits that it does not name.
  REQUIRE(want.of_files.parts == 02070);
  REQUIRE(want.of_directories.parts == 0070);
}

TEST_CASE("T106 a mode is written as four octal digits, whatever it is") {
  REQUIRE(mode_text(0) == "0000");
  REQUIRE(mode_text(0640) == "0640");
  REQUIRE(mode_text(04755) == "4755");
  REQUIRE(mode_text(07777) == "7777");
  REQUIRE(mode_text(07000) == "7000");
}

TEST_CASE("a set of mode bits is written in the letters of chmod(1)") {
  REQUIRE(mode_bits_text(0002) == "o:w");
  REQUIRE(mode_bits_text(06000) == "u:s g:s");
  REQUIRE(mode_bits_text(0640) == "u:rw g:r");
  REQUIRE(mode_bits_text(01000) == "t");
  REQUIRE(mode_bits_text(01004) == "o:r t");
  REQUIRE(mode_bits_text(07777) == "all bits");
  REQUIRE(mode_bits_text(07775) == "all bits but o:w");
  REQUIRE(mode_bits_text(07077) == "all bits but u:rwx");
}

}  // namespace
}  // namespace permward
