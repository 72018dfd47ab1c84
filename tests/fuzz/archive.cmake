# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(archive SOURCES fuzz_archive.cpp LINKS permward_store PkgConfig::libarchive)
