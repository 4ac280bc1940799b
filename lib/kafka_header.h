/* SPDX-License-Identifier: Apache-2.0 */
/* A header of a Kafka record: a name, which may occur several times, and any bytes or none (ptr NULL). */
#ifndef LIB_KAFKA_HEADER_H
#define LIB_KAFKA_HEADER_H

#include "lib/str.h"

struct kafka_header {
    const char *name;
    struct str value;
};

#endif
