/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/* Any bytes as an aggregate's message, with magic and digest put right. All that is handed out lies inside.
 */
#include "analytics/kpl.h"

#include "lib/buf.h"
#include "lib/hash.h"
#include "tests/fuzz/fuzz.h"

static void check_inside(struct str part, const struct buf *whole)
{
    require(part.len == 0 || (part.ptr >= whole->data && part.ptr + part.len <= whole->data + whole->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kpl kpl; /* kept, as the service keeps it */
    unsigned char digest[HASH_MD5_SIZE];
    struct buf record;
    struct str user_data, key;
    uint32_t count = 0;

    hash_md5(data, size, digest);
    buf_init(&record, size + 64);
    buf_add(&record, "\xF3\x89\x9A\xC2", 4);
    buf_add(&record, data, size);
    buf_add(&record, digest, sizeof(digest));
    if (kpl_open(&kpl, buf_str(&record))) {
        while (kpl_next(&kpl, &user_data, &key)) {
            check_inside(user_data, &record);
            check_inside(key, &record);
            count++;
        }
        require(count == kpl.record_count);
    }
    require(size == 0 || !kpl_open(&kpl, (struct str){(const char *)data, size}) || size > 20);
    buf_done(&record);
    kpl_done(&kpl);
    kpl = (struct kpl){0};
    return 0;
}
