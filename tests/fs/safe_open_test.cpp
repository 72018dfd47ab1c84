// SPDX-License-Identifier: Apache-2.0
// Where paths lead when others may link, rename and replace: whose links are followed, and whose
// are not.
#include "os/safe_open.hpp"

#include "os/mounts.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/real_acl.hpp"

#include <fcntl.h>
#include <functional>
#include <memory>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at) out.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

// Safe open with a directory in the place of `/`.
class Opener {
 public:
  explicit Opener(const std::string& root, bool old_kernel = false)
      : root_(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (old_kernel) {
      kernel_.pretend_no_openat2();
      kernel_.pretend_no_getxattrat();
    }
    Result<Mounts> mounts = read_mounts(kernel_);
    REQUIRE(mounts.ok());
    mounts_ = std::move(*mounts);
    observer_ = std::make_unique<Observer>(kernel_, mounts_);
    safe_open_ = std::make_unique<SafeOpen>(kernel_, *observer_, root_.get());
  }

  // Where it leads, `PATH` of a directory that is there, `PATH absent`, or `refused PATH`,
  // `denied PATH`, `failed PATH`, with the component's path.
  std::string lead(const std::string& path) {
    const std::vector<std::string> names = names_of(path);
    const Result<WayPtr> way = safe_open_->directory(names);
    if (!way.ok()) return error(way.error());
    const WayPtr& at = *way;
    REQUIRE(at->present == static_cast<bool>(at->fd));
    return path_of(at->names) + (at->present ? "" : " absent");
  }

  // The same of a last component that is followed.
  std::string follow(const std::string& path) {
    std::vector<std::string> names = names_of(path);
    const std::string last = names.back();
    names.pop_back();
    const Result<WayPtr> way = safe_open_->directory(names);
    REQUIRE(way.ok());
    const auto followed = safe_open_->follow_last(*way, last);
    if (!followed.ok()) return error(followed.error());
    return *followed ? path_of(**followed) : "no link";
  }

  // The message of a refusal.
  std::string why(const std::string& path) {
    const Result<WayPtr> way = safe_open_->directory(names_of(path));
    REQUIRE_FALSE(way.ok());
    return way.error().doing;
  }

  SafeOpen& safe_open() { return *safe_open_; }

 private:
  static std::string error(const Error& error) {
    switch (error.kind) {
      case ErrorKind::insecure_path:
        return "refused " + error.subject;
      case ErrorKind::denied:
        return "denied " + error.subject;
      default:
        return "failed " + error.subject;
    }
  }

  Kernel kernel_;
  Mounts mounts_;
  Fd root_;
  std::unique_ptr<Observer> observer_;
  std::unique_ptr<SafeOpen> safe_open_;
};

// On each file system, with the kernel as it is and as an older one.
void for_each_kernel(const std::vector<FileSystem>& on,
                     const std::function<void(TempTree&, bool old_kernel)>& run) {
  for (const FileSystem file_system : on) {
    for (const bool old_kernel : {false, true}) {
      INFO(name(file_system) << (old_kernel ? ", an old kernel" : ""));
      ImageMount mount(file_system);
      run(mount.tree(), old_kernel);
    }
  }
}

// A link of mallory's.
void his_link(TempTree& tree, const std::string& name, const std::string& text) {
  tree.symlink(name, text);
  tree.chown(name, mallory, mallory);
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("links of root that only root may remove are followed - T104") {
  for_each_kernel(all_file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("usr/bin/sub");
    tree.directory("run/lock");
    tree.directory("srv/a/b");
    tree.symlink("bin", "usr/bin");
    tree.symlink("var/run", "../run");
    tree.symlink("var/abs", "/run/lock");
    tree.symlink("var/round", "/srv/a/../a/./b/../../a//b/");
    tree.symlink("var/chain", "abs/../../bin");
    tree.symlink("var/root", "/");
    tree.symlink("var/here", ".");
    tree.symlink("var/above", "../../../../usr");
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead("/") == "/");
    REQUIRE(opener.lead("/bin") == "/usr/bin");
    REQUIRE(opener.lead("/bin/sub") == "/usr/bin/sub");
    REQUIRE(opener.lead("/bin/none/below") == "/usr/bin/none/below absent");
    REQUIRE(opener.lead("/var/run/lock") == "/run/lock");
    REQUIRE(opener.lead("/var/abs") == "/run/lock");
    REQUIRE(opener.lead("/var/round") == "/srv/a/b");
    REQUIRE(opener.lead("/var/chain/sub") == "/usr/bin/sub");
    REQUIRE(opener.lead("/var/root/bin/sub") == "/usr/bin/sub");
    REQUIRE(opener.lead("/var/here/here/run") == "/run");
    REQUIRE(opener.lead("/var/above/bin") == "/usr/bin");
  });
}

TEST_CASE("a link of another user in the middle is refused by its name - T02") {
  for_each_kernel(all_file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("safe/sub");
    tree.directory("home");
    tree.directory("root");
    his_link(tree, "home/d", tree.path("safe"));
    his_link(tree, "root/d", "../safe");  // moved there while mallory could
    tree.symlink("root/way", "../home/d/sub");
    tree.chown("home", mallory, mallory);
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead("/home/d/shadow") == "refused /home/d");
    REQUIRE(opener.why("/home/d") == "follow a link that is not root's,");
    REQUIRE(opener.lead("/root/d/sub") == "refused /root/d");
    REQUIRE(opener.lead("/root/way") == "refused /home/d");
    // What there is beside it goes on.
    REQUIRE(opener.lead("/home/other") == "/home/other absent");
    REQUIRE(opener.lead("/home") == "/home");
  });
}

TEST_CASE("links of root that others may replace are refused - T08 T09") {
  for_each_kernel(file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("safe/sub");
    for (const char* one : {"own", "group", "other", "acl", "deep/above/below"}) {
      tree.directory(one);
      tree.symlink(std::string(one) + "/link", "/safe");
    }
    tree.chown("own", mallory, 0);
    tree.chown("group", 0, mallory);
    tree.chmod("group", 0775);
    tree.chmod("other", 0777);
    set_acl(tree.path("acl"), acl_for_user(mallory, 7, 7));
    tree.chown("deep", mallory, mallory);
    tree.chmod("deep", 0700);
    Opener opener(tree.root(), old_kernel);
    for (const char* one : {"own", "group", "other", "acl", "deep/above/below"}) {
      INFO(one);
      const std::string link = std::string("/") + one + "/link";
      REQUIRE(opener.lead(link + "/sub") == "refused " + link);
      REQUIRE(opener.why(link) == "follow a link that others than root may replace,");
      // Real directories there are what their names say.
      REQUIRE(opener.lead(std::string("/") + one) == std::string("/") + one);
    }
  });
}

TEST_CASE("a group without members counts, and so does group 0 - T09") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.directory("safe");
  tree.directory("d", 0775);
  tree.symlink("d/link", "/safe");
  Opener opener(tree.root());
  REQUIRE(opener.lead("/d/link") == "refused /d/link");
}

TEST_CASE("an ACL whose mask leaves nothing to write controls nothing - T08") {
  for_each_kernel(file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("safe");
    tree.directory("masked");
    tree.directory("reads");
    tree.symlink("masked/link", "/safe");
    tree.symlink("reads/link", "/safe");
    set_acl(tree.path("masked"), acl_for_user(mallory, 7, 5));
    set_acl(tree.path("reads"), acl_for_user(mallory, 5, 7));
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead("/masked/link") == "/safe");
    REQUIRE(opener.lead("/reads/link") == "/safe");
  });
}

TEST_CASE("in a sticky directory root's own link is followed and nobody else's - T09 T104") {
  for_each_kernel(file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("safe");
    tree.directory("tmp", 01777);
    tree.symlink("tmp/roots", "/safe");
    his_link(tree, "tmp/his", "/safe");
    tree.directory("his-tmp", 01777);
    tree.symlink("his-tmp/roots", "/safe");
    tree.chown("his-tmp", mallory, mallory);
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead("/tmp/roots") == "/safe");
    REQUIRE(opener.lead("/tmp/his") == "refused /tmp/his");
    REQUIRE(opener.lead("/his-tmp/roots") == "refused /his-tmp/roots");
  });
}

TEST_CASE("a link of root that others could have put there by another name is refused - T05") {
  for_each_kernel(file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("safe");
    tree.directory("elsewhere");
    tree.symlink("elsewhere/link", "/safe");
    tree.directory("tmp", 01777);
    tree.hard_link("tmp/planted", "elsewhere/link");
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead("/tmp/planted") == "refused /tmp/planted");
    // Where only root could have linked it, it is as good as with one name.
    REQUIRE(opener.lead("/elsewhere/link") == "/safe");
  });
}

TEST_CASE("a mount point in the directory of another user cannot be replaced - T09") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.directory("safe");
  tree.directory("home/mallory/mnt");
  tree.chown("home/mallory", mallory, mallory);
  Mounted tmpfs("tmpfs", tree.path("home/mallory/mnt"), "tmpfs", 0, "mode=0755");
  tree.symlink("home/mallory/mnt/link", "/safe");
  Opener opener(tree.root());
  REQUIRE(opener.lead("/home/mallory/mnt/link") == "/safe");
}

TEST_CASE("loops end and 40 links are followed - T101") {
  for_each_kernel({FileSystem::ext4}, [](TempTree& tree, bool old_kernel) {
    tree.directory("a/b");
    tree.symlink("a/b/up", "..");
    tree.symlink("a/loop", "loop");
    tree.symlink("a/tick", "tock");
    tree.symlink("a/tock", "tick");
    tree.symlink("a/inside", "inside/below");
    tree.directory("end");
    tree.symlink("l0", "end");
    for (int i = 1; i <= 40; ++i) {
      tree.symlink("l" + std::to_string(i), "l" + std::to_string(i - 1));
    }
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead("/a/b/up/b/up/b/up") == "/a");
    REQUIRE(opener.lead("/a/loop") == "refused /a/loop");
    REQUIRE(opener.why("/a/loop") == "follow more than 40 links,");
    REQUIRE(opener.lead("/a/tick/x").starts_with("refused /a/t"));
    REQUIRE(opener.lead("/a/inside") == "refused /a/inside");
    REQUIRE(opener.lead("/l39") == "/end");  // 40 links
    REQUIRE(opener.lead("/l40").starts_with("refused /l"));
    // Each component of a path has as many.
    REQUIRE(opener.lead("/l39/x") == "/end/x absent");
  });
}

TEST_CASE("what is absent stays absent, whatever the text of a link goes on with - T101") {
  for_each_kernel({FileSystem::ext4}, [](TempTree& tree, bool old_kernel) {
    tree.directory("there");
    tree.file("plain");
    tree.symlink("l/absent", "/gone/../there");
    tree.symlink("l/plain", "/plain/../there");
    tree.symlink("l/dangling", "/gone/deep");
    Opener opener(tree.root(), old_kernel);
    for (const char* one : {"/l/absent", "/l/plain", "/l/dangling"}) {
      INFO(one);
      struct stat status {};
      REQUIRE(stat((tree.root() + one).c_str(), &status) != 0);  // as for the kernel
      REQUIRE(opener.lead(one).ends_with(" absent"));
    }
    REQUIRE(opener.lead("/plain/x") == "/plain/x absent");
  });
}

TEST_CASE("a link's text of any length is read") {
  for_each_kernel({FileSystem::ext4, FileSystem::tmpfs}, [](TempTree& tree, bool old_kernel) {
    tree.directory("there/x");
    for (const std::size_t length :
         {std::size_t{255}, std::size_t{256}, std::size_t{257}, std::size_t{4095}}) {
      std::string text = "/there/x";
      if ((length - text.size()) % 2 != 0) text += '/';
      while (text.size() < length) text += "/.";
      REQUIRE(text.size() == length);
      tree.symlink("l" + std::to_string(length), text);
      Opener opener(tree.root(), old_kernel);
      REQUIRE(opener.lead("/l" + std::to_string(length)) == "/there/x");
    }
  });
}

TEST_CASE("a magic link of procfs leads where its text says and nowhere else - T20") {
  TempTree tree;
  tree.directory("x");
  Opener opener("/");
  Mounted proc("proc", tree.directory("proc"), "proc");
  // The kernel would jump into the process's root; the text is a path like any other.
  REQUIRE(opener.lead(tree.path("proc/self/root") + tree.path("x")) == tree.path("x"));
  const Fd held(open(tree.path("x").c_str(), O_PATH | O_CLOEXEC));
  const std::string link = tree.path("proc/self/fd/") + std::to_string(held.get());
  REQUIRE(opener.lead(link) == tree.path("x"));
  REQUIRE(rmdir(tree.path("x").c_str()) == 0);
  REQUIRE(opener.lead("/") == "/");  // the way is not remembered
  REQUIRE(opener.lead(link) == tree.path("x (deleted)") + " absent");
}

TEST_CASE("a path of hundreds of names is resolved and so are its beginnings - T72") {
  for_each_kernel({FileSystem::ext4}, [](TempTree& tree, bool old_kernel) {
    tree.symlink("n/self", ".");
    std::string deep;
    for (int i = 0; i < 300; ++i) deep += "/n";
    tree.directory(deep.substr(1) + "/end");
    tree.symlink(deep.substr(1) + "/self", ".");
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.lead(deep + "/end") == deep + "/end");
    REQUIRE(opener.lead(deep + "/gone") == deep + "/gone absent");
    REQUIRE(opener.lead(deep.substr(0, 200)) == deep.substr(0, 200));
    REQUIRE(opener.lead(deep + "/end") == deep + "/end");
    REQUIRE(opener.lead("/n") == "/n");
    REQUIRE(opener.lead(deep + "/self/self/self/end") == deep + "/end");
    REQUIRE(opener.lead("/n" + repeated("/self", 100) + "/n") == "/n/n");
  });
}

TEST_CASE("a last link is followed once, only root's, only where root alone is - T01") {
  for_each_kernel(file_systems(), [](TempTree& tree, bool old_kernel) {
    tree.directory("live/site");
    tree.file("live/site/cert7.pem");
    tree.symlink("live/site/cert.pem", "../site/cert7.pem");
    tree.symlink("live/site/current", "cert.pem");
    tree.symlink("live/site/gone", "/nowhere/x");
    tree.symlink("live/site/up", "..");
    tree.symlink("live/site/root", "/");
    tree.symlink("live/site/slash", "../site/");
    tree.symlink("live/site/here", ".");
    his_link(tree, "live/site/his", "cert7.pem");
    tree.directory("tmp", 01777);
    tree.symlink("tmp/link", "/live/site/cert7.pem");
    tree.directory("home");
    tree.symlink("home/link", "/live/site/cert7.pem");
    tree.chown("home", mallory, mallory);
    Opener opener(tree.root(), old_kernel);
    REQUIRE(opener.follow("/live/site/cert.pem") == "/live/site/cert7.pem");
    REQUIRE(opener.follow("/live/site/cert7.pem") == "no link");
    REQUIRE(opener.follow("/live/site/absent") == "no link");
    REQUIRE(opener.follow("/live/site/current") == "/live/site/cert.pem");  // once
    REQUIRE(opener.follow("/live/site/gone") == "/nowhere/x");
    REQUIRE(opener.follow("/live/site/up") == "/live");
    REQUIRE(opener.follow("/live/site/root") == "/");
    REQUIRE(opener.follow("/live/site/slash") == "/live/site");
    REQUIRE(opener.follow("/live/site/here") == "/live/site");
    REQUIRE(opener.follow("/live/site/his") == "refused /live/site/his");
    REQUIRE(opener.follow("/tmp/link") == "refused /tmp/link");
    REQUIRE(opener.follow("/home/link") == "refused /home/link");
  });
}

TEST_CASE("who may not search a directory is told which one") {
  for (const FileSystem file_system : file_systems()) {
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.directory("closed/a/b");
    tree.directory("open/a");
    tree.chmod("closed", 0700);
    tree.chmod("open", 0711);
    REQUIRE(run_as(mallory, mallory, [&] {
              Opener opener(tree.root());
              const bool right = opener.lead("/closed") == "/closed" &&
                                 opener.lead("/closed/a/b") == "denied /closed/a" &&
                                 opener.lead("/open/a") == "/open/a";
              return right ? 0 : 1;
            }) == 0);
  }
}

TEST_CASE("a link that is exchanged for a directory is never followed - T04") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  tree.directory("safe");
  tree.directory("home/d");
  his_link(tree, "home/l", "/safe");
  tree.chown("home", mallory, mallory);
  tree.chown("home/d", mallory, mallory);
  ExchangeLoop loop(mallory, tree.path("home/d"), tree.path("home/l"));
  Opener opener(tree.root());
  int refused = 0;
  int entered = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string led = opener.lead(i % 2 == 0 ? "/home/d" : "/home/l");
    if (led == "refused /home/d" || led == "refused /home/l") {
      ++refused;
    } else {
      REQUIRE((led == "/home/d" || led == "/home/l"));
      ++entered;
    }
    REQUIRE(opener.lead("/") == "/");  // forgets the way
  }
  REQUIRE(refused > 0);
  REQUIRE(entered > 0);
  REQUIRE(loop.times() > 0);
}
