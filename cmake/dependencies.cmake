# SPDX-License-Identifier: Apache-2.0
# The libraries of others, found once. Which layer may use which is in docs/architecture.md; a layer
# names them as PRIVATE.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 3.37 REQUIRED)  # STRICT tables
find_package(PkgConfig REQUIRED)
pkg_check_modules(libacl REQUIRED IMPORTED_TARGET libacl)
pkg_check_modules(libcap REQUIRED IMPORTED_TARGET libcap)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)

# toml++ is used as headers only, without exceptions: a mistake in a policy is a value. The compiled
# library of the distribution has them, so its CMake package is of no use. 3.3 has toml.h, 3.4 has
# toml.hpp beside it.
find_path(TOMLPLUSPLUS_INCLUDE_DIR NAMES toml++/toml.hpp toml++/toml.h REQUIRED)
mark_as_advanced(TOMLPLUSPLUS_INCLUDE_DIR)
add_library(permward_toml INTERFACE)
target_include_directories(permward_toml SYSTEM INTERFACE "${TOMLPLUSPLUS_INCLUDE_DIR}")
target_compile_definitions(permward_toml INTERFACE TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0)

# The edit script between two sequences, as headers only, and without a package that says where.
find_path(DTL_INCLUDE_DIR NAMES dtl/dtl.hpp REQUIRED)
mark_as_advanced(DTL_INCLUDE_DIR)
add_library(permward_dtl INTERFACE)
target_include_directories(permward_dtl SYSTEM INTERFACE "${DTL_INCLUDE_DIR}")
