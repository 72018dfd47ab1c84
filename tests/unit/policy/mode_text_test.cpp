// SPDX-License-Identifier: Apache-2.0
#include "policy/mode_text.hpp"

#include "support/catch.hpp"

#include <string>

namespace permward {
namespace {

// The mode that the clauses make of `mode`, as four digits.
std::string made(std::string_view clauses, unsigned mode, Type type = Type::file) {
  const auto want = parse_mode(clauses);
  if (!want) return want.error().message;
  return mode_text(settled(mode, want->table(type)));
}

std::string mistake(std::string_view text) {
  const auto want = parse_mode(text);
  return want ? "none" : want.error().message;
}

std::string help(std::string_view text) { return parse_mode(text).error().help; }

TEST_CASE("an octal mode has three or four digits and is exact over all bits") {
  const auto want = parse_mode("0640");
  REQUIRE(want);
  CHECK(want->form == ModeWant::Form::exact);
  CHECK(want->at_most == 0640);
  CHECK(want->of_files.parts == all_mode_bits);
  CHECK(want->of_files.rows[7] == ModeRow{0640, 07137});
  CHECK(want->of_directories == want->of_files);
  CHECK(parse_mode("755")->at_most == 0755);
  CHECK(parse_mode("7777")->at_most == 07777);
  CHECK(parse_mode("000")->at_most == 0);
}

TEST_CASE("T76 other spellings of numbers are no modes") {
  CHECK(mistake("64") == "the mode '64' has 2 digits");
  CHECK(mistake("7") == "the mode '7' has 1 digit");
  CHECK(mistake("00640") == "the mode '00640' has 5 digits");
  CHECK(mistake("07777777") == "the mode '07777777' has 8 digits");
  for (const char* text : {"0o644", "0x1a4", "09", "0644 ", "1e3", "648"}) {
    INFO(text);
    CHECK(mistake(text).ends_with("is not an octal mode"));
  }
  for (const char* text : {"", " 0644", "-1", "+0644", "rw-r-----", "true"}) {
    INFO(text);
    CHECK(mistake(text) != "none");
  }
  CHECK(parse_mode("0648").error().offset == 3);
}

TEST_CASE("clauses touch only what they name") {
  CHECK(made("o-w", 07777) == "7775");
  CHECK(made("ug-s", 07777) == "1777");
  CHECK(made("u=rw,g=r,o=", 06777) == "0640");
  CHECK(made("a+r", 0200) == "0644");
  CHECK(made("+t,a", 0).find("does not say") != std::string::npos);
  CHECK(made("o+t", 0) == "1000");
  CHECK(made("u+t", 0) == "0000");
  CHECK(made("o=", 01777) == "0770");
  CHECK(made("u+s,g+s", 0) == "6000");
  CHECK(made("u=", 04755) == "0055");
  CHECK(made("u+", 0755) == "0755");
}

TEST_CASE("a mode speaks of the bits that its clauses name and of no other") {
  CHECK(parse_mode("o-w")->of_files.parts == 0002);
  CHECK(parse_mode("g+X")->of_files.parts == 0010);
  CHECK(parse_mode("u=rw")->of_files.parts == 04700);
  CHECK(parse_mode("u=rw")->of_directories.parts == 0700);
  CHECK(parse_mode("a=")->of_directories.parts == 01777);
  CHECK(parse_mode("u+")->of_files.parts == 0);
}

TEST_CASE("an equals sign leaves the set-id bits of a directory unless it names them") {
  CHECK(made("a=rx", 06777, Type::file) == "0555");
  CHECK(made("a=rx", 06777, Type::directory) == "6555");
  CHECK(made("u=rxs", 06777, Type::directory) == "6577");
  CHECK(made("u=rwx,g=rxs", 04000, Type::directory) == "6750");
  CHECK(made("ug-s", 06755, Type::directory) == "0755");
}

TEST_CASE("X is x of directories, and of files that somebody can execute") {
  CHECK(made("a+X", 0644) == "0644");
  CHECK(made("a+X", 0744) == "0755");
  CHECK(made("a+X", 0600, Type::directory) == "0711");
  CHECK(made("u=rwX,go=rX", 0711) == "0755");
  CHECK(made("u=rwX,go=rX", 0600) == "0644");
  CHECK(made("a-x,a+X", 0755) == "0644");  // there is none any more
  CHECK(made("a-x,a+X", 0755, Type::directory) == "0755");
  CHECK(made("u+x,g+X", 0600) == "0710");
}

TEST_CASE("the text of symbolic modes is kept as written") {
  CHECK(parse_mode("u=rw,g=r,o=")->text == "u=rw,g=r,o=");
  CHECK(parse_mode("u=rw")->form == ModeWant::Form::symbolic);
}

TEST_CASE("clauses that one pass does not settle are refused with an order that does") {
  CHECK(mistake("g+X,u+x") == "the clauses 'g+X,u+x' would change some modes again each time");
  CHECK(help("g+X,u+x") == "write 'u+x,g+X'");
  CHECK(help("o+X,g+X,u+x") == "write 'u+x,o+X,g+X'");
  CHECK(parse_mode("g+X,u+x").error().code == Code::mode_unsettled);
  CHECK(parse_mode("u+x,g+X"));
  // No `x` comes behind `X` here that was not there before.
  CHECK(parse_mode("g+X,u-x"));
  CHECK(parse_mode("a+X,u+r"));
}

TEST_CASE("other orders are tried where X at the end does not settle") {
  CHECK(help("u-x,u+X,g-X") == "write 'u-x,g-X,u+X'");
  CHECK(help("u-x,u=X,go-X,g-x") == "write 'u-x,go-X,u=X,g-x'");
  // Of more than six clauses there are too many orders.
  CHECK(help("u-x,u+X,g-X,u+r,g+r,o+r,u+w") == "write 'x' where 'X' stands");
}

TEST_CASE("the mistakes of chmod users say what to write") {
  CHECK(mistake("+x") == "the clause '+x' does not say whose permissions it changes");
  CHECK(help("+x") == "write 'a+x' for all, or 'u', 'g', 'o' before it");
  CHECK(mistake("g=u") == "the clause 'g=u' copies the permissions of another class");
  CHECK(help("g=u") == "write out the permissions that are meant, as in 'g=rw'");
  CHECK(mistake("u=rw+x") == "two operators in the clause 'u=rw+x'");
  CHECK(help("u=rw+x") == "write two clauses: 'u=rw,u+x'");
  CHECK(mistake("u=rq") == "'q' is no permission");
  CHECK(parse_mode("o-w,u=rq").error().offset == 7);
  CHECK(mistake("u") == "'u' is no clause of a mode");
  CHECK(mistake("rw") == "'rw' is no clause of a mode");
  CHECK(mistake("u=rw,") == "a clause is empty");
  CHECK(mistake(",u=rw") == "a clause is empty");
  CHECK(mistake("u=rw, g=r") == "' g=r' is no clause of a mode");
  CHECK(mistake("") == "the mode is empty");
}

}  // namespace
}  // namespace permward
