# The transform as a Lambda function:
#   build/lambda/newline-x86_64.zip   static executable `bootstrap` for the runtime provided.al2023; ARCH=arm64
#                                     cross-compiles (Debian: gcc-aarch64-linux-gnu)
#   build/lambda/newline-node.zip     lambda/index.js for nodejs22.x and nodejs24.x, handler index.handler
# The image variant is lambda/Dockerfile.

HOST_ARCH := $(patsubst aarch64,arm64,$(shell uname -m))
ARCH ?= $(HOST_ARCH)
LAMBDA_CC_arm64 := aarch64-linux-gnu-gcc
LAMBDA_CC_x86_64 := x86_64-linux-gnu-gcc
LAMBDA_CC := $(if $(filter $(HOST_ARCH),$(ARCH)),gcc,$(LAMBDA_CC_$(ARCH)))
LAMBDA_BUILD := build/lambda-$(ARCH)

# Only what needs nothing but libc.
LAMBDA_SRC := lambda/bootstrap.c \
  $(addprefix transformer/,base64_text.c http_answer.c invocation.c lambda.c metrics.c runtime_api.c transform.c) \
  $(addprefix lib/,base64.c buf.c clock.c config.c error.c jscan.c jscan_unescape.c log.c metrics.c sockaddr.c stop.c str.c version.c)

CFLAGS_lambda-$(ARCH) := $(CFLAGS_release)
LDFLAGS_lambda-$(ARCH) := -static-pie -s -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

$(LAMBDA_BUILD)/bootstrap: $(patsubst %.c,$(LAMBDA_BUILD)/obj/%.o,$(LAMBDA_SRC))
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

.PHONY: lambda
lambda: ## The transform as zips for AWS Lambda: build/lambda/newline-*.zip (ARCH=arm64 for Graviton)
	@$(MAKE) --no-print-directory -j2 PROFILE=lambda-$(ARCH) CC=$(LAMBDA_CC) $(LAMBDA_BUILD)/bootstrap
	@mkdir -p build/lambda
	@tools/lambda-zip build/lambda/newline-$(ARCH).zip $(LAMBDA_BUILD)/bootstrap
	@tools/lambda-zip build/lambda/newline-node.zip lambda/index.js
