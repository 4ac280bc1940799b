/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/request.h"

#include <stdlib.h>

#include "forwarder/pack.h"

void request_done(struct request *request)
{
    for (size_t i = request->from; i < request->batch.count; i++) {
        free(request->batch.entries[i].pack);
    }
    batch_done(&request->batch);
    buf_done(&request->part);
}

size_t request_records(const struct request *request)
{
    size_t count = 0;

    for (size_t i = request->from; i < request->to; i++) {
        count += pack_records(&request->batch.entries[i]);
    }
    return count;
}

int request_reset(struct request *request, const char *stream)
{
    request->state = REQUEST_FREE;
    request->from = request->to = 0;
    request->attempts = 0;
    request->outcome_unknown = false;
    buf_done(&request->part);
    if (request->batch.body.size > request->keep_bytes) {
        batch_done(&request->batch);
        return batch_init(&request->batch, stream);
    }
    batch_reset(&request->batch);
    return 0;
}

size_t request_bytes(const struct request *request)
{
    return request->batch.body.size + request->part.size;
}
