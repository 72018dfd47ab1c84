// SPDX-License-Identifier: Apache-2.0
#include "os/policy_files.hpp"

#include "base/text.hpp"
#include "os/read_file.hpp"
#include "os/root.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t most_bytes_read =
    (16U << 20) + 1;  // the loader refuses what has more than 16 MiB
constexpr std::string_view suffix = ".toml";
constexpr std::string_view settings_noun = "settings file";

bool is_policy_name(std::string_view name) {
  return name.size() > suffix.size() && !name.starts_with('.') && name.ends_with(suffix);
}

std::string below(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

// Sorted by bytes.
Result<std::vector<std::string>> policy_names(Fd directory, const std::string& path) {
  const auto close = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(directory.get()), close);
  if (!stream) return system_error(errno, "list", path);
  (void)directory.release();  // the stream's now
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (is_policy_name(entry->d_name)) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return system_error(errno, "list", path);
  std::sort(names.begin(), names.end());
  return names;
}

// `name` from the working directory.
Result<std::string> from_here(const std::string& name) {
  if (name.starts_with('/')) return name;
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  if (!here) return system_error(errno, "find", ".");
  return below(here.get(), name);
}

// One collection of files, from whichever places.
class Reader {
 public:
  // `root` must outlive it. `noun`: what a file is called in messages.
  Reader(int root, std::uint32_t caller, std::string_view noun = "policy")
      : trust_(root, caller), noun_(noun) {}

  void add_directories(const std::vector<std::string>& directories);
  void add_named(const std::string& name);
  void add_settings(const std::string& path);
  void add_named_settings(const std::string& name);
  void failed(const std::string& name, const Error& error);
  [[nodiscard]] PolicyFiles take() {
    out_.distrust = trust_.distrust();
    return std::move(out_);
  }

 private:
  // What an empty file is. So is the null device, but where it would be a policy.
  enum class Empty : unsigned char { is_a_policy, is_a_mask, sets_nothing };

  void add_file(const std::string& name, const std::string& path, Empty empty);
  void add_opened(const std::string& name, OpenedPolicy opened, Empty empty);
  bool names_something(const std::string& path);
  void forget_earlier(const std::string& name, int file);
  void mistake(Code code, const std::string& file, std::string message, std::string help = {});

  PolicyTrust trust_;
  std::string noun_;
  PolicyFiles out_;
  using Identity = std::pair<dev_t, ino_t>;
  std::vector<Identity> named_;  // one a file, of those that were named by hand
};

void Reader::mistake(Code code, const std::string& file, std::string message, std::string help) {
  Diagnostic out = make_diagnostic(code, std::move(message), std::move(help));
  out.file = file;
  out_.mistakes.push_back(std::move(out));
}

void Reader::failed(const std::string& name, const Error& error) {
  if (error.kind == ErrorKind::not_found) {
    return mistake(Code::policy_not_found, name, "there is no such " + noun_);
  }
  const std::string why = error.number != 0 ? std::generic_category().message(error.number)
                                            : "the file changed while it was opened";
  mistake(Code::policy_unreadable, name, "the " + noun_ + " cannot be read: " + why);
}

void Reader::add_opened(const std::string& name, OpenedPolicy opened, Empty empty) {
  if (opened.null_device && empty == Empty::is_a_mask) return;
  if (opened.null_device && empty == Empty::sets_nothing) {
    out_.files.push_back({name, ""});
    return;
  }
  if (opened.type != Type::file) {
    return mistake(Code::policy_not_regular, name,
                   "a " + noun_ + " is a regular file, and this is of type '" +
                       std::string(permward::name(opened.type)) + "'");
  }
  auto text = read_up_to(opened.fd.get(), most_bytes_read, name);
  if (!text) return failed(name, text.error());
  if (text->empty() && empty == Empty::is_a_mask) return;
  if (empty == Empty::is_a_policy) forget_earlier(name, opened.fd.get());
  out_.files.push_back({name, std::move(*text)});
}

// A second reading of its rules would be a mistake in each of them.
void Reader::forget_earlier(const std::string& name, int file) {
  struct stat facts {};
  const bool known = ::fstat(file, &facts) == 0;
  const auto at = std::find(named_.begin(), named_.end(), Identity(facts.st_dev, facts.st_ino));
  if (known && at != named_.end()) {
    const auto earlier = out_.files.begin() + (at - named_.begin());
    mistake(Code::policy_named_twice, name,
            "the same file as " + printable(earlier->name) + ", which was named before",
            "it is read once, as this one");
    out_.files.erase(earlier);
    named_.erase(at);
  }
  named_.emplace_back(facts.st_dev, facts.st_ino);
}

void Reader::add_file(const std::string& name, const std::string& path, Empty empty) {
  auto opened = trust_.open(path);
  if (!opened) return failed(name, opened.error());
  add_opened(name, std::move(*opened), empty);
}

void Reader::add_directories(const std::vector<std::string>& directories) {
  std::map<std::string, std::string> paths;  // by base name; a later directory wins
  for (const std::string& directory : directories) {
    auto opened = trust_.open_directory(directory);
    if (!opened) {
      if (opened.error().kind != ErrorKind::not_found) failed(directory, opened.error());
      continue;
    }
    auto names = policy_names(std::move(opened->fd), directory);
    if (!names) {
      failed(directory, names.error());
      continue;
    }
    for (const std::string& name : *names) paths[name] = below(directory, name);
  }
  for (const auto& [name, path] : paths) add_file(path, path, Empty::is_a_mask);
}

void Reader::add_named(const std::string& name) {
  const Result<std::string> absolute = from_here(name);
  if (!absolute) return failed(name, absolute.error());
  const std::string& path = *absolute;
  auto opened = trust_.open(path);
  if (!opened) return failed(name, opened.error());
  if (opened->type != Type::directory) {
    return add_opened(name, std::move(*opened), Empty::is_a_policy);
  }
  auto directory = trust_.open_directory(path);
  if (!directory) return failed(name, directory.error());
  auto names = policy_names(std::move(directory->fd), name);
  if (!names) return failed(name, names.error());
  for (const std::string& file : *names) {
    add_file(below(name, file), below(path, file), Empty::is_a_policy);
  }
}

void Reader::add_settings(const std::string& path) {
  auto opened = trust_.open(path);
  if (opened) return add_opened(path, std::move(*opened), Empty::sets_nothing);
  const bool there = opened.error().kind != ErrorKind::not_found || names_something(path);
  if (there) failed(path, opened.error());
}

// A link that leads nowhere, say.
bool Reader::names_something(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const auto directory = trust_.open(path.substr(0, slash));
  if (!directory || directory->type != Type::directory) return false;
  struct stat facts {};
  return ::fstatat(directory->fd.get(), path.c_str() + slash + 1, &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

void Reader::add_named_settings(const std::string& name) {
  const Result<std::string> path = from_here(name);
  if (!path) return failed(name, path.error());
  add_file(name, *path, Empty::sets_nothing);
}

}  // namespace

PolicyFiles read_policy_directories(int root, const std::vector<std::string>& directories,
                                    std::uint32_t caller) {
  Reader reader(root, caller);
  reader.add_directories(directories);
  return reader.take();
}

PolicyFiles read_named_policies(const std::vector<std::string>& names, std::uint32_t caller) {
  const Result<Root> host = Root::host();
  Reader reader(host ? host->get() : -1, caller);
  for (const std::string& name : names) {
    if (host) {
      reader.add_named(name);
    } else {
      reader.failed(name, host.error());
    }
  }
  return reader.take();
}

PolicyFiles read_settings_file(int root, std::uint32_t caller) {
  Reader reader(root, caller, settings_noun);
  reader.add_settings(std::string(settings_path));
  PolicyFiles out = reader.take();
  if (out.files.empty() && out.mistakes.empty()) out.distrust.clear();
  return out;
}

PolicyFiles read_named_settings(const std::string& name, std::uint32_t caller) {
  const Result<Root> host = Root::host();
  Reader reader(host ? host->get() : -1, caller, settings_noun);
  if (host) {
    reader.add_named_settings(name);
  } else {
    reader.failed(name, host.error());
  }
  return reader.take();
}

}  // namespace permward
