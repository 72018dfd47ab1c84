// SPDX-License-Identifier: Apache-2.0
// A service for nsswitch.conf(5), `ill`: who is called "stuck" is never found out, which a file
// /w/hangs tells, who is called "deadly" ends the process that asks, and the list of all has no
// end. Of everybody else it knows nothing.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <unistd.h>

namespace {

[[noreturn]] void hang() {
  (void)::close(::open("/w/hangs", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  for (;;) (void)::pause();
}

nss_status look_for(const char* name, int* error) {
  if (std::strcmp(name, "stuck") == 0) hang();
  if (std::strcmp(name, "deadly") == 0) std::abort();
  *error = ENOENT;
  return NSS_STATUS_NOTFOUND;
}

}  // namespace

extern "C" {
// The names are glibc's.  NOLINTBEGIN
nss_status _nss_ill_getpwnam_r(const char* name, passwd*, char*, size_t, int* error) {
  return look_for(name, error);
}
nss_status _nss_ill_getgrnam_r(const char* name, group*, char*, size_t, int* error) {
  return look_for(name, error);
}
nss_status _nss_ill_setpwent(int) { return NSS_STATUS_SUCCESS; }
nss_status _nss_ill_getpwent_r(passwd*, char*, size_t, int*) { hang(); }
// NOLINTEND
}
