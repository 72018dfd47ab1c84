// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include <cerrno>

namespace permward::sqlite {
namespace {

constexpr int busy_timeout_ms = 5'000;  // whoever reads, or finishes a checkpoint, is done by then

// The errno of the call that failed, where SQLite knows it.
int system_errno(sqlite3* handle, int otherwise) {
  const int number = handle == nullptr ? 0 : sqlite3_system_errno(handle);
  return number != 0 ? number : otherwise;
}

std::string followed_by(std::string_view doing, std::string_view more) {
  return std::string(doing).append(" ").append(more);
}

// sqlite.org/uri.html: of a path all that means something there is escaped.
std::string immutable_uri(const std::string& path) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "file://";
  for (const char c : path) {
    if (c != '%' && c != '?' && c != '#') {
      out += c;
      continue;
    }
    out.append({'%', digits[static_cast<unsigned char>(c) >> 4], digits[c & 0xf]});
  }
  return out + "?immutable=1";
}

// What a file that somebody has prepared could otherwise do (sqlite.org/security.html).
void distrust_schema(sqlite3* handle) {
  const auto set = [handle](int option, int value) {
    (void)sqlite3_db_config(handle, option, value, nullptr);
  };
  set(SQLITE_DBCONFIG_DEFENSIVE, 1);
  set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  set(SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
  set(SQLITE_DBCONFIG_ENABLE_VIEW, 0);
}

}  // namespace

Error Database::error(int code, std::string_view doing) const {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return system_error(ENOSPC, std::string(doing), path_);
    case SQLITE_CANTOPEN:
      // Its -wal or -shm file, which it could not make and then has not found: why is forgotten.
      // The database itself is there.
      if (system_errno(get(), EIO) == ENOENT) {
        return Error{ErrorKind::io, "open or make what goes beside", path_, 0};
      }
      [[fallthrough]];
    case SQLITE_IOERR:
      return system_error(system_errno(get(), EIO), std::string(doing), path_);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return system_error(EBUSY, std::string(doing), path_);
    case SQLITE_NOMEM:
      return system_error(ENOMEM, std::string(doing), path_);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Error{ErrorKind::denied, std::string(doing), path_, 0};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return Error{ErrorKind::invalid, followed_by(doing, "the damaged database"), path_, 0};
    default:
      break;
  }
  const std::string what = std::string("what does not fit the database (") + sqlite3_errstr(code);
  return Error{ErrorKind::invalid, followed_by(doing, what + ")"), path_, 0};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access) {
  constexpr int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const bool unchanging = access == Access::unchanging;
  const int flags = common |
                    (access == Access::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    (unchanging ? SQLITE_OPEN_URI : 0);
  const std::string file = unchanging ? immutable_uri(path) : path;
  std::unique_ptr<Database> out(new Database(path));
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  out->handle_.reset(handle);  // there even after most errors
  if (code != SQLITE_OK) return out->error(code, "open");
  distrust_schema(handle);
  (void)sqlite3_busy_timeout(handle, busy_timeout_ms);
  return out;
}

Result<void> Database::execute(const char* sql, std::string_view doing) {
  const int code = sqlite3_exec(get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, doing);
  return {};
}

Result<bool> Database::has_table(std::string_view name, const char* doing) {
  TRY_ASSIGN(auto query,
             Statement::prepare(
                 *this, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", doing));
  query.bind_text(name);
  return query.step();
}

Result<Statement> Statement::prepare(Database& database, std::string_view sql, const char* doing) {
  Statement out(database, doing);
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return database.error(code, doing);
  out.handle_.reset(handle);
  return out;
}

void Statement::bound(int code) {
  ++next_;
  if (code != SQLITE_OK) failed_ = code;
}

Statement& Statement::bind(std::int64_t value) {
  bound(sqlite3_bind_int64(handle_.get(), next_, value));
  return *this;
}

Statement& Statement::bind_text(std::string_view value) {
  const char* const data = value.empty() ? "" : value.data();  // a null pointer would be NULL
  bound(sqlite3_bind_text64(handle_.get(), next_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_bytes(std::string_view value) {
  const char* const data = value.empty() ? "" : value.data();
  bound(sqlite3_bind_blob64(handle_.get(), next_, data, value.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_null() {
  bound(sqlite3_bind_null(handle_.get(), next_));
  return *this;
}

void Statement::rewind() {
  (void)sqlite3_reset(handle_.get());
  next_ = 1;
  failed_ = SQLITE_OK;
}

Result<bool> Statement::step() {
  const int code = failed_ != SQLITE_OK ? failed_ : sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    rewind();
    return false;
  }
  Error error = database_->error(code, doing_);  // before the reset, which forgets the errno
  rewind();
  return error;
}

Result<void> Statement::run() {
  TRY(step());
  return {};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

Result<Transaction> Transaction::begin(Database& database, const char* doing, Durable durable) {
  TRY(database.execute(
      durable == Durable::at_once ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
      doing));
  TRY(database.execute("BEGIN IMMEDIATE", doing));
  return Transaction(database, doing);
}

Transaction::~Transaction() {
  if (database_ == nullptr || sqlite3_get_autocommit(database_->get()) != 0) return;
  (void)sqlite3_exec(database_->get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
  TRY(database_->execute("COMMIT", doing_));
  database_ = nullptr;
  return {};
}

}  // namespace permward::sqlite
