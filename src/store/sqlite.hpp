// SPDX-License-Identifier: Apache-2.0
//
// SQLite's handles as owned values, its failures as `Result`. Layer `store`, and private to it:
// only its .cpp files may include this. https://sqlite.org/c3ref/intro.html
#pragma once

#include "base/result.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace permward::sqlite {

// For one thread at a time. Statements must go before it, and it stays where it is.
class Database {
 public:
  enum class Access : std::uint8_t {
    read_write,
    read_only,   // SQLite's -shm file, where it can be written, and its locks are used all the same
    unchanging,  // no lock, no -wal and no -shm file: nobody writes to it while it is open
  };
  // An existing file; `path` is absolute, and no symlink is on it.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                              Access access = Access::read_write);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] sqlite3* get() const { return handle_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  // What the result code `code` of SQLite's means. `doing` as in `Error`, the file completes it:
  // "read the runs in". Kinds: `invalid` of a file that is damaged, no database, or laid out
  // otherwise; `denied`; `io` with an errno: ENOSPC, EBUSY, and whatever the system said.
  [[nodiscard]] Error error(int code, std::string_view doing) const;

  // Statements without parameters, whose rows are not looked at.
  [[nodiscard]] Result<void> execute(const char* sql, std::string_view doing);

  [[nodiscard]] Result<bool> has_table(std::string_view name, const char* doing);

 private:
  struct Close {
    void operator()(sqlite3* handle) const { (void)sqlite3_close(handle); }
  };
  explicit Database(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement. Parameters are bound in their order; what is bound is lent until the
// statement was stepped for the last time.
class Statement {
 public:
  // `sql` is one statement; `doing` lives as long as this.
  [[nodiscard]] static Result<Statement> prepare(Database& database, std::string_view sql,
                                                 const char* doing);

  Statement& bind(std::int64_t value);
  Statement& bind_unsigned(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind_text(std::string_view value);
  Statement& bind_bytes(std::string_view value);
  Statement& bind_null();

  // True: there is a row, the next one. At the end, and after an error, it can be bound anew.
  [[nodiscard]] Result<bool> step();
  // Of a statement that has no rows.
  [[nodiscard]] Result<void> run();

  // Of the present row, by column from 0. Text and bytes are there until the next step.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t unsigned_integer(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { (void)sqlite3_finalize(handle); }
  };
  Statement(Database& database, const char* doing) : database_(&database), doing_(doing) {}
  void bound(int code);
  void rewind();

  Database* database_;
  const char* doing_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int next_ = 1;
  int failed_ = SQLITE_OK;  // of a bind
};

// When what was committed is on the disk.
enum class Durable : std::uint8_t {
  at_once,
  with_the_next,  // at_once one; until then a crash of the machine, not of the process, undoes it
};

// BEGIN IMMEDIATE, and ROLLBACK unless it was committed. After an error there may be nothing left
// to roll back: SQLite has done so by itself.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Database& database, const char* doing,
                                                 Durable durable = Durable::at_once);
  Transaction(Transaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)), doing_(other.doing_) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  [[nodiscard]] Result<void> commit();

 private:
  Transaction(Database& database, const char* doing) : database_(&database), doing_(doing) {}

  Database* database_;
  const char* doing_;
};

}  // namespace permward::sqlite
