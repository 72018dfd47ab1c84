#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/layering.sh [SRC]: whether what src/ includes and links is what docs/architecture.md allows.
# Prints one line a mistake, `file:line: what`, and exits 1 if there was one.
#
# The tables below are those of docs/architecture.md, "Layers". A new header of somebody else's has to
# be put into one of them: that is the moment to ask which layer it is private to.
set -euo pipefail
shopt -s nullglob

src=${1:-$(dirname "$0")/../src}
src=$(cd "$src" && pwd)

# Which layers a layer may include, beside itself.
declare -A allowed=(
  [base]=""
  [model]="base"
  [policy]="base model"
  [decide]="base model"
  [os]="base model"
  [store]="base model os"
  [engine]="base model policy decide os store"
  [report]="base model"
  [watch]="base model policy decide os store engine report"
  [cli]="base model policy decide os store engine report watch"
  [main]="cli"
)

# Which of others' libraries a layer may use: `<header>` by pattern, and the CMake target beside it.
# library: layers
declare -A private=(
  [OpenSSL]="base"
  [dtl]="base"
  [toml++]="policy"
  [libcap]="policy os"
  [libacl]="os"
  [libarchive]="store"
  [SQLite]="store"
  [fmt]="report"
  [nlohmann-json]="store report"
  [libsystemd]="watch"
  [spdlog]="watch cli"
  [CLI11]="cli"
)

# Layers that make no system call, and read no clock, environment or file.
pure=" model policy decide report "

library_of_header() {
  case $1 in
    openssl/*) echo OpenSSL ;;
    dtl/*) echo dtl ;;
    toml++/*) echo toml++ ;;
    sys/capability.h) echo libcap ;;
    sys/acl.h | acl/*) echo libacl ;;
    archive.h | archive_entry.h) echo libarchive ;;
    sqlite3.h) echo SQLite ;;
    fmt/*) echo fmt ;;
    nlohmann/*) echo nlohmann-json ;;
    systemd/*) echo libsystemd ;;
    spdlog/*) echo spdlog ;;
    CLI/*) echo CLI11 ;;
  esac
}

library_of_target() {
  case $1 in
    OpenSSL::*) echo OpenSSL ;;
    permward_toml) echo toml++ ;;
    permward_dtl) echo dtl ;;
    *libcap*) echo libcap ;;
    *libacl*) echo libacl ;;
    *[Ll]ib[Aa]rchive*) echo libarchive ;;
    *SQLite* | *sqlite*) echo SQLite ;;
    fmt::*) echo fmt ;;
    nlohmann_json::*) echo nlohmann-json ;;
    *libsystemd*) echo libsystemd ;;
    spdlog::*) echo spdlog ;;
    CLI11::*) echo CLI11 ;;
  esac
}

# C++'s own headers have no dot; these are Linux's and the C library's.
is_system() {
  case $1 in
    *.*) ;;
    *) return 0 ;;
  esac
  case $1 in
    sys/capability.h | sys/acl.h) return 1 ;;
    sys/*.h | linux/*.h | asm/*.h | bits/*.h) return 0 ;;
    dirent.h | errno.h | fcntl.h | getopt.h | grp.h | limits.h | link.h | poll.h | pthread.h | \
      pwd.h | sched.h | signal.h | spawn.h | stdio.h | stdlib.h | string.h | syslog.h | termios.h | \
      time.h | unistd.h | endian.h | nss.h | mntent.h | stdint.h) return 0 ;;
  esac
  return 1
}

# What a pure layer has no use for. <sys/stat.h> is none of it: it has the names of the mode's bits.
is_impure() {
  case $1 in
    unistd.h | fcntl.h | dirent.h | pwd.h | grp.h | sched.h | signal.h | poll.h | spawn.h) return 0 ;;
    syslog.h | time.h | mntent.h | nss.h | termios.h) return 0 ;;
    sys/syscall.h | sys/xattr.h | sys/mount.h | sys/statfs.h | sys/vfs.h) return 0 ;;
    sys/ioctl.h | sys/wait.h | sys/mman.h | sys/prctl.h | sys/socket.h | sys/time.h) return 0 ;;
    fstream | filesystem | iostream | thread | ctime | csignal) return 0 ;;
  esac
  return 1
}

contains() { case " $1 " in *" $2 "*) return 0 ;; esac; return 1; }

mistakes=0
wrong() {
  printf '%s\n' "$1"
  mistakes=$((mistakes + 1))
}

check_ours() {  # where layer header
  local where=$1 layer=$2 header=$3 other
  other=${header%%/*}
  if [[ $header != */* ]]; then
    wrong "$where: \"$header\" is to be written with its layer: \"$layer/$header\""
  elif [[ -z ${allowed[$other]+known} || $other == main ]]; then
    wrong "$where: \"$header\": $other is no layer"
  elif [[ $other != "$layer" ]] && ! contains "${allowed[$layer]}" "$other"; then
    wrong "$where: $layer may not include $other (\"$header\")"
  elif [[ ! -e $src/$header ]]; then
    wrong "$where: there is no src/$header"
  fi
}

check_theirs() {  # where layer header
  local where=$1 layer=$2 header=$3 library
  library=$(library_of_header "$header")
  if [[ -n $library ]]; then
    contains "${private[$library]}" "$layer" ||
      wrong "$where: $library is private to ${private[$library]// /, } (<$header>)"
  elif ! is_system "$header"; then
    wrong "$where: <$header> is in no table of tests/layering.sh"
  elif contains "$pure" "$layer" && is_impure "$header"; then
    wrong "$where: $layer is pure and may not include <$header>"
  fi
}

check_includes() {
  local line file number text layer
  while IFS= read -r line; do
    file=${line%%:*}
    line=${line#*:}
    number=${line%%:*}
    text=${line#*:}
    layer=${file%%/*}
    [[ $file == main.cpp ]] && layer=main
    if [[ -z ${allowed[$layer]+known} ]]; then
      wrong "src/$file:$number: $layer is no layer"
    elif [[ $text =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*\"([^\"]+)\" ]]; then
      check_ours "src/$file:$number" "$layer" "${BASH_REMATCH[1]}"
    elif [[ $text =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*\<([^\>]+)\> ]]; then
      check_theirs "src/$file:$number" "$layer" "${BASH_REMATCH[1]}"
    else
      wrong "src/$file:$number: an include that this test cannot read: $text"
    fi
  done < <(cd "$src"; grep -rnE --include='*.[ch]pp' --include='*.[ch]' --include='*.cc' \
    '^[[:space:]]*#[[:space:]]*include' -- *)
}

check_links() {
  local file layer word list library
  for file in "$src"/*/CMakeLists.txt; do
    layer=$(basename "$(dirname "$file")")
    if [[ -z ${allowed[$layer]+known} ]]; then
      wrong "src/$layer: no such layer"
      continue
    fi
    list=
    while IFS= read -r word; do
      case $word in
        NAME | SOURCES | LINKS | PRIVATE | DEFINITIONS | OPTIMIZED) list=$word ;;
        target_link_libraries* | link_libraries* | add_library*)
          wrong "src/$layer/CMakeLists.txt: $word: a layer is made by permward_layer() alone" ;;
        *)
          if [[ $list == LINKS ]]; then
            contains "${allowed[$layer]}" "$word" ||
              wrong "src/$layer/CMakeLists.txt: $layer may not link $word"
          elif [[ $list == PRIVATE && $word != Threads::Threads ]]; then
            library=$(library_of_target "$word")
            if [[ -z $library ]]; then
              wrong "src/$layer/CMakeLists.txt: $word is in no table of tests/layering.sh"
            elif ! contains "${private[$library]}" "$layer"; then
              wrong "src/$layer/CMakeLists.txt: $library is private to ${private[$library]// /, }"
            fi
          fi
          ;;
      esac
    done < <(sed 's/#.*//' "$file" | tr -s ' \t()"' '\n' | sed '/^$/d')
  done
}

[[ -d $src/base ]] || { echo "$src: no src/base there" >&2; exit 2; }
check_includes
check_links
if ((mistakes)); then
  echo "$mistakes mistakes. The layers are in docs/architecture.md."
  exit 1
fi
