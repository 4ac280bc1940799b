# Container images of the services, one each, tagged as docker-compose.yml names them (IMAGE_TAG=dev). The commit's time
# stands for the time of the build, so that the same commit gives the same layers. docs/compose.md has more.

.PHONY: images
images: export VERSION := $(VERSION)
images: export REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
images: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
images: export CREATED = $(shell date -u -d @$(SOURCE_DATE_EPOCH) +%Y-%m-%dT%H:%M:%SZ)
images: ## Container images of all services (PLATFORM=linux/arm64 for another processor)
	@$(if $(PLATFORM),DOCKER_DEFAULT_PLATFORM=$(PLATFORM)) docker compose build
	@docker image ls --filter label=org.opencontainers.image.vendor=userstream
