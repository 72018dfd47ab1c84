# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(journal_block SOURCES fuzz_journal_block.cpp LINKS permward_store)
