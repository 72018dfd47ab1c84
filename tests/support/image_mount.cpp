// SPDX-License-Identifier: Apache-2.0
#include "support/image_mount.hpp"

#include "support/programs.hpp"
#include "support/sampling.hpp"

#include <cerrno>
#include <sys/mount.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace permward::test {
namespace {

constexpr off_t image_bytes = off_t{1} << 30;  // sparse

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

void mount_image(TempTree& place, const std::string& type, const std::string& point) {
  const std::string image = place.file("image");
  require(truncate(image.c_str(), image_bytes) == 0, "truncate " + image);
  std::vector<std::string> make = {"mkfs." + type, "-q", image};
  // Room for tests with a hundred thousand files and directories.
  if (type == "ext4") make.insert(make.end() - 1, {"-N", "400000"});
  (void)run_program(make);
  (void)run_program({"mount", "-t", type, "-o", "loop", image, point});
  require(unlink(image.c_str()) == 0, "unlink " + image);
}

}  // namespace

std::string_view name(FileSystem file_system) {
  switch (file_system) {
    case FileSystem::ext4:
      return "ext4";
    case FileSystem::tmpfs:
      return "tmpfs";
    case FileSystem::xfs:
      return "xfs";
    case FileSystem::btrfs:
      return "btrfs";
    case FileSystem::overlay:
      break;
  }
  return "overlay";
}

std::vector<FileSystem> all_file_systems() {
  return {FileSystem::ext4, FileSystem::tmpfs, FileSystem::xfs, FileSystem::btrfs,
          FileSystem::overlay};
}

std::vector<FileSystem> file_systems() {
  std::vector<FileSystem> out = all_file_systems();
  out.resize(sample(2, out.size(), "file systems: ext4 and tmpfs, not xfs, btrfs and overlay"));
  return out;
}

ImageMount::ImageMount(FileSystem file_system) {
  // Other users act in what is mounted here.
  require(::chmod(place_.root().c_str(), 0755) == 0, "chmod " + place_.root());
  const std::string point = place_.directory("mount");
  switch (file_system) {
    case FileSystem::tmpfs:
      require(mount("tmpfs", point.c_str(), "tmpfs", 0, "mode=0755") == 0, "mount tmpfs");
      break;
    case FileSystem::overlay: {
      const std::string base = place_.directory("base");
      require(mount("tmpfs", base.c_str(), "tmpfs", 0, "mode=0755") == 0, "mount tmpfs");
      mounted_.push_back(base);
      for (const char* part : {"base/lower", "base/upper", "base/work"}) place_.directory(part);
      const std::string options =
          "lowerdir=" + base + "/lower,upperdir=" + base + "/upper,workdir=" + base + "/work";
      require(mount("overlay", point.c_str(), "overlay", 0, options.c_str()) == 0, "mount overlay");
      break;
    }
    default:
      mount_image(place_, std::string(name(file_system)), point);
  }
  mounted_.push_back(point);
  require(::chmod(point.c_str(), 0755) == 0, "chmod " + point);
  tree_ = std::make_unique<TempTree>(point);
  require(::chmod(tree_->root().c_str(), 0755) == 0, "chmod " + tree_->root());
}

ImageMount::~ImageMount() {
  // What lies on the file system vanishes with it, before anybody begins to remove it name by name.
  for (auto it = mounted_.rbegin(); it != mounted_.rend(); ++it) {
    (void)umount2(it->c_str(), MNT_DETACH);
  }
}

Mounted::Mounted(const std::string& source, std::string point, const std::string& type,
                 unsigned long flags, const std::string& data)
    : point_(std::move(point)) {
  const char* const options = data.empty() ? nullptr : data.c_str();
  require(mount(source.c_str(), point_.c_str(), type.c_str(), flags, options) == 0,
          "mount on " + point_);
}

Mounted::~Mounted() { (void)umount2(point_.c_str(), MNT_DETACH); }

}  // namespace permward::test
