# Lint. Each file is checked again only when it or a header it includes has changed: build/lint/<file>.ok.

LINT := build/lint
SHIPPED_SRC := $(wildcard lib/*.c) $(foreach b,$(BINARIES),$(wildcard $(call folder,$(b))/*.c))
C_FILES := $(shell find lib $(SERVICES) local tests -name '*.[ch]' 2>/dev/null | sort)
PYTHON_FILES := tools/check-source tools/run-tests tools/kafka tools/flink tools/jars.py tools/docker aws/stack aws/cost \
  $(shell find local tests -name '*.py' | sort)
SHELL_FILES := .ci/run tools/setup tools/docs tools/fuzz tools/image \
  $(addprefix tests/e2e/kafka/image/,run kafka-topics.sh)
FIRST_DIRS := $(SERVICES) $(STANDINS)

# What gcc's analyzer gets wrong, per file and with the reason; everywhere else all its findings count.
# cJSON_Is...() of another file are false for NULL, which it does not know:
ANALYZER_lib/json.c := -Wno-analyzer-null-dereference
# Every environment entry has its '=':
ANALYZER_lib/kafka_conf.c := -Wno-analyzer-null-dereference
# It loses sight of what an array of structs owns:
ANALYZER_lib/metrics.c := -Wno-analyzer-malloc-leak

# SQLite owns tables and cursors by the structs at their start:
ANALYZER_analytics/source.c := -Wno-analyzer-malloc-leak

.PHONY: lint lint-code format docs
lint: ## Everything that reads the code without running it
	@tools/setup build lint
	@tools/check-source --self-test
	@tools/check-source
	$(call say,LINT,clang-format)
	$(Q)clang-format --dry-run --Werror $(C_FILES)
	$(call say,LINT,shellcheck)
	$(Q)shellcheck $(SHELL_FILES)
	$(call say,LINT,python)
	$(Q)python3 -c 'import sys; [compile(open(f).read(), f, "exec") for f in sys.argv[1:]]' $(PYTHON_FILES)
	$(Q)python3 -B tests/mutation/run.py --check
	$(call say,LINT,cppcheck)
	$(Q)mkdir -p $(LINT)/cppcheck
	$(Q)cppcheck --quiet -j2 --cppcheck-build-dir=$(LINT)/cppcheck --enable=warning,portability --std=c11 \
	  --inline-suppr --suppressions-list=mk/cppcheck.txt --error-exitcode=1 -I. -D_GNU_SOURCE $(SHIPPED_SRC)
	$(call say,LINT,'gcc -fanalyzer and clang-tidy on what has changed')
	@$(MAKE) --no-print-directory -j2 PROFILE=release lint-code
	$(call say,LINT,'docs/configuration.md and docs/metrics.md')
	@$(MAKE) --no-print-directory -j2 PROFILE=release WERROR=1 binaries
	@tools/docs --check
	@echo 'lint: clean'

lint-code: $(SHIPPED_SRC:%=$(LINT)/%.ok)

# -O2 as in the release: the analyzer then sees what the optimizer inlines.
$(LINT)/%.c.ok: %.c .clang-tidy
	$(call say,LINT,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Werror -fanalyzer $(ANALYZER_$<) -MMD -MP -MT $@ -MF $(@:.ok=.d) -c -o $(@:.ok=.o) $<
	$(Q)clang-tidy --quiet $< -- $(CPPFLAGS) -std=gnu11 2>$(@:.ok=.err) || \
	  { grep -v 'warnings\? generated' $(@:.ok=.err); exit 1; }
	$(Q)touch $@
$(LINT)/lib/version.c.ok: CPPFLAGS += -DUSERSTREAM_VERSION='"$(VERSION)"'

-include $(shell find $(LINT) -name '*.d' 2>/dev/null)

format: ## Format all C files
	@tools/setup lint
	clang-format -i $(C_FILES)

docs: build ## Write docs/configuration.md and docs/metrics.md from the binaries
	@tools/docs
