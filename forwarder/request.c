/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/request.h"

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
