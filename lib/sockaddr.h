/* SPDX-License-Identifier: Apache-2.0 */
/* Numeric IP addresses as the socket calls take them; no name service is asked. */
#ifndef LIB_SOCKADDR_H
#define LIB_SOCKADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/attr.h"

/* "127.0.0.1" or "::1" with a port. False if the text is no IPv4 or IPv6 address. */
bool sockaddr_parse(const char *text, uint16_t port, struct sockaddr_storage *ret,
                    socklen_t *ret_len) MUST_USE;

#endif
