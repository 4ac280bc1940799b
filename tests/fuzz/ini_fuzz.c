/* SPDX-License-Identifier: Apache-2.0 */
/* Entries lie inside the text; any configuration file leads to a whole plan or to an error. */
#include "lib/ini.h"

#include "lib/creds_plan.h"
#include "tests/fuzz/fuzz.h"

static void check_inside(struct str part, struct str whole)
{
    require(part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
    require(!memchr(part.len ? part.ptr : "", '\n', part.len));
}

static void check_entries(struct str text)
{
    struct error err = {0};
    struct ini ini;

    if (ini_parse(text, &ini, &err) < 0) {
        require(err.code != ERROR_NONE);
        return;
    }
    for (size_t i = 0; i < ini.count; i++) {
        require(ini.entries[i].section.len > 0);
        check_inside(ini.entries[i].section, text);
        check_inside(ini.entries[i].key, text);
        check_inside(ini.entries[i].value, text);
    }
    ini_done(&ini);
}

static void check_plan(const struct creds_files *files, const char *profile)
{
    struct creds_plan plan;
    struct error err = {0};

    if (creds_plan_make(files, profile, &plan, &err) == 0) {
        require(plan.base != CREDS_BASE_KEYS || (plan.access_key && plan.secret_key));
        require(plan.base != CREDS_BASE_PROCESS || plan.command);
        require(plan.base != CREDS_BASE_WEB_IDENTITY || (plan.token_file && plan.web_identity_role.arn));
        require(plan.base != CREDS_BASE_NONE || plan.role_count == 0);
        for (size_t i = 0; i < plan.role_count; i++) {
            require(plan.roles[i].arn);
        }
    } else {
        require(err.code != ERROR_NONE);
    }
    creds_plan_done(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct str half = {text.ptr, size / 2};
    struct str rest = {text.ptr + size / 2, size - size / 2};
    struct creds_files files;
    struct error err = {0};

    check_entries(text);
    if (creds_files_parse(text, STR(""), &files, &err) == 0) {
        check_plan(&files, "default");
        check_plan(&files, "p");
    }
    creds_files_done(&files);
    if (creds_files_parse(half, rest, &files, &err) == 0) {
        check_plan(&files, "default");
    }
    creds_files_done(&files);
    return 0;
}
