/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared configuration and credentials files as one set of profiles
 * (docs.aws.amazon.com/sdkref/latest/guide/file-format.html). Where both have a setting, the credentials
 * file's counts.
 */
#ifndef LIB_CREDS_FILES_H
#define LIB_CREDS_FILES_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/ini.h"

struct creds_files {
    struct buf config_text; /* both are wiped by creds_files_done() */
    struct buf credentials_text;
    struct ini config;
    struct ini credentials;
};

/*
 * Reads AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials). A file that is
 * not there is empty; one that cannot be read is an error. creds_files_done() is due in any case.
 */
int creds_files_read(char *const *environment, struct creds_files *ret, struct error *err) MUST_USE;
/* The same from texts, borrowed. */
int creds_files_parse(struct str config, struct str credentials, struct creds_files *ret,
                      struct error *err) MUST_USE;
void creds_files_done(struct creds_files *files);

bool creds_files_has(const struct creds_files *files, const char *profile);
/* A copy of a profile's setting, the caller's to free(); NULL if it is absent or empty. */
char *creds_files_dup(const struct creds_files *files, const char *profile, const char *key);
/* The same of an [sso-session]. */
char *creds_files_dup_session(const struct creds_files *files, const char *session, const char *key);

#endif
