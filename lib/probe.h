/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP GET to an endpoint of this machine, for --healthcheck: blocking, HTTP/1.0, no TLS, no proxy. Apart
 * from lib/http.h so that a service that asks nothing of anybody does not load an HTTP client for it: curl
 * with its libraries takes 4 MiB of resident memory.
 */
#ifndef LIB_PROBE_H
#define LIB_PROBE_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/*
 * Asks http://<address>:<port><path>; the address is a numeric one. Puts the status into *ret_status and what
 * follows the headers into `body`; an answer past the body's cap is an error, as is one after timeout_ms.
 */
int probe_get(const char *address, uint16_t port, const char *path, int64_t timeout_ms, int *ret_status,
              struct buf *body, struct error *err) MUST_USE;

#endif
