/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials documents give whole sets fit for a header, or an error; command lines are split within their
 * own length; a container URL that is accepted leads where it may.
 */
#include "lib/creds_provider.h"

#include "lib/aws_error.h"
#include "lib/words.h"
#include "tests/fuzz/fuzz.h"

static void check_document(struct str text, const char *token_name, bool expires)
{
    struct creds creds = {0};
    struct error err = {0};

    if (creds_from_json(text, token_name, expires, &creds, &err)) {
        require(creds.access_key && creds.secret_key && creds.access_key[0] && creds.secret_key[0]);
        require(!strpbrk(creds.access_key, " \r\n") && !strpbrk(creds.secret_key, " \r\n"));
        require(!creds.session_token || !strpbrk(creds.session_token, " \r\n"));
        require(!expires || creds.expires_ms >= 0);
        creds_done(&creds);
    } else {
        require(err.code != ERROR_NONE && !creds.access_key);
    }
}

static void check_error_body(struct str text)
{
    struct error err = {0};
    char code[96];
    char message[64];

    creds_json_error(400, text, &err);
    require(err.code == ERROR_REMOTE && !err.retriable);
    aws_error_code(text, STR(""), code, sizeof(code));
    require(!strchr(code, ':') && !strchr(code, '#'));
    aws_error_read(STR(""), text, code, sizeof(code), message, sizeof(message));
    require(!strchr(code, ':') && !strchr(code, '#'));
    require(!strpbrk(message, "\r\n"));
    require(aws_classify(400, code) != AWS_OK);
}

static void check_words(const char *line)
{
    char *words[9];
    char *memory = words_split(line, words, 8);

    for (size_t i = 0; memory && words[i]; i++) {
        require(i < 8 && strlen(words[i]) <= strlen(line));
    }
    free(memory);
}

static void check_url(const char *text)
{
    char *variable = NULL;
    char *environment[] = {NULL, NULL};
    struct error err = {0};
    struct buf url;

    require(asprintf(&variable, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=%s", text) > 0);
    environment[0] = variable;
    buf_init(&url, 4096);
    if (creds_container_url(environment, &url, &err) == CREDS_FOUND) {
        require(strncmp(url.data, "http://169.254.170.2/", 21) == 0);
    }
    buf_done(&url);
    free(variable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    char *line = strndup(text.ptr, size);

    require(line);
    check_document(text, "Token", true);
    check_document(text, "SessionToken", false);
    check_error_body(text);
    check_words(line);
    check_url(line);
    free(line);
    return 0;
}
