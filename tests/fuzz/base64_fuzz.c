/* SPDX-License-Identifier: Apache-2.0 */
/* Anything survives encoding and decoding, and what decodes encodes to itself: there is one form only. */
#include "lib/base64.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t encoded_size = base64_encoded_size(size);
    char *encoded = malloc(encoded_size + 1);
    uint8_t *decoded = malloc(size + 1);
    char *again = malloc(size + 1);
    size_t len = 0;

    require(base64_encode(data, size, encoded) == encoded_size);
    require(base64_decode((struct str){encoded, encoded_size}, decoded, &len));
    require(len == size && (size == 0 || memcmp(decoded, data, size) == 0));
    if (base64_decode((struct str){(const char *)data, size}, decoded, &len)) {
        require(len <= base64_decoded_size(size));
        require(base64_encode(decoded, len, again) == size);
        require(memcmp(again, data, size) == 0);
    }
    free(encoded);
    free(decoded);
    free(again);
    return 0;
}
