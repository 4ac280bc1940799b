# SPDX-License-Identifier: Apache-2.0
# One image per service, each nothing but the binary, its shared libraries, CA certificates and name service:
# no shell, no package manager, a user without a name elsewhere. `make images` builds all of them;
#   docker build --target forwarder -t userstream/forwarder .
# builds one. docs/compose.md tells about other processors and repeatable builds. Only what every builder of
# the last years understands is used, so that nothing is pulled but BASE_IMAGE.
ARG BASE_IMAGE=debian:13-slim
ARG BUILDPLATFORM

# On the builder's own processor, also when the images are for another one.
FROM --platform=${BUILDPLATFORM:-linux} ${BASE_IMAGE} AS build
ARG TARGETARCH
WORKDIR /src
COPY tools/image tools/
RUN tools/image packages "$TARGETARCH"
COPY . .
ARG VERSION=unknown
ARG SOURCE_DATE_EPOCH=0
RUN tools/image build "$TARGETARCH" "$VERSION" /out

FROM scratch AS service
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG BASE_IMAGE=debian:13-slim
LABEL org.opencontainers.image.vendor="userstream" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="scratch, libraries of $BASE_IMAGE"
COPY --from=build /out/common/ /
ENV HTTP_ADDRESS=0.0.0.0
USER 65532:65532
STOPSIGNAL SIGTERM

FROM service AS fetcher
LABEL org.opencontainers.image.title="fetcher" \
      org.opencontainers.image.description="Asks the randomuser.me API for users and puts each into Kafka"
COPY --from=build /out/fetcher/ /
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --retries=3 CMD ["/usr/local/bin/fetcher", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/fetcher"]

FROM service AS forwarder
LABEL org.opencontainers.image.title="forwarder" \
      org.opencontainers.image.description="Kafka to Kinesis: at least once, in order per key"
COPY --from=build /out/forwarder/ /
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --retries=3 CMD ["/usr/local/bin/forwarder", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/forwarder"]

FROM service AS transformer
LABEL org.opencontainers.image.title="transformer" \
      org.opencontainers.image.description="Firehose's Lambda transform: one newline behind each record"
COPY --from=build /out/transformer/ /
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --retries=3 CMD ["/usr/local/bin/transformer", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/transformer"]

FROM service AS analytics
LABEL org.opencontainers.image.title="analytics" \
      org.opencontainers.image.description="Kinesis to SQL to Firehose"
COPY --from=build /out/analytics/ /
EXPOSE 8080
ENV ANALYTICS_SQL=/sql/users.sql ANALYTICS_SCHEMA=/sql/schema.sqlite.sql ANALYTICS_CHECKPOINT=/state/analytics.db
HEALTHCHECK --interval=5s --timeout=4s --retries=3 CMD ["/usr/local/bin/analytics", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/analytics"]

FROM service AS local-randomuser
LABEL org.opencontainers.image.title="local-randomuser" \
      org.opencontainers.image.description="The randomuser.me API, generated, repeatable by seed"
COPY --from=build /out/local-randomuser/ /
EXPOSE 8090
HEALTHCHECK --interval=5s --timeout=4s --retries=3 CMD ["/usr/local/bin/local-randomuser", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/local-randomuser"]

FROM service AS local-aws
LABEL org.opencontainers.image.title="local-aws" \
      org.opencontainers.image.description="Kinesis, Firehose and S3 in one process, for one machine"
COPY --from=build /out/local-aws/ /
ENV LOCAL_AWS_DIR=/state LOCAL_AWS_S3_DIR=/s3
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=4s --retries=3 CMD ["/usr/local/bin/local-aws", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/local-aws"]
