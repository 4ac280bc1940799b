/* SPDX-License-Identifier: Apache-2.0 */
/* A time that was read is written and read again as the same, and its text is the start of the first one. */
#include "lib/clock.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    int64_t wall_ms = clock_parse_iso(text);
    char again[CLOCK_ISO_SIZE];

    require(wall_ms >= -1);
    if (wall_ms >= 0) {
        clock_format_iso(wall_ms, again, sizeof(again));
        require(clock_parse_iso(again) == wall_ms);
        require(strncmp(again, text, sizeof("2026-11-23T09:30:00") - 1) == 0);
    }
    require(clock_parse_http_date(text) >= -1);
    free(text);
    return 0;
}
