// SPDX-License-Identifier: Apache-2.0
// Mode texts against a model of chmod(1) that applies clause after clause, and against chmod
// itself.
#include "policy/mode_text.hpp"
#include "support/policies.hpp"
#include "support/property.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <array>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace permward::test {
namespace {

std::string drawn_clause() {
  static const std::vector<std::string> classes = {"u",  "g",  "o",   "a", "ug",
                                                   "go", "uo", "ugo", "ou"};
  static const std::vector<std::string> permissions = {
      "", "r", "w", "x", "X", "s", "t", "rw", "rx", "rX", "xs", "rwx", "wt", "rwxst"};
  const std::string op(1, *rc::gen::element('=', '+', '-'));
  return *rc::gen::elementOf(classes) + op + *rc::gen::elementOf(permissions);
}

std::string drawn_clauses() {
  std::string out = drawn_clause();
  for (int more = *rc::gen::inRange(0, 4); more > 0; --more) out += "," + drawn_clause();
  return out;
}

// Whether a second chmod with these clauses would change some mode once more.
bool settles(const std::string& clauses) {
  for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
    const unsigned once = chmod(clauses, mode, Type::file);
    if (chmod(clauses, once, Type::file) != once) return false;
  }
  return true;
}

TEST_CASE("a symbolic mode does to every mode what its clauses do one after the other") {
  check_property("symbolic modes on all modes", 60, 3000, [] {
    const std::string clauses = drawn_clauses();
    const auto want = parse_mode(clauses);
    RC_ASSERT(static_cast<bool>(want) == settles(clauses));
    if (!want) return;
    for (const Type type : {Type::file, Type::directory}) {
      for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
        RC_ASSERT(settled(mode, want->table(type)) == chmod(clauses, mode, type));
      }
    }
  });
}

TEST_CASE("the order that the help shows settles") {
  check_property("orders of clauses that do not settle", 60, 3000, [] {
    const std::vector<std::string> pool = {"g+X", "u=X", "o+X", "u+x", "g-X", "u-x", "a=X", "o=x"};
    std::string clauses = *rc::gen::elementOf(pool);
    for (int i = 0; i < 3; ++i) clauses += "," + *rc::gen::elementOf(pool);
    const auto want = parse_mode(clauses);
    if (want) return;
    const std::string& help = want.error().help;
    RC_ASSERT(help.starts_with("write '"));
    const std::string order = help.substr(7, help.size() - 8);
    RC_ASSERT(order.size() == clauses.size());
    RC_ASSERT(static_cast<bool>(parse_mode(order)));
  });
}

TEST_CASE("a mode that was printed is read again as itself") {
  for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
    const auto want = parse_mode(mode_text(mode));
    REQUIRE(want);
    REQUIRE(want->at_most == mode);
    REQUIRE(*parse_octal_mode(mode_text(mode)) == mode);
  }
}

// A file and a directory of each of the 4096 modes.
class Twins {
 public:
  Twins() : tree_("/dev/shm") {
    for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
      tree_.file("f" + mode_text(mode));
      tree_.directory("d" + mode_text(mode));
    }
  }

  // Runs chmod(1) on all of them. False where it cannot be run or fails.
  bool run(const std::string& clauses) {
    for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
      tree_.chmod("f" + mode_text(mode), mode);
      tree_.chmod("d" + mode_text(mode), mode);
    }
    const std::string script = "cd -- '" + tree_.root() + "' && chmod -- '" + clauses + "' f* d*";
    const pid_t child = fork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
  }

  unsigned mode_of(char kind, unsigned mode) const {
    struct stat found {};
    if (lstat(tree_.path(kind + mode_text(mode)).c_str(), &found) != 0) return ~0U;
    return found.st_mode & all_mode_bits;
  }

 private:
  TempTree tree_;
};

TEST_CASE("a symbolic mode is in policy just where chmod changes nothing") {
  if (access("/dev/shm", W_OK) != 0) SKIP_TEST("there is no /dev/shm to write to");
  Twins twins;
  const std::vector<std::string> fixed = {
      "u=rw,g=r,o=", "a+X", "u=rwX,go=rX", "ug-s", "a=", "g+s,o+t", "o-rwx", "a-x,a+X", "u+x,g+X"};
  for (const std::string& clauses : fixed) {
    INFO(clauses);
    const auto want = parse_mode(clauses);
    REQUIRE(want);
    REQUIRE(twins.run(clauses));
    for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
      for (const Type type : {Type::file, Type::directory}) {
        const unsigned after = twins.mode_of(type == Type::file ? 'f' : 'd', mode);
        if (settled(mode, want->table(type)) == after) continue;
        INFO(mode_text(mode) << " of a " << name(type));
        REQUIRE(mode_text(settled(mode, want->table(type))) == mode_text(after));
      }
    }
  }
  check_property("symbolic modes that chmod was run with", 5, 300, [&twins] {
    const std::string clauses = drawn_clauses();
    const auto want = parse_mode(clauses);
    if (!want) return;
    RC_ASSERT(twins.run(clauses));
    for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
      RC_ASSERT(settled(mode, want->of_files) == twins.mode_of('f', mode));
      RC_ASSERT(settled(mode, want->of_directories) == twins.mode_of('d', mode));
    }
  });
}

}  // namespace
}  // namespace permward::test
