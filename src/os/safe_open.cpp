// SPDX-License-Identifier: Apache-2.0
#include "os/safe_open.hpp"

#include "os/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace permward {
namespace {

constexpr std::size_t levels_kept_open = 16;

std::vector<std::string> components_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t slash = std::min(text.find('/', at), text.size());
    if (slash > at && text.compare(at, slash - at, ".") != 0)
      out.push_back(text.substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

std::vector<std::string> with(std::vector<std::string> names, const std::string& name) {
  names.push_back(name);
  return names;
}

WayPtr absent(std::vector<std::string> names) {
  auto way = std::make_shared<Way>();
  way->names = std::move(names);
  return way;
}

Error insecure(std::string why, const Way& above, const std::string& name) {
  return {ErrorKind::insecure_path, std::move(why), path_of(with(above.names, name)), 0};
}

// The subject that a system call was not told.
Error at(Error error, const Way& above, const std::string& name) {
  error.subject = path_of(with(above.names, name));
  return error;
}

}  // namespace

std::string path_of(std::span<const std::string> names) {
  std::string path;
  for (const std::string& name : names) path.append("/").append(name);
  return path.empty() ? "/" : path;
}

SafeOpen::SafeOpen(const Kernel& kernel, Observer& observer, int root)
    : kernel_(kernel), observer_(observer), root_(root) {}

Result<WayPtr> SafeOpen::root_way() {
  const int copy = ::fcntl(root_, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return system_error(errno, "open directory", "/");
  return enter(Way{}, "", Fd(copy));
}

// `fd` is a directory: what it is, and who controls it. An empty name is the root.
Result<WayPtr> SafeOpen::enter(const Way& above, const std::string& name, Fd fd) {
  Observed observed;
  TRY(observer_.of(fd.get(), FacetSet{}, observed));
  DirectoryFacts facts;
  facts.owner = observed.owner;
  facts.group = observed.group;
  facts.mode = observed.mode;
  facts.owner_unknown = observed.owner_unmapped;
  facts.group_unknown = observed.group_unmapped;
  facts.mount_root = !name.empty() && observed.identity.mount != above.identity.mount;
  if (needs_acl(facts)) {
    TRY(observer_.of(fd.get(), Facet::acl, observed));
    facts.acl_unknown = observed.acl.state == Read::unreadable;
    facts.acl = observed.acl.value;
  }
  auto way = std::make_shared<Way>();
  way->names = name.empty() ? above.names : with(above.names, name);
  way->present = true;
  way->fd = std::move(fd);
  way->identity = observed.identity;
  way->control = below(above.control, facts);
  way->bars = observed.attributes.set & attributes_in_status;
  return way;
}

Result<WayPtr> SafeOpen::step(const WayPtr& above, const std::string& name, int& links_left) {
  if (!above->present) return absent(with(above->names, name));
  Result<Fd> held = take_hold(kernel_, above->fd.get(), name.c_str());
  if (!held.ok()) {
    if (held.error().kind == ErrorKind::not_found) return absent(with(above->names, name));
    return at(std::move(held).error(), *above, name);
  }
  Observed observed;
  if (auto seen = observer_.of(held->get(), FacetSet{}, observed); !seen.ok()) {
    return at(std::move(seen).error(), *above, name);
  }
  if (observed.type == Type::symlink) return follow(above, name, held->get(), links_left);
  if (observed.type != Type::directory) return absent(with(above->names, name));
  return enter(*above, name, std::move(*held));
}

Result<WayPtr> SafeOpen::follow(const WayPtr& above, const std::string& name, int link,
                                int& links_left) {
  Observed observed;
  TRY(observer_.of(link, FacetSet{}, observed));
  if (observed.owner != 0) return insecure("follow a link that is not root's,", *above, name);
  if (!may_remove(above->control, observed.owner).empty()) {
    return insecure("follow a link that others than root may replace,", *above, name);
  }
  // A hard link needs only a name: which of root's links it is would be their choice.
  if (observed.links > 1 && !may_add(above->control).empty()) {
    return insecure("follow a link that others than root may have put there,", *above, name);
  }
  if (links_left-- == 0) return insecure("follow more than 40 links,", *above, name);
  Result<std::string> text = link_text(link);
  if (!text.ok()) return at(std::move(text).error(), *above, name);
  WayPtr start = above;
  if (text->starts_with('/')) {
    TRY_ASSIGN(start, root_way());
  }
  return walk(std::move(start), components_of(*text), links_left);
}

// Of a real directory: the names lead there without a link.
Result<WayPtr> SafeOpen::parent_of(const Way& way, int& links_left) {
  std::vector<std::string> names = way.names;
  if (!names.empty()) names.pop_back();
  TRY_ASSIGN(WayPtr root, root_way());
  return walk(std::move(root), names, links_left);
}

Result<WayPtr> SafeOpen::walk(WayPtr at, std::span<const std::string> components, int& links_left) {
  for (const std::string& component : components) {
    if (component != "..") {
      TRY_ASSIGN(at, step(at, component, links_left));
    } else if (at->present) {  // what is absent leads nowhere, and not back either
      TRY_ASSIGN(at, parent_of(*at, links_left));
    }
  }
  return at;
}

Result<WayPtr> SafeOpen::directory(std::span<const std::string> names) {
  std::size_t common = 0;
  while (common < names.size() && common < levels_.size() &&
         levels_[common].name == names[common]) {
    ++common;
  }
  // A level whose descriptor was let go is resolved again, from the nearest that has one.
  while (common > 0 && levels_[common - 1].way->present && !levels_[common - 1].way->fd) --common;
  levels_.resize(common);
  WayPtr at;
  if (common > 0) {
    at = levels_.back().way;
  } else {
    TRY_ASSIGN(at, root_way());
  }
  for (const std::string& name : names.subspan(common)) {
    int links_left = most_links;
    if (levels_.size() > levels_kept_open) {
      // A link to `.` is its directory once more.
      const WayPtr& passed = levels_[levels_.size() - 2].way;
      if (passed != at) passed->fd.reset();
    }
    TRY_ASSIGN(at, step(at, name, links_left));
    levels_.push_back({name, at});
  }
  return at;
}

std::vector<std::string> SafeOpen::reached(std::span<const std::string> names) const {
  std::vector<std::string> out;
  if (!levels_.empty()) out = levels_.back().way->names;
  const std::span<const std::string> rest = names.subspan(std::min(levels_.size(), names.size()));
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

Result<std::optional<std::vector<std::string>>> SafeOpen::follow_last(const WayPtr& way,
                                                                      const std::string& name) {
  using Names = std::optional<std::vector<std::string>>;
  if (!way->present) return Names();
  Result<Fd> held = take_hold(kernel_, way->fd.get(), name.c_str());
  if (!held.ok()) {
    if (held.error().kind == ErrorKind::not_found) return Names();
    return at(std::move(held).error(), *way, name);
  }
  Observed observed;
  TRY(observer_.of(held->get(), FacetSet{}, observed));
  if (observed.type != Type::symlink) return Names();
  if (observed.owner != 0) return insecure("follow a link that is not root's,", *way, name);
  if (!may_add(way->control).empty()) {
    return insecure("follow a link in a directory that others than root control,", *way, name);
  }
  TRY_ASSIGN(const std::string text, link_text(held->get()));
  std::vector<std::string> components = components_of(text);
  std::string last;
  if (!components.empty() && components.back() != "..") {
    last = components.back();
    components.pop_back();
  }
  WayPtr start = way;
  if (text.starts_with('/')) {
    TRY_ASSIGN(start, root_way());
  }
  int links_left = most_links;
  TRY_ASSIGN(const WayPtr where, walk(std::move(start), components, links_left));
  return Names(last.empty() ? where->names : with(where->names, last));
}

std::vector<std::string> names_of(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at) names.emplace_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return names;
}

}  // namespace permward
