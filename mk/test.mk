# Unit tests: tests/unit/<path>_test.c tests <path>.c; it is linked with the library and with the objects of its own
# folder except main.c. A test that plays neighbours of what it tests says so in lines of its own:
#   /* plays: a/b.c */   these sources are left out      /* also: tests/c.c */   these belong to the test
#   /* wraps: f g */     calls of f() in the library come to the test's __wrap_f()

UNIT_SRC := $(wildcard tests/unit/*/*_test.c tests/unit/*/*/*_test.c)
UNIT_BIN := $(patsubst tests/unit/%_test.c,build/asan/unit/%_test,$(UNIT_SRC))

# The words of a line "/* NAME: ... */" in a unit test; few have any, so that is found out once.
UNIT_MARKED := $(shell grep -lE '^/\* (plays|also|wraps): .* \*/$$' $(UNIT_SRC))
unit_line = $(if $(filter $(1),$(UNIT_MARKED)),$(shell sed -n 's:^/\* $(2)\: \(.*\) \*/$$:\1:p' $(1)))
# Folder under test of a unit test's source, and the objects of that folder.
unit_dir = $(patsubst tests/unit/%/,%,$(dir $(1)))
unit_sources = $(if $(filter lib,$(call unit_dir,$(1))),,$(filter-out %/main.c $(call unit_line,$(1),plays),$(wildcard $(call unit_dir,$(1))/*.c)))
unit_objects = $(call obj,$(unit_sources) $(call unit_line,$(1),also))
comma := ,
unit_pkgs = rdkafka sqlite3 zlib cmocka libssl

define unit_rule
$(BUILD)/unit/$(patsubst tests/unit/%.c,%,$(1)): $(call obj,$(1)) $(call unit_objects,$(1)) $$(LIBKAFKA) $$(LIB)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) $(addprefix -Wl$(comma)--wrap=,$(call unit_line,$(1),wraps)) -o $$@ $$^ $$(call libs,$$(unit_pkgs))
endef
$(foreach t,$(UNIT_SRC),$(eval $(call unit_rule,$(t))))

# Small programs that integration tests drive: tests/support/<name>.c is build/<profile>/tests/<name>.
TOOL_SRC := $(wildcard tests/support/*.c)
TOOLS := $(patsubst tests/support/%.c,$(BUILD)/tests/%,$(TOOL_SRC))
$(TOOLS): $(BUILD)/tests/%: $(BUILD)/obj/tests/support/%.o $(LIBKAFKA) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,rdkafka)

.PHONY: unit-binaries test-tools test unit integration
test-tools: $(TOOLS)
unit-binaries: $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

test: ## Unit tests, integration tests and short fuzzing, with ASan and UBSan
	@tools/setup build run test
	@tools/run-tests unit integration fuzz
unit: ## Unit tests only
	@tools/setup build run test
	@tools/run-tests unit
integration: ## Integration tests only (ARGS= goes to pytest)
	@tools/setup build run test
	@tools/run-tests integration

.PHONY: mutants
mutants: ## Break each promise on purpose; a named test must notice (ARGS= names some)
	@tools/setup build run test
	@python3 tests/mutation/run.py $(ARGS)

.PHONY: e2e
e2e: ## With the real Apache Kafka and Flink, Node, another processor, AWS's own clients (ARGS= goes to pytest)
	@tools/setup build run test e2e
	@tools/kafka fetch > /dev/null
	@tools/flink build --line 1.20 > /dev/null
	@tools/flink build --line 2.2 > /dev/null
	@$(MAKE) --no-print-directory -j2 PROFILE=release $(addprefix build/release/,fetcher forwarder transformer)
	@tools/run-tests conformance e2e

.PHONY: conformance
conformance: ## local-aws against AWS CLI, boto3 and the JavaScript SDK, and other implementations (ARGS= goes to pytest)
	@tools/setup build run test e2e
	@tools/run-tests conformance
