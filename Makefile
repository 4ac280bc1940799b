# userstream. `make` alone lists the targets. Objects live in build/<profile>/; profiles never mix.
#
#   release  hardened, what is shipped        asan  AddressSanitizer + UBSan, what the tests run
#   fuzz     clang's libFuzzer + ASan + UBSan (targets only)
#
# V=1 shows the commands. WERROR=1 makes warnings errors (CI and `make lint` do). NO_SETUP=1 installs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

PROFILE ?= release
BUILD := build/$(PROFILE)
CC := $(if $(filter default,$(origin CC)),$(if $(filter fuzz,$(PROFILE)),clang,gcc),$(CC))
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

SERVICES := fetcher forwarder transformer analytics
STANDINS := local-randomuser local-kafka local-aws
BINARIES := $(SERVICES) $(STANDINS)

# Folder and libraries of each binary. Only these libraries may be included there (`make lint` checks it).
dir_local-randomuser := local/randomuser
dir_local-kafka := local/kafka
dir_local-aws := local/aws
folder = $(or $(dir_$(1)),$(1))

PKG_BASE := libcjson libmicrohttpd libcurl libcrypto
pkgs_fetcher := rdkafka
pkgs_forwarder := rdkafka
pkgs_analytics := sqlite3
pkgs_local-kafka := rdkafka
pkgs_local-aws := sqlite3 zlib

# --- flags -----------------------------------------------------------------------------------------------
cc-option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

WARNINGS := -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
  -Wwrite-strings -Wundef -Wvla -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wconversion \
  -Wno-sign-conversion -Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion \
  $(call cc-option,-Wduplicated-cond) $(call cc-option,-Wlogical-op) $(call cc-option,-Wtrampolines)
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE -fno-delete-null-pointer-checks \
  -fno-strict-overflow -fno-strict-aliasing $(call cc-option,-fcf-protection=full) \
  $(call cc-option,-ftrivial-auto-var-init=zero) $(call cc-option,-fstrict-flex-arrays=3)
HARDENED_LINK := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed

CFLAGS_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 $(HARDENING)
LDFLAGS_release := $(HARDENED_LINK)
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
  -Wno-cast-qual
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

CPPFLAGS += -I. -D_GNU_SOURCE
CFLAGS += -std=gnu11 $(WARNINGS) $(if $(WERROR),-Werror) $(CFLAGS_$(PROFILE)) -ffile-prefix-map=$(CURDIR)/=
LDFLAGS += $(LDFLAGS_$(PROFILE))

# --- sources -> objects -> binaries ------------------------------------------------------------------------
LIB_SRC := $(filter-out lib/kafka_%,$(wildcard lib/*.c))
KAFKA_SRC := $(wildcard lib/kafka_*.c)
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB := $(BUILD)/libuserstream.a
LIBKAFKA := $(BUILD)/libuserstream-kafka.a

$(BUILD)/obj/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The version is compiled into one file, which is made again when it changes.
$(BUILD)/version.txt: FORCE
	$(Q)mkdir -p $(@D); echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@
$(BUILD)/obj/lib/version.o: $(BUILD)/version.txt
$(BUILD)/obj/lib/version.o: CPPFLAGS += -DUSERSTREAM_VERSION='"$(VERSION)"'
FORCE:

$(LIB): $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@; ar rcsD $@ $^
$(LIBKAFKA): $(call obj,$(KAFKA_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@; ar rcsD $@ $^

libs = $(shell pkg-config --libs $(PKG_BASE) $(1)) -lm
define binary_rule
src_$(1) := $$(wildcard $(call folder,$(1))/*.c)
$$(BUILD)/$(1): $$(call obj,$$(src_$(1))) $(if $(filter rdkafka,$(pkgs_$(1))),$$(LIBKAFKA)) $$(LIB)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(call libs,$$(pkgs_$(1)))
endef
$(foreach b,$(BINARIES),$(eval $(call binary_rule,$(b))))

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

include mk/test.mk
include mk/fuzz.mk
include mk/bench.mk
include mk/images.mk
include mk/lambda.mk
include mk/flink.mk
include mk/aws.mk
include mk/lint.mk

# --- targets -----------------------------------------------------------------------------------------------
.PHONY: help build setup run up down status clean

help: ## List the targets
	@printf 'userstream %s\n\n' '$(VERSION)'
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

build: | setup ## Build all binaries into build/release/
	@$(MAKE) --no-print-directory PROFILE=$(PROFILE) binaries
.PHONY: binaries
binaries: $(addprefix $(BUILD)/,$(BINARIES))

setup: ## Install the Debian packages that are missing (NO_SETUP=1: only name them)
	@tools/setup build run

run: build ## Stream USERS random users (default 2000) through the whole pipeline, then stop
	@local/stack.py run

up: build ## Start the same stack in the background
	@local/stack.py up
down: ## Stop what `make up` started
	@local/stack.py down
status: ## Show what the background stack is doing
	@local/stack.py status

clean: ## Remove build/ (results under var/ stay)
	rm -rf build
