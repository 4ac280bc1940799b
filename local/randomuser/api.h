/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP side of the API: /api/ and /api/1.4/. */
#ifndef LOCAL_RANDOMUSER_API_H
#define LOCAL_RANDOMUSER_API_H

#include "lib/httpd.h"
#include "lib/metrics.h"
#include "local/randomuser/window.h"

struct api {
    struct metrics *metrics;
    struct window window;
};

/* An httpd_handler; ctx is a struct api. */
void api_handle(void *ctx, struct httpd_request *request);

#endif
