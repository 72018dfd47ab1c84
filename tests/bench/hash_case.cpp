// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/check_run.hpp"
#include "bench/content.hpp"
#include "bench/policy_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace permward::bench {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t large = 32 * mib;
constexpr std::size_t small = 16 * 1024;

// Files that are hashed together.
struct Corpus {
  std::string work;
  std::string policy;
  std::string list;  // their paths, one a line
  std::size_t bytes = 0;
};

Corpus describe(const Tree& tree, const std::string& name, std::string work,
                const std::vector<const Content*>& contents) {
  Corpus out{.work = std::move(work), .list = tree.base() + '/' + name};
  PolicyFile policy(out.list + ".toml");
  std::ofstream list(out.list);
  for (const Content* content : contents) {
    policy.add("path = \"" + content->directory +
               "\"\nrecurse = true\ntype = \"file\"\nancestors = \"ignore\"\n"
               "content = { sha256 = \"" +
               content->sha256 + "\" }\n");
    for (const std::string& file : content->files) list << file << '\n';
    out.bytes += content->bytes;
  }
  out.policy = policy.finish();
  if (!list.flush()) throw std::runtime_error("cannot write " + out.list);
  return out;
}

// What openssl(1) hashes in a second of CPU time of one core: the line `+F:…:sha256:BYTES`.
double openssl_rate(const Tree& tree) {
  const std::string output = tree.base() + "/openssl";
  run({.words = {"openssl", "speed", "-mr", "-evp", "sha256", "-bytes", "16384", "-seconds", "1"},
       .output = output},
      tree.log());
  std::ifstream in(output);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("+F:")) return std::stod(line.substr(line.rfind(':') + 1));
  }
  throw std::runtime_error("openssl speed tells no rate");
}

// As long as openssl would take for so many bytes that it need not read, if cores shared them.
Ran openssl(const Tree& tree, std::size_t bytes, unsigned threads) {
  const double cpu_s = static_cast<double>(bytes) / openssl_rate(tree);
  return {cpu_s / threads, cpu_s};
}

Comparison compare(const Options& options, const Tree& tree, const Corpus& corpus,
                   unsigned threads) {
  const Command floor = inner_command({"hash", corpus.list, std::to_string(threads)});
  const Command check = check_command(options, corpus.policy, threads);
  Comparison out{"hash: " + corpus.work + ", threads: " + std::to_string(threads), {}};
  if (find_program("openssl")) {
    out.sides.push_back(
        {"openssl speed, for as much",
         [&tree, bytes = corpus.bytes, threads] { return openssl(tree, bytes, threads); },
         "openssl"});
  } else {
    out.left_out.emplace_back("openssl speed (package openssl)");
  }
  out.sides.push_back(
      {"reading and hashing alone", [=, log = tree.log()] { return run(floor, log); }});
  out.sides.push_back({"permward check", [=, log = tree.log()] { return run(check, log); }});
  take_turns(out, options.rounds);
  return out;
}

std::string amount(const Content& content, const char* size) {
  return std::to_string(content.files.size()) + " files of " + size;
}

}  // namespace

void compare_hashes(const Options& options, const Tree& tree, const Show& show) {
  const std::size_t bytes = options.content_mib * mib / 2;
  const auto make = [&](const char* name, std::size_t size) {
    return make_content(tree.base() + name, std::max<std::size_t>(1, bytes / size), size);
  };
  const Content large_files = make("/large", large);
  const Content small_files = make("/small", small);
  const std::string of_large = amount(large_files, "32 MiB");
  const std::string of_small = amount(small_files, "16 KiB");
  const Corpus corpora[] = {
      describe(tree, "hash-large", of_large, {&large_files}),
      describe(tree, "hash-small", of_small, {&small_files}),
      describe(tree, "hash-both", of_large + ", " + of_small, {&large_files, &small_files})};
  for (const Corpus& corpus : corpora) {
    for (const unsigned threads : thread_counts(options)) {
      show(compare(options, tree, corpus, threads));
    }
  }
  std::filesystem::remove_all(large_files.directory);
  std::filesystem::remove_all(small_files.directory);
}

}  // namespace permward::bench
