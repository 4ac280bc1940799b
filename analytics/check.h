/* SPDX-License-Identifier: Apache-2.0 */
/* analytics --check: tries the statements, the stream and the delivery streams, and says what it found. */
#ifndef ANALYTICS_CHECK_H
#define ANALYTICS_CHECK_H

#include "lib/service.h"

int check(const struct service *service);

#endif
