# Fuzzing with clang's libFuzzer, ASan and UBSan. tests/fuzz/<name>_fuzz.c is linked with the library, and with
# the objects (but main.c) of the folders that it names in a line "/* folders: analytics local/aws */".
# Seeds are the files of tests/data/fuzz/<name>/; tests/data/fuzz/<name>.dict holds words of the format.
#
# What was found before stays in build/fuzz/corpus/<name>/, input that crashes in build/fuzz/crashes/. Again:
#   build/fuzz/bin/<name> build/fuzz/crashes/<file>
# The case then becomes one of a unit test.

FUZZ_SECONDS ?= 60
# Inputs per target that `make test` tries; all targets together take some seconds.
FUZZ_RUNS := 20000

FUZZ_SRC := $(wildcard tests/fuzz/*_fuzz.c)
FUZZ_TARGETS := $(patsubst tests/fuzz/%_fuzz.c,%,$(FUZZ_SRC))
fuzz_folders = $(shell sed -n 's:^/\* folders\: \(.*\) \*/$$:\1:p' $(1))
fuzz_objects = $(call obj,$(filter-out %/main.c,$(wildcard $(addsuffix /*.c,$(call fuzz_folders,$(1))))))

define fuzz_rule
build/fuzz/bin/$(1): $(call obj,tests/fuzz/$(1)_fuzz.c) $(call fuzz_objects,tests/fuzz/$(1)_fuzz.c) $$(LIBKAFKA) $$(LIB)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(call libs,rdkafka sqlite3 zlib)
endef
ifeq ($(PROFILE),fuzz)
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_rule,$(t))))
endif

.PHONY: fuzz fuzz-short fuzz-binaries
fuzz-binaries: $(addprefix build/fuzz/bin/,$(FUZZ_TARGETS))

fuzz: ## Fuzz every target for FUZZ_SECONDS (default 60); TARGETS="url json" only those
	@tools/setup build test
	@$(MAKE) --no-print-directory -j2 PROFILE=fuzz fuzz-binaries
	@tools/fuzz --seconds $(FUZZ_SECONDS) $(or $(TARGETS),$(FUZZ_TARGETS))

fuzz-short:
	@tools/setup build test
	@$(MAKE) --no-print-directory -j2 PROFILE=fuzz fuzz-binaries
	@tools/fuzz --runs $(FUZZ_RUNS) $(or $(TARGETS),$(FUZZ_TARGETS))
