// SPDX-License-Identifier: Apache-2.0
#include "os/policy_files.hpp"

#include "os/read_file.hpp"
#include "os/root.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t most_bytes_read =
    (16U << 20) + 1;  // the loader refuses what has more than 16 MiB
constexpr std::string_view suffix = ".toml";

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

// One collection of files, from whichever places.
class Reader {
 public:
  // `root` must outlive it.
  Reader(int root, std::uint32_t caller) : trust_(root, caller) {}

  void add_directories(const std::vector<std::string>& directories);
  void add_named(const std::string& name);
  void failed(const std::string& name, const Error& error);
  [[nodiscard]] PolicyFiles take() {
    out_.distrust = trust_.distrust();
    return std::move(out_);
  }

 private:
  enum class Empty : unsigned char { is_a_policy, is_a_mask };

  void add_file(const std::string& name, const std::string& path, Empty empty);
  void add_opened(const std::string& name, OpenedPolicy opened, Empty empty);
  void mistake(Code code, const std::string& file, std::string message, std::string help = {});

  PolicyTrust trust_;
  PolicyFiles out_;
};

void Reader::mistake(Code code, const std::string& file, std::string message, std::string help) {
  Diagnostic out = make_diagnostic(code, std::move(message), std::move(help));
  out.file = file;
  out_.mistakes.push_back(std::move(out));
}

void Reader::failed(const std::string& name, const Error& error) {
  if (error.kind == ErrorKind::not_found) {
    return mistake(Code::policy_not_found, name, "there is no such policy");
  }
  const std::string why = error.number != 0 ? std::generic_category().message(error.number)
                                            : "the file changed while it was opened";
  mistake(Code::policy_unreadable, name, "the policy cannot be read: " + why);
}

void Reader::add_opened(const std::string& name, OpenedPolicy opened, Empty empty) {
  if (opened.null_device && empty == Empty::is_a_mask) return;
  if (opened.type != Type::file) {
    return mistake(Code::policy_not_regular, name,
                   "a policy is a regular file, and this is of type '" +
                       std::string(permward::name(opened.type)) + "'");
  }
  auto text = read_up_to(opened.fd.get(), most_bytes_read, name);
  if (!text) return failed(name, text.error());
  if (text->empty() && empty == Empty::is_a_mask) return;
  out_.files.push_back({name, std::move(*text)});
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
  std::string path = name;
  if (!path.starts_with('/')) {
    const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
    if (!here) return failed(name, system_error(errno, "find", "."));
    path = below(here.get(), name);
  }
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

}  // namespace permward
