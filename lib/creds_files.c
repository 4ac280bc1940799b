/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_files.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/config.h"
#include "lib/file.h"

enum { PATH_CAP = 4096, FILE_CAP = 1024 * 1024 };

/* The name behind `kind` in a section such as "profile dev" or "profile 'my name'"; empty if it is another.
 */
static struct str section_name(struct str section, struct str kind)
{
    size_t blanks;

    if (!str_starts_with(section, kind)) {
        return STR("");
    }
    section.ptr += kind.len;
    section.len -= kind.len;
    for (blanks = 0; blanks < section.len && (section.ptr[blanks] == ' ' || section.ptr[blanks] == '\t');) {
        blanks++;
    }
    if (kind.len > 0 && blanks == 0) {
        return STR("");
    }
    section.ptr += blanks;
    section.len -= blanks;
    if (section.len >= 2 && (section.ptr[0] == '"' || section.ptr[0] == '\'') &&
        section.ptr[section.len - 1] == section.ptr[0]) {
        section.ptr++;
        section.len -= 2;
    }
    return section;
}

/* Does the section of the configuration file hold this profile? "default" needs no "profile" before it. */
static bool is_config_profile(struct str section, struct str profile)
{
    return str_eq(section_name(section, STR("profile")), profile) ||
           (str_eq(section, STR("default")) && str_eq(profile, STR("default")));
}

static bool is_credentials_profile(struct str section, struct str profile)
{
    return str_eq(section_name(section, STR("")), profile);
}

static bool is_session(struct str section, struct str session)
{
    return str_eq(section_name(section, STR("sso-session")), session);
}

typedef bool section_matches(struct str section, struct str name);

/* The last entry counts. */
static const struct ini_entry *find(const struct ini *ini, section_matches *matches, const char *name,
                                    const char *key)
{
    for (size_t i = ini->count; i-- > 0;) {
        const struct ini_entry *entry = &ini->entries[i];
        if (matches(entry->section, str_of(name)) && (!key || str_eq_nocase(entry->key, str_of(key)))) {
            return entry;
        }
    }
    return NULL;
}

static char *dup_value(const struct ini_entry *entry)
{
    return entry && entry->value.len > 0 ? strndup(entry->value.ptr, entry->value.len) : NULL;
}

bool creds_files_has(const struct creds_files *files, const char *profile)
{
    return find(&files->config, is_config_profile, profile, NULL) ||
           find(&files->credentials, is_credentials_profile, profile, NULL);
}

char *creds_files_dup(const struct creds_files *files, const char *profile, const char *key)
{
    char *value = dup_value(find(&files->credentials, is_credentials_profile, profile, key));

    return value ? value : dup_value(find(&files->config, is_config_profile, profile, key));
}

char *creds_files_dup_session(const struct creds_files *files, const char *session, const char *key)
{
    return dup_value(find(&files->config, is_session, session, key));
}

static int parse(struct str config, struct str credentials, struct creds_files *files, struct error *err)
{
    int r = ini_parse(config, &files->config, err);

    if (r < 0) {
        error_prefix(err, "the shared configuration file");
        return r;
    }
    r = ini_parse(credentials, &files->credentials, err);
    if (r < 0) {
        error_prefix(err, "the shared credentials file");
    }
    return r;
}

int creds_files_parse(struct str config, struct str credentials, struct creds_files *ret, struct error *err)
{
    *ret = (struct creds_files){0};
    return parse(config, credentials, ret, err);
}

static int read_one(char *const *environment, const char *variable, const char *name, struct buf *out,
                    struct error *err)
{
    const char *path = config_lookup(environment, variable);
    const char *home = config_lookup(environment, "HOME");
    char standard[PATH_CAP];
    int r;

    if (!path) {
        int len = home ? snprintf(standard, sizeof(standard), "%s/.aws/%s", home, name) : -1;
        if (len < 0 || len >= PATH_CAP) {
            return 0;
        }
        path = standard;
    }
    r = file_read(path, out, err);
    return r == -ERROR_STATE ? 0 : r;
}

int creds_files_read(char *const *environment, struct creds_files *ret, struct error *err)
{
    int r;

    *ret = (struct creds_files){0};
    buf_init(&ret->config_text, FILE_CAP);
    buf_init(&ret->credentials_text, FILE_CAP);
    r = read_one(environment, "AWS_CONFIG_FILE", "config", &ret->config_text, err);
    if (r == 0) {
        r = read_one(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials", &ret->credentials_text, err);
    }
    return r < 0 ? r : parse(buf_str(&ret->config_text), buf_str(&ret->credentials_text), ret, err);
}

void creds_files_done(struct creds_files *files)
{
    ini_done(&files->config);
    ini_done(&files->credentials);
    buf_done_secret(&files->config_text);
    buf_done_secret(&files->credentials_text);
}
