# SPDX-License-Identifier: Apache-2.0
# Where things go. /etc is /etc whatever the prefix: it is where the program looks, and the search
# path of policies is a contract. Packages and tests set DESTDIR.
set(CMAKE_INSTALL_SYSCONFDIR "/etc" CACHE PATH "Where the policies of this machine lie")
include(GNUInstallDirs)

file(GLOB policies CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/policies/*.toml")
install(FILES ${policies} DESTINATION "${CMAKE_INSTALL_DATADIR}/permward/policies")

# A directory without a name is made, and stays empty: here administrators drop their policies ...
install(DIRECTORY DESTINATION "${CMAKE_INSTALL_SYSCONFDIR}/permward/policy.d")
# ... and here packages do. Not LIBDIR: no part of a policy depends on the architecture.
install(DIRECTORY DESTINATION "lib/permward/policy.d")
