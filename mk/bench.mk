# Benchmarks. tests/bench/<name>_bench.c is build/release/bench/<name>, linked like a fuzz target: with the library
# and with the objects of the folders in its line "/* folders: */". Each measurement is one line of JSON. What has
# a twin in Node is run beside it, if there is a node.

BENCH_NAMES := $(patsubst tests/bench/%_bench.c,%,$(wildcard tests/bench/*_bench.c))

define bench_rule
$(BUILD)/bench/$(1): $$(call obj,tests/bench/$(1)_bench.c) $(call fuzz_objects,tests/bench/$(1)_bench.c) $$(LIBKAFKA) $$(LIB)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(call libs,sqlite3 rdkafka)
endef
$(foreach name,$(BENCH_NAMES),$(eval $(call bench_rule,$(name))))

# The other end of the forwarder's benchmark: a server of its own, over TLS.
$(BUILD)/bench/sink: $(call obj,tests/bench/sink.c) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,libssl) -lpthread

.PHONY: bench bench-binaries bench-forwarder bench-peer
bench-forwarder: ## Measure the forwarder alone (ARGS= goes to tests/bench/forwarder_bench.py)
	@tools/setup build run
	@$(MAKE) --no-print-directory -j2 PROFILE=release build/release/forwarder build/release/local-kafka \
	  build/release/bench/sink build/release/tests/kafka_fill
	@python3 tests/bench/forwarder_bench.py $(ARGS)
bench-peer: ## Measure the forwarder beside Quix Streams, on the real Apache Kafka
	@tools/setup build run e2e
	@tools/kafka fetch > /dev/null
	@$(MAKE) --no-print-directory -j2 PROFILE=release build/release/forwarder build/release/bench/sink \
	  build/release/tests/kafka_fill build/release/tests/kafka_admin
	@python3 tests/bench/forwarder_bench.py --peer $(ARGS)
bench-binaries: $(BENCH_NAMES:%=$(BUILD)/bench/%)
bench: ## Measure CPU per record, cold start and memory, beside Node if it is there
	@tools/setup build
	@$(MAKE) --no-print-directory -j2 PROFILE=release bench-binaries $(addprefix build/release/,transformer fetcher \
	  local-kafka local-randomuser)
	@for name in $(BENCH_NAMES); do build/release/bench/$$name; done
	@$(MAKE) --no-print-directory lambda
	@python3 tests/bench/transform_start.py lambda-bootstrap build/lambda-$(HOST_ARCH)/bootstrap
	@python3 tests/bench/transform_start.py lambda-service build/release/transformer
	@python3 tests/bench/transform_start.py --http http-service build/release/transformer
	@if command -v node > /dev/null; then \
	  node tests/bench/transform_bench.js; \
	  python3 tests/bench/transform_start.py lambda-node node tests/bench/lambda_runtime.js; fi
	@python3 tests/bench/fetcher_bench.py
	@$(MAKE) --no-print-directory bench-forwarder
