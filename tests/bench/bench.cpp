// SPDX-License-Identifier: Apache-2.0
// Compares `permward check` with a program that reads the same of the same tree and does nothing
// with it. Both are processes of their own, and take turns, so that a machine that gets slower gets
// slower for both. Prints medians and their ratio; asserts nothing.
#include "bench/floor.hpp"
#include "bench/stopped.hpp"
#include "bench/tree.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using permward::bench::Reads;
using permward::bench::Tree;

constexpr std::string_view usage_text =
    "usage: bench --permward PROGRAM [OPTIONS]\n"
    "  --files N     files in the tree (default 100000)\n"
    "  --rounds N    rounds of each case (default 7)\n"
    "  --jobs N      the most threads (default: the CPUs); cases are run with 1 and with N\n"
    "  --dir DIR     where the tree is made (default: $TMPDIR, else /var/tmp)\n"
    "  --json FILE   the figures, for programs\n";

struct Options {
  std::string permward;
  std::string json;
  std::string directory;
  std::size_t files = 100000;
  std::size_t rounds = 7;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

struct Usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Number>
Number number(std::string_view option, std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw Usage(std::string(option) + " wants a number above 0, not " + std::string(text));
  }
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  const char* tmpdir = std::getenv("TMPDIR");
  options.directory = tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/var/tmp";
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) throw Usage(std::string(option) + " wants a value");
    const std::string_view value = argv[i + 1];
    if (option == "--permward") {
      options.permward = value;
    } else if (option == "--json") {
      options.json = value;
    } else if (option == "--dir") {
      options.directory = value;
    } else if (option == "--files") {
      options.files = number<std::size_t>(option, value);
    } else if (option == "--rounds") {
      options.rounds = number<std::size_t>(option, value);
    } else if (option == "--jobs") {
      options.jobs = number<unsigned>(option, value);
    } else {
      throw Usage("unknown option " + std::string(option));
    }
  }
  if (options.permward.empty()) throw Usage("--permward is missing");
  return options;
}

struct Ran {
  double seconds = 0;
  long max_rss_kb = 0;
};

// Runs a program to its end, its output into `log`. Throws unless it exits with 0.
Ran run(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);

  const auto start = std::chrono::steady_clock::now();
  pid_t child = -1;
  const int error =
      posix_spawn(&child, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "run " + command[0]);

  int status = 0;
  rusage usage{};
  // A signal that ends this program reaches the child too, or is passed on.
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "wait");
    kill(child, SIGTERM);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  permward::bench::check_stopped();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::ostringstream text;
    text << command[0] << (WIFEXITED(status) ? " exited with " : " was killed by signal ")
         << (WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)) << " and said:\n"
         << std::ifstream(log).rdbuf();
    throw std::runtime_error(text.str());
  }
  return {took.count(), usage.ru_maxrss};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

struct Measured {
  std::string name;
  unsigned threads = 1;
  std::vector<double> floor;
  std::vector<double> check;
  long check_rss_kb = 0;

  double ratio() const { return median(check) / median(floor); }
};

// One recursive rule that everything in the tree keeps.
std::string write_policy(const Tree& tree, Reads reads) {
  const bool acl = reads == Reads::status_and_acl;
  const std::string name = tree.base() + (acl ? "/acl.toml" : "/status.toml");
  std::ofstream out(name);
  out << "schema = 1\n\n[[rule]]\nid = \"bench\"\npath = \"" << tree.root() << "\"\n"
      << "recurse = true\nancestors = \"ignore\"\n"
      << "owner = " << geteuid() << "\ngroup = " << getegid() << '\n'
      << (acl ? "acl = []\n" : "") << "files = { mode = { at_most = \"0644\" } }\n"
      << "directories = { mode = { at_most = \"0755\" } }\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + name);
  return name;
}

Measured measure(const Options& options, const Tree& tree, Reads reads, unsigned threads) {
  const std::string policy = write_policy(tree, reads);
  const std::string log = tree.base() + "/log";
  const std::string jobs = std::to_string(threads);
  const bool acl = reads == Reads::status_and_acl;
  const std::vector<std::string> floor = {"/proc/self/exe", "floor", tree.root(), jobs,
                                          acl ? "acl" : "status"};
  const std::vector<std::string> check = {options.permward, "check", "--policy", policy,
                                          "--jobs",         jobs,    "--quiet"};
  Measured measured{acl ? "status and ACL" : "status", threads, {}, {}, 0};
  run(floor, log);  // both once to warm the caches
  run(check, log);
  for (std::size_t round = 0; round < options.rounds; ++round) {
    measured.floor.push_back(run(floor, log).seconds);
    const Ran ran = run(check, log);
    measured.check.push_back(ran.seconds);
    measured.check_rss_kb = std::max(measured.check_rss_kb, ran.max_rss_kb);
  }
  return measured;
}

void print(const Measured& measured) {
  std::cout << std::left << std::setw(16) << measured.name << std::right << std::setw(7)
            << measured.threads << std::fixed << std::setprecision(3) << std::setw(15)
            << median(measured.floor) << std::setw(16) << median(measured.check) << std::setw(9)
            << std::setprecision(2) << measured.ratio() << std::setw(10)
            << measured.check_rss_kb / 1024 << std::endl;
}

void write_list(std::ostream& out, const std::vector<double>& values) {
  out << '[';
  for (std::size_t i = 0; i < values.size(); ++i) out << (i == 0 ? "" : ", ") << values[i];
  out << ']';
}

void write_json(const Options& options, const Tree& tree, const std::vector<Measured>& all) {
  utsname system{};
  uname(&system);
  std::ofstream out(options.json);
  out << std::fixed << std::setprecision(6) << "{\n  \"files\": " << tree.files()
      << ",\n  \"directories\": " << tree.directories() << ",\n  \"rounds\": " << options.rounds
      << ",\n  \"cpus\": " << std::thread::hardware_concurrency() << ",\n  \"kernel\": \""
      << system.release << "\",\n  \"root\": " << (geteuid() == 0 ? "true" : "false")
      << ",\n  \"cases\": [";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Measured& one = all[i];
    out << (i == 0 ? "" : ",") << "\n    {\"reads\": \"" << one.name
        << "\", \"threads\": " << one.threads << ", \"ratio\": " << one.ratio()
        << ", \"check_max_rss_kb\": " << one.check_rss_kb
        << ",\n     \"floor_median_s\": " << median(one.floor)
        << ", \"check_median_s\": " << median(one.check) << ",\n     \"floor_s\": ";
    write_list(out, one.floor);
    out << ",\n     \"check_s\": ";
    write_list(out, one.check);
    out << '}';
  }
  out << "\n  ]\n}\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + options.json);
}

int compare(const Options& options) {
  permward::bench::catch_signals();
  const Tree tree(options.directory, options.files);
  std::cout << tree.files() << " files in " << tree.directories() << " directories below "
            << options.directory << ", medians of " << options.rounds << " rounds\n";
  if (geteuid() != 0)
    std::cout << "not as root: check opens every object, for others own the tree\n";
  std::cout << "reads           threads  only read (s)  permward (s)    ratio  RSS (MB)\n";

  std::vector<unsigned> threads = {1};
  if (options.jobs > 1) threads.push_back(options.jobs);
  std::vector<Measured> all;
  for (const Reads reads : {Reads::status, Reads::status_and_acl}) {
    for (const unsigned count : threads) {
      all.push_back(measure(options, tree, reads, count));
      print(all.back());
    }
  }
  if (!options.json.empty()) write_json(options, tree, all);
  return 0;
}

// `bench floor TREE THREADS status|acl`: how this program calls itself.
int floor_only(char** argv) {
  const Reads reads = std::string_view(argv[4]) == "acl" ? Reads::status_and_acl : Reads::status;
  std::cout << permward::bench::walk(argv[2], number<unsigned>("THREADS", argv[3]), reads) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 5 && std::string_view(argv[1]) == "floor") return floor_only(argv);
    return compare(parse(argc, argv));
  } catch (const Usage& mistake) {
    std::cerr << "bench: " << mistake.what() << '\n' << usage_text;
    return 64;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
}
