# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(manifest SOURCES fuzz_manifest.cpp LINKS permward_store)
