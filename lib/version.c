/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/service.h"

#ifndef USERSTREAM_VERSION
#define USERSTREAM_VERSION "unknown"
#endif

const char service_version[] = USERSTREAM_VERSION;
