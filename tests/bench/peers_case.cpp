// SPDX-License-Identifier: Apache-2.0
#include "bench/cases.hpp"
#include "bench/check_run.hpp"
#include "bench/policy_file.hpp"
#include "bench/stopped.hpp"

#include <cctype>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace permward::bench {
namespace {

// A program of others that looks at the tree and finds nothing to say, or to do.
struct Peer {
  std::string name;
  std::string package;                // Debian's
  std::vector<std::string> programs;  // the first that is there is it
  // Makes what the program needs, and returns its command.
  Command (*prepare)(const std::string& program, const Tree& tree);
};

std::string write_file(const std::string& name, const std::string& text) {
  std::ofstream out(name);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + name);
  return name;
}

std::string owner() { return std::to_string(geteuid()); }
std::string group() { return std::to_string(getegid()); }

// The owner, group and mode that the policy demands, as tests: prints what fails one.
Command find(const std::string& program, const Tree& tree) {
  return {.words = {program, tree.root(), "(",     "!",     "-uid", owner(), "-o",    "!",
                    "-gid",  group(),     "-o",    "-type", "f",    "-perm", "/7133", "-o",
                    "-type", "d",         "-perm", "/7022", ")",    "-print"}};
}

Command mtree(const std::string& program, const Tree& tree) {
  const std::string specification = tree.base() + "/mtree";
  run({.words = {program, "-c", "-k", "type,uid,gid,mode", "-p", tree.root()},
       .output = specification},
      tree.log());
  return {.words = {program, "-f", specification, "-p", tree.root()}};
}

// With a tilde the executable bits of what has none are left out: tmpfiles.d(5).
Command tmpfiles(const std::string& program, const Tree& tree) {
  const std::string line = "Z " + tree.root() + " ~0755 " + owner() + ' ' + group() + " - -\n";
  return {.words = {program, "--create", write_file(tree.base() + "/tmpfiles.conf", line)}};
}

Command lsattr(const std::string& program, const Tree& tree) {
  return {.words = {program, "-R", tree.root()}, .output = "/dev/null"};
}

Command getfacl(const std::string& program, const Tree& tree) {
  return {.words = {program, "-R", "-p", tree.root()}, .output = "/dev/null"};
}

Command setfacl(const std::string& program, const Tree& tree) {
  const std::string backup = tree.base() + "/acls";
  run({.words = {"getfacl", "-R", "-p", tree.root()}, .output = backup}, tree.log());
  return {.words = {program, "--restore=" + backup}};
}

// As aide.conf(5) takes it.
std::string regular_expression(const std::string& path) {
  std::string out;
  for (const char byte : path) {
    if (std::ispunct(static_cast<unsigned char>(byte)) != 0 && byte != '/') out += '\\';
    out += byte;
  }
  return out;
}

Command aide(const std::string& program, const Tree& tree) {
  const std::string database = tree.base() + "/aide.db";
  const std::string configuration =
      write_file(tree.base() + "/aide.conf", "database_in=file:" + database +
                                                 "\ndatabase_out=file:" + database +
                                                 "\ngzip_dbout=no\nreport_url=stdout\n" +
                                                 regular_expression(tree.root()) + " p+u+g+acl\n");
  run({.words = {program, "--config=" + configuration, "--init"}}, tree.log());
  return {.words = {program, "--config=" + configuration, "--check"}};
}

// What they tell, permward tells with `Reads::status`.
const std::vector<Peer> peers_of_status = {
    {"find", "findutils", {"find"}, find},
    {"mtree", "mtree-netbsd", {"mtree-netbsd", "mtree"}, mtree},
    {"systemd-tmpfiles --create, Z", "systemd", {"systemd-tmpfiles"}, tmpfiles}};

// What they tell, permward tells with `Reads::status_and_acl`.
const std::vector<Peer> peers_of_all = {{"lsattr -R", "e2fsprogs", {"lsattr"}, lsattr},
                                        {"getfacl -R", "acl", {"getfacl"}, getfacl},
                                        {"setfacl --restore", "acl", {"setfacl"}, setfacl},
                                        {"aide --check, p+u+g+acl", "aide", {"aide"}, aide}};

// Leaves a peer out that is not there, or that cannot do it here.
void add(const Peer& peer, const Tree& tree, Comparison& out) {
  for (const std::string& name : peer.programs) {
    const std::optional<std::string> program = find_program(name);
    if (!program) continue;
    try {
      const Command command = peer.prepare(*program, tree);
      Side side{peer.name, [command, log = tree.log()] { return run(command, log); }, peer.package};
      side.round();
      out.sides.push_back(std::move(side));
    } catch (const std::exception& error) {
      check_stopped();
      const std::string why = error.what();
      out.left_out.push_back(peer.name + " (" + why.substr(0, why.find('\n')) + ')');
    }
    return;
  }
  out.left_out.push_back(peer.name + " (package " + peer.package + ')');
}

void compare(const Options& options, const Tree& tree, Reads reads, const std::vector<Peer>& peers,
             const Show& show) {
  const Command check = check_command(options, write_tree_policy(tree, reads), options.jobs);
  Comparison out{reads == Reads::status ? "peers: owner, group and mode"
                                        : "peers: ACL, attributes, and the same",
                 {{"permward check", [=, log = tree.log()] { return run(check, log); }}}};
  for (const Peer& peer : peers) add(peer, tree, out);
  take_turns(out, options.rounds);
  show(out);
}

}  // namespace

void compare_peers(const Options& options, const Tree& tree, const Show& show) {
  compare(options, tree, Reads::status, peers_of_status, show);
  compare(options, tree, Reads::status_and_acl, peers_of_all, show);
}

}  // namespace permward::bench
