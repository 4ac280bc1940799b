/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a context together from the configuration, and takes it apart. */
#ifndef ANALYTICS_SETUP_H
#define ANALYTICS_SETUP_H

#include "analytics/context.h"
#include "lib/attr.h"
#include "lib/creds.h"
#include "lib/error.h"
#include "lib/http.h"
#include "lib/service.h"

struct setup {
    struct http_client *http;
    struct creds_chain *creds;
    struct context context; /* without a checkpoint */
};

/*
 * The engine with its statements, and where its tables go; ERROR_CONFIG if either is wrong. This much needs
 * no network and no state.
 */
int setup_engine(struct context *context, const struct analytics_config *config, struct error *err) MUST_USE;
/* The whole, but for the checkpoint and the metrics, which are the caller's. */
int setup_init(struct setup *setup, const struct service *service, struct error *err) MUST_USE;
void setup_done(struct setup *setup);

#endif
