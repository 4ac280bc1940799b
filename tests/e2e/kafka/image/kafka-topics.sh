#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
read -ra options <<<"${KAFKA_HEAP_OPTS:--Xmx96m} ${KAFKA_JVM_PERFORMANCE_OPTS:-}"
exec java "${options[@]}" -Dlog4j2.configurationFile=/etc/kafka/docker/tools-log4j2.yaml -cp '/opt/kafka/libs/*' \
    org.apache.kafka.tools.TopicCommand "$@"
