# SPDX-License-Identifier: Apache-2.0
# Where things go. /etc is /etc whatever the prefix: it is where the program looks, and the search
# path of policies is a contract. Packages and tests set DESTDIR.
set(CMAKE_INSTALL_SYSCONFDIR "/etc" CACHE PATH "Where the policies of this machine lie")
include(GNUInstallDirs)

# Not what the umask of the installing shell says: a policy in a directory that others may write is
# not trusted.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

file(GLOB policies CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/policies/*.toml")
install(FILES ${policies} DESTINATION "${CMAKE_INSTALL_DATADIR}/permward/policies")

# The schemas of policies and of reports, where the first line of a policy says that they lie.
file(GLOB schemas CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/policies/*.schema.json")
install(FILES ${schemas} DESTINATION "${CMAKE_INSTALL_DATADIR}/permward")

install(FILES "${PROJECT_SOURCE_DIR}/man/permward.8" DESTINATION "${CMAKE_INSTALL_MANDIR}/man8")
install(FILES "${PROJECT_SOURCE_DIR}/man/permward-policy.5" "${PROJECT_SOURCE_DIR}/man/permward-store.5"
  "${PROJECT_SOURCE_DIR}/man/permward.toml.5" DESTINATION "${CMAKE_INSTALL_MANDIR}/man5")

# Not to /etc: settings that nobody has made need no file.
install(FILES "${PROJECT_SOURCE_DIR}/packaging/permward.toml" DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")

# A directory without a name is made, and stays empty: here administrators drop their policies ...
install(DIRECTORY DESTINATION "${CMAKE_INSTALL_SYSCONFDIR}/permward/policy.d"
  DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
# ... and here packages do. Not LIBDIR: no part of a policy depends on the architecture.
install(DIRECTORY DESTINATION "lib/permward/policy.d"
  DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
