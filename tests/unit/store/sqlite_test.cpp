// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>

using namespace permward;
using permward::sqlite::Database;
using permward::sqlite::Statement;
using permward::sqlite::Transaction;
using permward::test::TempTree;

namespace {

std::unique_ptr<Database> opened(TempTree& tree) {
  auto out = Database::open(tree.file("db"));
  REQUIRE(out.ok());
  return std::move(*out);
}

Statement prepared(Database& database, std::string_view sql) {
  auto out = Statement::prepare(database, sql, "try");
  REQUIRE(out.ok());
  return std::move(*out);
}

}  // namespace

TEST_CASE("a failure of SQLite says what could not be done to which file") {
  TempTree tree;
  const auto database = opened(tree);
  struct Case {
    int code;
    ErrorKind kind;
    int number;
    const char* doing;
  };
  const Case cases[] = {
      {SQLITE_FULL, ErrorKind::io, ENOSPC, "record changes in"},
      {SQLITE_IOERR_WRITE, ErrorKind::io, EIO, "record changes in"},
      {SQLITE_CANTOPEN, ErrorKind::io, EIO, "record changes in"},
      {SQLITE_BUSY, ErrorKind::io, EBUSY, "record changes in"},
      {SQLITE_LOCKED, ErrorKind::io, EBUSY, "record changes in"},
      {SQLITE_NOMEM, ErrorKind::io, ENOMEM, "record changes in"},
      {SQLITE_READONLY_DBMOVED, ErrorKind::denied, 0, "record changes in"},
      {SQLITE_CORRUPT_INDEX, ErrorKind::invalid, 0, "record changes in the damaged database"},
      {SQLITE_NOTADB, ErrorKind::invalid, 0, "record changes in the damaged database"},
      {SQLITE_CONSTRAINT, ErrorKind::invalid, 0,
       "record changes in what does not fit the database (constraint failed)"},
  };
  for (const Case& one : cases) {
    INFO(one.code);
    const Error error = database->error(one.code, "record changes in");
    CHECK(error.kind == one.kind);
    CHECK(error.number == one.number);
    CHECK(error.doing == one.doing);
    CHECK(error.subject == tree.path("db"));
  }
}

TEST_CASE("what is bound is read again, and empty is not null") {
  TempTree tree;
  const auto database = opened(tree);
  Statement query = prepared(*database, "SELECT ?, ?, ?, ?, ?, typeof(?2), typeof(?3)");
  const std::string bytes("a\0\xff", 3);
  for (int again = 0; again < 2; ++again) {
    query.bind(-7).bind_text("").bind_bytes("").bind_bytes(bytes).bind_null();
    REQUIRE(query.step().value());
    CHECK(query.integer(0) == -7);
    CHECK(query.bytes(1).empty());
    CHECK_FALSE(query.is_null(1));
    CHECK_FALSE(query.is_null(2));
    CHECK(query.bytes(3) == bytes);
    CHECK(query.is_null(4));
    CHECK(query.bytes(5) == "text");
    CHECK(query.bytes(6) == "blob");
    REQUIRE_FALSE(query.step().value());
  }
}

TEST_CASE("a transaction that was not committed has not been") {
  TempTree tree;
  const auto database = opened(tree);
  REQUIRE(database->execute("CREATE TABLE t (x)", "try").ok());
  const auto insert = [&] { REQUIRE(database->execute("INSERT INTO t VALUES (1)", "try").ok()); };
  {
    const auto transaction = Transaction::begin(*database, "try");
    REQUIRE(transaction.ok());
    insert();
  }
  {
    auto transaction = Transaction::begin(*database, "try");
    insert();
    REQUIRE(transaction->commit().ok());
  }
  Statement count = prepared(*database, "SELECT count(*) FROM t");
  REQUIRE(count.step().value());
  REQUIRE(count.integer(0) == 1);
}

TEST_CASE("a statement that is none, and one that binds too much, are errors") {
  TempTree tree;
  const auto database = opened(tree);
  REQUIRE(Statement::prepare(*database, "SELEKT 1", "try").error().kind == ErrorKind::invalid);
  Statement query = prepared(*database, "SELECT ?");
  REQUIRE(query.bind(1).bind(2).step().error().kind == ErrorKind::invalid);
  REQUIRE(query.bind(1).step().value());
}
