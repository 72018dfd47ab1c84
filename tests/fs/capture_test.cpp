// SPDX-License-Identifier: Apache-2.0
// What is kept of objects on real file systems, and what other programs make of an archive of it.
#include "os/capture.hpp"

#include "os/content.hpp"
#include "store/archive.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/patience.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

constexpr std::uint64_t no_limit = longest_content;

// Captures objects one after the other, and hands out what was captured.
class Captures final : public ContentSource {
 public:
  explicit Captures(const TempTree& place) {
    const std::string path = place.path("spool");
    file_ = Fd(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    REQUIRE(file_);
    spool_.file = file_.get();
  }

  Result<SnapshotObject> of(const std::string& path, std::uint64_t most = no_limit) {
    const Fd held(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    REQUIRE(held);
    Result<Captured> captured = capture(kernel_, observer_, held.get(), most, spool_, nullptr);
    if (!captured.ok()) return captured.error();
    stamp = captured->stamp;
    return std::move(captured->object);
  }
  SnapshotObject kept(const std::string& path) {
    Result<SnapshotObject> object = of(path);
    if (!object.ok()) UNSCOPED_INFO(object.error().doing << ' ' << object.error().number);
    REQUIRE(object.ok());
    object->path = path;
    return std::move(*object);
  }
  std::string content(std::uint64_t offset, std::uint64_t size) const {
    std::string out(size, '\0');
    REQUIRE(pread(file_.get(), out.data(), size, static_cast<off_t>(offset)) ==
            static_cast<ssize_t>(size));
    return out;
  }
  [[nodiscard]] std::uint64_t end() const { return spool_.end; }

  std::optional<FileStamp> stamp;  // of what was captured last

  // In the order in which they were captured.
  Result<std::size_t> read(const SnapshotObject& object, std::span<char> room) override {
    if (&object != reading_) begin_ += std::exchange(at_, 0);
    reading_ = &object;
    const std::size_t size = std::min<std::size_t>(room.size(), object.size - at_);
    const std::string bytes = content(begin_ + at_, size);
    std::copy(bytes.begin(), bytes.end(), room.begin());
    at_ += size;
    return size;
  }

 private:
  Kernel kernel_;
  Mounts mounts_;
  Observer observer_{kernel_, mounts_};
  Fd file_;
  Spool spool_;
  const SnapshotObject* reading_ = nullptr;
  std::uint64_t begin_ = 0;
  std::uint64_t at_ = 0;
};

void set_attribute(const std::string& path, const char* name, const std::string& value) {
  REQUIRE(lsetxattr(path.c_str(), name, value.data(), value.size(), 0) == 0);
}

void set_times(const std::string& path, time_t seconds, long nanoseconds) {
  const timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

// A file, a directory and a link with some of everything that the file system keeps.
// tmpfs has them since Linux 6.6, and so has an overlay whose upper layer lies on one.
bool keeps_user_attributes(TempTree& tree) {
  const std::string probe = tree.file("probe");
  const bool out = lsetxattr(probe.c_str(), "user.probe", "1", 1, 0) == 0;
  REQUIRE((out || errno == EOPNOTSUPP));
  REQUIRE(unlink(probe.c_str()) == 0);
  return out;
}

void make_objects(TempTree& tree) {
  const std::string file = tree.file("d/f", "content\n", 0640);
  tree.chown("d/f", 7001, 7002);
  set_acl(file, {{AclTag::user_obj, 6, 0},
                 {AclTag::user, 4, 7003},
                 {AclTag::group_obj, 4, 0},
                 {AclTag::mask, 4, 0},
                 {AclTag::other, 0, 0}});
  run_program({"setcap", "cap_net_bind_service=+ep", file});
  if (keeps_user_attributes(tree)) set_attribute(file, "user.note", "a\nb");
  set_attribute(file, "trusted.note", std::string("\0\xff", 2));
  set_times(file, 1700000000, 123456789);
  run_program({"setfacl", "-d", "-m", "u:7003:rwx", tree.path("d")});
  tree.chmod("d", 02775);
  tree.symlink("d/l", "f");
  tree.chown("d/l", 7001, 7001);
  set_times(tree.path("d/l"), 1600000000, 5);
  set_times(tree.path("d"), 1650000000, 999999999);
}

const std::vector<std::string>& object_names() {
  static const std::vector<std::string> names = {"d", "d/f", "d/l"};
  return names;
}

}  // namespace

TEST_CASE("of an object all is kept that a file system has of it") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    make_objects(tree);
    const bool attributes = file_system == FileSystem::ext4 || file_system == FileSystem::xfs ||
                            file_system == FileSystem::btrfs;
    if (attributes) run_program({"chattr", "+di", tree.path("d/f")});
    Captures captures(tree);
    const SnapshotObject file = captures.kept(tree.path("d/f"));
    if (attributes) run_program({"chattr", "-i", tree.path("d/f")});

    REQUIRE(file.state.type == Type::file);
    REQUIRE(file.state.owner == 7001);
    REQUIRE(file.state.group == 7002);
    REQUIRE(file.state.mode == 0640);
    REQUIRE(file.state.acl.size() == 5);
    REQUIRE(file.state.capabilities == FileCapabilities{0x400, 0, true, 0});
    REQUIRE(file.state.attributes.has(Attribute::immutable) == attributes);
    REQUIRE(file.state.attributes.has(Attribute::no_dump) == attributes);
    REQUIRE(file.modified == FileTime{1700000000, 123456789});
    REQUIRE(file.size == 8);
    REQUIRE(hex(file.digest) == sha256_hex("content\n"));
    REQUIRE(captures.content(0, captures.end()) == "content\n");
    std::vector<ExtendedAttribute> expected{{"trusted.note", std::string("\0\xff", 2)}};
    if (keeps_user_attributes(tree)) expected.push_back({"user.note", "a\nb"});
    REQUIRE(file.attributes == expected);

    const SnapshotObject directory = captures.kept(tree.path("d"));
    REQUIRE(directory.state.type == Type::directory);
    REQUIRE(directory.state.mode == 02775);
    REQUIRE(directory.state.default_acl.size() == 5);
    REQUIRE(directory.modified == FileTime{1650000000, 999999999});
    REQUIRE(directory.attributes.empty());
    const SnapshotObject link = captures.kept(tree.path("d/l"));
    REQUIRE(link.state.type == Type::symlink);
    REQUIRE(link.state.target == "f");
    REQUIRE(link.state.owner == 7001);
    REQUIRE(link.modified == FileTime{1600000000, 5});
    REQUIRE(captures.end() == 8);
  }
}

TEST_CASE("what GNU tar extracts of an archive is what was there") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    make_objects(tree);
    Captures captures(tree);
    Manifest manifest;
    manifest.id = "20261126T101500Z-3f2a";
    for (const std::string& one : object_names()) {
      manifest.objects.push_back(captures.kept(tree.path(one)));
    }
    const std::string archive = tree.path("a.pax.zst");
    const Fd fd(open(archive.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(write_archive(fd.get(), archive, manifest, captures).ok());

    const std::string to = tree.directory("to");
    run_program(
        {"tar", "--zstd", "--acls", "--xattrs", "--xattrs-include=*", "-xpf", archive, "-C", to});
    Captures again(tree);
    for (std::size_t i = 0; i < object_names().size(); ++i) {
      SnapshotObject there = again.kept(to + tree.path(object_names()[i]));
      there.path = manifest.objects[i].path;
      REQUIRE(there == manifest.objects[i]);
    }
  }
}

TEST_CASE("a file that is too large for it is not kept, nor is what is no file") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  const std::string file = tree.file("f", "12345");
  Captures captures(tree);
  REQUIRE(captures.of(file, 4).error().number == EFBIG);
  REQUIRE(captures.end() == 0);
  REQUIRE(captures.of(file, 5).ok());
  REQUIRE(captures.end() == 5);
  REQUIRE(captures.of(tree.fifo("p")).error().kind == ErrorKind::invalid);
  REQUIRE(captures.end() == 5);
}

TEST_CASE("of a file that is changed all the while nothing is kept") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  const std::string file = tree.file("f", std::string(4000000, 'x'));
  std::atomic<bool> end{false};
  std::thread changes([&] {
    for (mode_t mode = 0600; !end; mode ^= 0040) (void)chmod(file.c_str(), mode);
  });
  Captures captures(tree);
  std::size_t refused = 0;
  const auto until = std::chrono::steady_clock::now() + patience(std::chrono::seconds(30));
  while (refused == 0 && std::chrono::steady_clock::now() < until) {
    const std::uint64_t before = captures.end();
    const Result<SnapshotObject> object = captures.of(file);
    if (object.ok()) {
      REQUIRE(captures.end() == before + 4000000);
      continue;
    }
    const int number = object.error().number;
    REQUIRE((object.error().kind == ErrorKind::changed || number == EBUSY));
    REQUIRE(captures.end() == before);
    ++refused;
  }
  end = true;
  changes.join();
  REQUIRE(refused > 0);
}

TEST_CASE("a spool that is full is an error of its own") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  const std::string file = tree.file("f", std::string(100000, 'x'));
  const Mounted small("tmpfs", tree.directory("small"), "tmpfs", 0, "size=16k");
  const Fd to(open(tree.path("small/spool").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  Spool spool{to.get(), 0};
  const Kernel kernel;
  const Mounts mounts;
  Observer observer(kernel, mounts);
  const Fd held(open(file.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const auto object = capture(kernel, observer, held.get(), no_limit, spool, nullptr);
  REQUIRE(object.error().number == ENOSPC);
  REQUIRE(object.error().doing == "write the copy of");
  REQUIRE(spool.end == 0);
}
