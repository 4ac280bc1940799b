/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/creds_stand_in.h"

#include <sys/stat.h>

#include "lib/hash.h"
#include "lib/sigv4.h"

#define KEYS "aws_access_key_id = AKID\naws_secret_access_key = SECRET\n"

static bool refuse;

/* STS gives keys named after the role ("arn:one" -> "ASIA:one"); other paths are SSO and the container. */
static void answer_aws(struct stand_in *server, struct httpd_request *request)
{
    char body[1024];

    if (refuse) {
        snprintf(body, sizeof(body),
                 "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
                 "</ErrorResponse>");
        httpd_reply(request, 403, "text/xml", body, strlen(body));
    } else if (strncmp(server->target, "/federation/credentials", 23) == 0) {
        snprintf(body, sizeof(body),
                 "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"SECRET\","
                 "\"sessionToken\":\"TOKEN\",\"expiration\":4099132800000}}");
        httpd_reply(request, 200, "application/json", body, strlen(body));
    } else if (strcmp(server->target, "/container") == 0) {
        snprintf(body, sizeof(body),
                 "{\"AccessKeyId\":\"CONTAINER\",\"SecretAccessKey\":\"SECRET\","
                 "\"Token\":\"T\",\"Expiration\":\"" IN_AN_HOUR "\"}");
        httpd_reply(request, 200, "application/json", body, strlen(body));
    } else {
        const char *role = strstr(server->body.data, "arn%3A") + 6;
        snprintf(body, sizeof(body),
                 "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA:%.*s</AccessKeyId>"
                 "<SecretAccessKey>SECRET</SecretAccessKey><SessionToken>TOKEN</"
                 "SessionToken><Expiration>" IN_AN_HOUR
                 "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
                 (int)strcspn(role, "&"), role);
        httpd_reply(request, 200, "text/xml", body, strlen(body));
    }
}

static int set_up(void **state)
{
    struct provider_test *test = provider_test_new(answer_aws);

    provider_test_set(test, "AWS_ENDPOINT_URL", test->server.url);
    provider_test_set(test, "HOME", test->directory);
    provider_test_set(test, "PATH", "/usr/bin:/bin");
    provider_test_set(test, "AWS_EC2_METADATA_DISABLED", "true");
    test->provider = creds_profile_provider(&test->context);
    refuse = false;
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    provider_test_free(*state);
    return 0;
}

static void use_config(struct provider_test *test, const char *text)
{
    char path[128];

    provider_test_write(test, "config", text, path);
    provider_test_set(test, "AWS_CONFIG_FILE", path);
}

static void use_credentials(struct provider_test *test, const char *text)
{
    char path[128];

    provider_test_write(test, "credentials", text, path);
    provider_test_set(test, "AWS_SHARED_CREDENTIALS_FILE", path);
}

static void default_profile_has_keys(void **state)
{
    struct provider_test *test = *state;

    use_credentials(test, "[default]\n" KEYS "aws_session_token = TOKEN\n");
    provider_test_found(test, "AKID", "TOKEN");
    assert_int_equal(test->creds.expires_ms, 0);
    use_credentials(test, "[default]\naws_access_key_id = NEW\naws_secret_access_key = SECRET\n");
    provider_test_found(test, "NEW", NULL); /* the files are read again */
}

static void profile_is_chosen_by_name(void **state)
{
    struct provider_test *test = *state;

    use_credentials(test, "[default]\naws_access_key_id = NO\naws_secret_access_key = NO\n[dev]\n" KEYS);
    provider_test_set(test, "AWS_PROFILE", "dev");
    provider_test_found(test, "AKID", NULL);
    provider_test_set(test, "AWS_PROFILE", "gone");
    provider_test_missed(test, CREDS_FAILED, false, "no profile gone");
}

static void missing_files_and_profiles_are_absent(void **state)
{
    struct provider_test *test = *state;

    provider_test_missed(test, CREDS_ABSENT, false, "no profile default");
    use_config(test, "[default]\nregion = eu-west-1\n");
    provider_test_missed(test, CREDS_ABSENT, false, "has no credentials");
    use_config(test, "[default\n");
    provider_test_missed(test, CREDS_FAILED, false, "line 1");
}

/* Verifies the signature of the last request as STS would. */
static void assert_signed_by(const struct provider_test *test, const char *access_key, const char *region)
{
    static const char *const names[] = {"content-type", "host", "x-amz-date", "x-amz-security-token"};
    char *values[ARRAY_LENGTH(names)];
    struct sigv4_header headers[ARRAY_LENGTH(names)];
    char hash[HASH_SHA256_HEX_SIZE];
    struct sigv4_request request = {.method = STR("POST"), .path = STR("/"), .headers = headers};
    char *authorization = stand_in_take_header(&test->server, "Authorization");
    struct sigv4_claim claim;

    assert_non_null(authorization);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        values[i] = stand_in_take_header(&test->server, names[i]);
        if (values[i]) {
            headers[request.header_count++] = (struct sigv4_header){str_of(names[i]), str_of(values[i])};
        }
    }
    hash_sha256_hex(test->server.body.data, test->server.body.len, hash);
    request.payload_hash = str_of(hash);
    assert_true(sigv4_parse_authorization(str_of(authorization), &claim));
    assert_true(str_eq(claim.access_key, str_of(access_key)));
    assert_true(str_eq(claim.region, str_of(region)));
    assert_true(str_eq(claim.service, STR("sts")));
    assert_true(sigv4_verify(&request, &claim, STR("SECRET"), str_of(values[2])));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        free(values[i]);
    }
    free(authorization);
}

static void role_is_assumed_with_a_signed_call(void **state)
{
    struct provider_test *test = *state;

    use_config(test, "[default]\nrole_arn = arn:one\nsource_profile = base\nexternal_id = x\n"
                     "role_session_name = me\nduration_seconds = 1800\n[profile base]\n" KEYS);
    provider_test_found(test, "ASIA:one", "TOKEN");
    assert_int_equal(test->creds.expires_ms, clock_parse_iso(IN_AN_HOUR));
    assert_string_equal(test->server.body.data,
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aone&RoleSessionName=me"
                        "&DurationSeconds=1800&ExternalId=x");
    assert_signed_by(test, "AKID", "eu-west-1");
    refuse = true;
    provider_test_missed(test, CREDS_FAILED, false, "AccessDenied: no");
    refuse = false;
    provider_test_found(test, "ASIA:one", "TOKEN");
}

static void roles_are_assumed_one_with_the_other(void **state)
{
    struct provider_test *test = *state;

    use_config(test, "[default]\nrole_arn = arn:three\nsource_profile = b\n"
                     "[profile b]\nrole_arn = arn:two\nsource_profile = c\n"
                     "[profile c]\nrole_arn = arn:one\nsource_profile = d\n[profile d]\n" KEYS);
    provider_test_found(test, "ASIA:three", "TOKEN");
    assert_int_equal(test->server.requests, 3);
    assert_signed_by(test, "ASIA:two", "eu-west-1");
}

static void region_is_the_profiles_if_there_is_no_other(void **state)
{
    struct provider_test *test = *state;
    struct creds_context context = test->context;

    context.region = NULL;
    test->provider.free(test->provider.state);
    test->provider = creds_profile_provider(&context);
    use_config(test, "[default]\nrole_arn = arn:one\nsource_profile = default\nregion = ap-south-1\n" KEYS);
    provider_test_found(test, "ASIA:one", "TOKEN");
    assert_signed_by(test, "AKID", "ap-south-1");
    provider_test_set(test, "AWS_DEFAULT_REGION", "eu-north-1");
    provider_test_found(test, "ASIA:one", "TOKEN");
    assert_signed_by(test, "AKID", "eu-north-1");
}

static void other_providers_may_be_the_source(void **state)
{
    struct provider_test *test = *state;
    char url[128];

    provider_test_set(test, "AWS_ACCESS_KEY_ID", "ENV");
    provider_test_set(test, "AWS_SECRET_ACCESS_KEY", "SECRET");
    use_config(test, "[default]\nrole_arn = arn:one\ncredential_source = Environment\n");
    provider_test_found(test, "ASIA:one", "TOKEN");
    assert_signed_by(test, "ENV", "eu-west-1");
    snprintf(url, sizeof(url), "%s/container", test->server.url);
    provider_test_set(test, "AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    use_config(test, "[default]\nrole_arn = arn:one\ncredential_source = EcsContainer\n");
    provider_test_found(test, "ASIA:one", "TOKEN");
    assert_signed_by(test, "CONTAINER", "eu-west-1");
    provider_test_found(test, "ASIA:one", "TOKEN"); /* the provider was kept */
    use_config(test, "[default]\nrole_arn = arn:one\ncredential_source = Ec2InstanceMetadata\n");
    provider_test_missed(test, CREDS_FAILED, false, "AWS_EC2_METADATA_DISABLED");
}

static void process_may_be_the_source(void **state)
{
    struct provider_test *test = *state;

    use_config(test, "[default]\nrole_arn = arn:one\nsource_profile = p\n[profile p]\ncredential_process = "
                     "printf %s '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"SECRET\"}'\n");
    provider_test_found(test, "ASIA:one", "TOKEN");
    assert_signed_by(test, "PROC", "eu-west-1");
    provider_test_set(test, "AWS_PROFILE", "p");
    provider_test_found(test, "PROC", NULL);
}

static void web_identity_of_a_profile(void **state)
{
    struct provider_test *test = *state;
    char config[512];
    char path[128];

    provider_test_write(test, "token", "ey.j", path);
    snprintf(config, sizeof(config), "[default]\nrole_arn = arn:web\nweb_identity_token_file = %s\n", path);
    use_config(test, config);
    provider_test_found(test, "ASIA:web", "TOKEN");
    assert_non_null(strstr(test->server.body.data, "WebIdentityToken=ey.j"));
    stand_in_assert_header(&test->server, "Authorization", NULL);
}

/* The cache file of `key`, as `aws sso login` leaves it. */
static void write_sso_cache(const struct provider_test *test, const char *key, const char *expires)
{
    unsigned char sha1[HASH_SHA1_SIZE];
    char hex[2 * HASH_SHA1_SIZE + 1];
    char name[128];
    char path[128];
    char text[256];

    hash_sha1(key, strlen(key), sha1);
    hash_hex(sha1, sizeof(sha1), hex);
    snprintf(name, sizeof(name), ".aws/sso/cache/%s.json", hex);
    snprintf(text, sizeof(text),
             "{\"accessToken\":\"sso-token\",\"expiresAt\":\"%s\",\"region\":\"eu-west-1\"}", expires);
    provider_test_write(test, name, text, path);
}

static void sso_login_is_exchanged(void **state)
{
    struct provider_test *test = *state;
    char command[128];

    snprintf(command, sizeof(command), "mkdir -p %s/.aws/sso/cache", test->directory);
    assert_int_equal(system(command), 0);
    use_config(test,
               "[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Read Only\n"
               "[sso-session corp]\nsso_start_url = https://x\nsso_region = eu-west-1\n");
    provider_test_missed(test, CREDS_FAILED, false, "aws sso login");
    write_sso_cache(test, "corp", "2099-01-01T00:00:00Z");
    provider_test_found(test, "SSO", "TOKEN");
    assert_int_equal(test->creds.expires_ms, 4099132800000LL);
    assert_string_equal(test->server.method, "GET");
    assert_string_equal(test->server.target,
                        "/federation/credentials?role_name=Read%20Only&account_id=111122223333");
    stand_in_assert_header(&test->server, "x-amz-sso_bearer_token", "sso-token");
    write_sso_cache(test, "corp", "2020-01-01T00:00:00Z");
    provider_test_missed(test, CREDS_FAILED, false, "expired: aws sso login");
    use_config(test, "[default]\nsso_start_url = https://y\nsso_region = eu-west-1\nsso_account_id = 1\n"
                     "sso_role_name = r\n");
    write_sso_cache(test, "https://y", "2099-01-01T00:00:00Z");
    provider_test_found(test, "SSO", "TOKEN");
}

static void free_cancels_an_assume_role_under_way(void **state)
{
    struct provider_test *test = *state;

    use_config(test, "[default]\nrole_arn = arn:one\nsource_profile = default\n" KEYS);
    test->provider.fetch(test->provider.state, NOW_MS, provider_test_answer, test);
    test->provider.free(test->provider.state);
    test->provider.free = NULL;
    for (int i = 0; i < 5; i++) {
        stand_in_turn(&test->server);
    }
    assert_false(test->answered);
}

/* The whole default chain, to a role by way of the shared files. */
static void default_chain_reaches_the_profile(void **state)
{
    struct provider_test *test = *state;
    struct creds_chain *chain = creds_chain_new(&test->context);
    const struct creds *creds = NULL;
    struct error err = {0};

    use_config(test, "[default]\nrole_arn = arn:one\nsource_profile = default\n" KEYS);
    assert_null(creds_chain_get(chain, NOW_MS, &err));
    assert_true(err.retriable);
    for (int i = 0; i < 500 && !creds; i++) {
        stand_in_turn(&test->server);
        creds = creds_chain_get(chain, NOW_MS + i, &err);
    }
    assert_non_null(creds);
    assert_string_equal(creds->access_key, "ASIA:one");
    assert_string_equal(creds->provider, "profile");
    creds_chain_free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(default_profile_has_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(profile_is_chosen_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_files_and_profiles_are_absent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(role_is_assumed_with_a_signed_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(roles_are_assumed_one_with_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(region_is_the_profiles_if_there_is_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_providers_may_be_the_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(process_may_be_the_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(web_identity_of_a_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sso_login_is_exchanged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_cancels_an_assume_role_under_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(default_chain_reaches_the_profile, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
