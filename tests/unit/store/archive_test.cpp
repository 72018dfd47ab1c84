// SPDX-License-Identifier: Apache-2.0
#include "store/archive.hpp"

#include "base/fd.hpp"
#include "store/archive_member.hpp"
#include "store/archive_seal.hpp"
#include "support/catch.hpp"
#include "support/snapshots.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

using namespace permward;
using namespace permward::test;

namespace {

// Some of everything.
Kept sample_objects() {
  Kept out;
  out.manifest.id = "20261126T101500Z-3f2a";
  out.manifest.time = 1795000000;
  out.manifest.host = "web1";
  out.manifest.policy_digest = sha256_hex("policy");
  SnapshotObject& root = out.add_directory("/");
  root.owner_name = "root";
  SnapshotObject& directory = out.add_directory("/etc");
  directory.state.default_acl = {{AclTag::user_obj, 7, 0},
                                 {AclTag::group_obj, 5, 0},
                                 {AclTag::group, 4, 4294967294},
                                 {AclTag::mask, 5, 0},
                                 {AclTag::other, 0, 0}};
  SnapshotObject& file = out.add_file("/etc/a", "hello\n");
  file.state.owner = 4294967294;
  file.state.group = 3000000;
  file.state.mode = 06751;
  file.state.acl = {{AclTag::user_obj, 7, 0},
                    {AclTag::user, 6, 1000},
                    {AclTag::group_obj, 1, 0},
                    {AclTag::mask, 5, 0},
                    {AclTag::other, 1, 0}};
  file.state.capabilities = FileCapabilities{0x2400, 0, true, 0};
  file.state.attributes = AttributeSet(Attribute::immutable) | Attribute::no_dump;
  file.attributes = {{"security.selinux", std::string("system_u:object_r:etc_t:s0\0", 27)},
                     {"user.x", std::string("\0=\n\xff", 4)}};
  file.owner_name =
      "b\xc3\xb6"
      "b";
  file.modified = {1795000000, 123456789};
  SnapshotObject& odd = out.add_file("/etc/odd", "what no header of libarchive's holds");
  odd.state.mode = 0664;
  odd.state.acl = {{AclTag::user_obj, 6, 0},      {AclTag::user, 6, 2147483647},
                   {AclTag::user, 4, 3000000000}, {AclTag::user, 2, 3000000001},
                   {AclTag::group_obj, 0, 0},     {AclTag::mask, 6, 0},
                   {AclTag::other, 4, 0}};
  odd.attributes = {{"user. %=\n\xff", "a"}, {"user." + std::string(250, 'n'), "b"}};
  odd.modified = {INT64_MIN, 1};
  out.add_file("/etc/old", "").modified = {-2, 500000000};
  out.add_file("/etc/empty", "");
  out.add_file("/etc/large", std::string(3000000, 'x')).modified = {-1, 0};
  out.add_file("/etc/\xff\n\xe2\x80\xae", "a name that is bytes");
  out.add_file("/etc/" + std::string(255, 'n'), "a long name");
  SnapshotObject link;
  link.path = "/etc/link";
  link.state.type = Type::symlink;
  link.state.mode = 0777;
  link.state.target = "../a b\xff";
  out.add(std::move(link));
  return out;
}

class Archived {
 public:
  explicit Archived(const Kept& kept) {
    FromMemory source(kept.contents);
    Fd fd(open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const Result<Sha256::Digest> written = write_archive(fd.get(), "it", kept.manifest, source);
    if (!written.ok()) UNSCOPED_INFO(written.error().subject);
    REQUIRE(written.ok());
    digest_ = *written;
  }

  [[nodiscard]] std::string path() const { return tree_.path("a.pax.zst"); }
  [[nodiscard]] Sha256::Digest digest() const { return digest_; }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Result<Sha256::Digest> read(ArchiveVisitor& visitor) const {
    const Fd fd(open(path().c_str(), O_RDONLY | O_CLOEXEC));
    return read_archive(fd.get(), "it", visitor);
  }

 private:
  TempTree tree_;
  Sha256::Digest digest_{};
};

Result<Sha256::Digest> read_bytes(const std::string& bytes, ArchiveVisitor& visitor) {
  TempTree tree;
  const std::string path = tree.file("x", bytes);
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return read_archive(fd.get(), "it", visitor);
}

std::string damage_in(const std::string& bytes) {
  IntoMemory out;
  const Result<Sha256::Digest> read = read_bytes(bytes, out);
  REQUIRE_FALSE(read.ok());
  REQUIRE(read.error().kind == ErrorKind::invalid);
  return read.error().subject;
}

}  // namespace

TEST_CASE("an archive gives back what was put into it") {
  const Kept kept = sample_objects();
  const Archived archived(kept);
  IntoMemory out;
  const auto read = archived.read(out);
  if (!read.ok()) UNSCOPED_INFO(read.error().doing << ' ' << read.error().subject);
  REQUIRE(read.ok());
  REQUIRE(*read == archived.digest());
  REQUIRE(hex(*read) == sha256_hex(archived.bytes()));
  REQUIRE(out.kept.manifest == kept.manifest);
  REQUIRE(out.kept.contents == kept.contents);
  REQUIRE(out.complete_paths.size() == kept.manifest.objects.size());
}

TEST_CASE("an archive is the same bytes for the same objects") {
  REQUIRE(Archived(sample_objects()).bytes() == Archived(sample_objects()).bytes());
}

TEST_CASE("an archive goes through a pipe and comes out of one") {
  const Kept kept = sample_objects();
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  Fd from(ends[0]);
  Fd to(ends[1]);
  std::optional<Result<Sha256::Digest>> written;
  std::thread writer([&] {
    FromMemory source(kept.contents);
    written = write_archive(to.get(), "the pipe", kept.manifest, source);
    to.reset();
  });
  IntoMemory out;
  const auto read = read_archive(from.get(), "the pipe", out);
  writer.join();
  REQUIRE(read.ok());
  REQUIRE(written->ok());
  REQUIRE(*read == **written);
  REQUIRE(out.kept.contents == kept.contents);
}

TEST_CASE("content that is not what the manifest says is not kept") {
  for (const char* other : {"hellO\n", "hello", "hello\n\n", ""}) {
    Kept kept;
    kept.add_file("/a", "hello\n");
    FromMemory source(std::map<std::string, std::string>{{"/a", other}});
    TempTree tree;
    const Fd fd(open(tree.path("x").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const auto written = write_archive(fd.get(), "it", kept.manifest, source);
    REQUIRE(written.error().kind == ErrorKind::changed);
    REQUIRE(written.error().subject == "/a");
  }
}

TEST_CASE("an archive that was cut off is damaged, wherever it was") {
  const std::string sealed = Archived(sample_objects()).bytes();
  const std::string bytes = sealed.substr(0, sealed.size() - seal_size);
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 50) {
    INFO(length);
    (void)damage_in(bytes.substr(0, length));
  }
  (void)damage_in(bytes.substr(0, bytes.size() - 1));
  for (std::size_t missing = 1; missing < seal_size; ++missing) {
    (void)damage_in(sealed.substr(0, sealed.size() - missing));
  }
}

TEST_CASE("an archive without a seal is one that somebody has compressed anew") {
  const Kept kept = sample_objects();
  const std::string bytes = Archived(kept).bytes();
  IntoMemory out;
  REQUIRE(read_bytes(bytes.substr(0, bytes.size() - seal_size), out).ok());
  REQUIRE(out.kept.contents == kept.contents);
}

TEST_CASE("content that looks like a seal is content") {
  const std::string seal = seal_of(Sha256().add("anything").digest());
  Kept kept;
  std::string noise;
  for (std::uint32_t i = 0, state = 1; i < 300000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  kept.add_file("/etc/blob", noise + seal + noise);
  const Archived archived(kept);
  REQUIRE(archived.bytes().find(seal) < archived.bytes().size() - seal_size);  // as it is
  IntoMemory out;
  REQUIRE(archived.read(out).ok());
  REQUIRE(out.kept.contents == kept.contents);
}

TEST_CASE("each byte that is another is damage") {
  const std::string bytes = Archived(sample_objects()).bytes();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string other = bytes;
    other[at] = static_cast<char>(other[at] ^ (1 << at % 8));
    INFO(at);
    (void)damage_in(other);
  }
}

TEST_CASE("what stands behind an archive is damage") {
  const std::string bytes = Archived(sample_objects()).bytes();
  (void)damage_in(bytes + "x");
  (void)damage_in(bytes + bytes);
  (void)damage_in(bytes + std::string(100, '\0'));
  (void)damage_in(bytes + std::string("\x5a\x2a\x4d\x18\0\0\0\0", 8));  // which is skipped
}

TEST_CASE("what is no archive of ours is refused") {
  (void)damage_in("");
  (void)damage_in("hello\n");
  (void)damage_in(std::string(100000, '\0'));
}

TEST_CASE("an error of who is handed the content ends the reading") {
  class Refuses final : public ArchiveVisitor {
   public:
    Result<void> begin(const Manifest& /*manifest*/) override { return {}; }
    Result<void> content(const SnapshotObject& object, std::string_view /*bytes*/) override {
      return system_error(ENOSPC, "write", object.path);
    }
    Result<void> complete(const SnapshotObject& /*object*/) override { return {}; }
  };
  Refuses refuses;
  const auto read = Archived(sample_objects()).read(refuses);
  REQUIRE(read.error().number == ENOSPC);
}

TEST_CASE("a full file system is said by its number") {
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const Kept kept = sample_objects();
  FromMemory source(kept.contents);
  const auto written = write_archive(full.get(), "/dev/full", kept.manifest, source);
  REQUIRE(written.error().number == ENOSPC);
  REQUIRE(written.error().subject == "/dev/full");
}
