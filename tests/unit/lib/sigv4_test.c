/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define EXAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

enum { OUT_CAP = 65536 };

#define H(name, value)                                                                                       \
    {                                                                                                        \
        {(name), sizeof(name) - 1},                                                                          \
        {                                                                                                    \
            (value), sizeof(value) - 1                                                                       \
        }                                                                                                    \
    }

static struct sigv4_identity example_identity(void)
{
    return (struct sigv4_identity){.access_key = STR("AKIDEXAMPLE"),
                                   .secret_key = STR(EXAMPLE_SECRET),
                                   .region = STR("us-east-1"),
                                   .service = STR("service")};
}

static struct sigv4_request example_request(const struct sigv4_header *headers, size_t count)
{
    return (struct sigv4_request){.method = STR("GET"),
                                  .path = STR("/"),
                                  .query = STR(""),
                                  .headers = headers,
                                  .header_count = count,
                                  .payload_hash = STR(EMPTY_HASH)};
}

static const struct sigv4_header example_headers[] = {H("Host", "example.amazonaws.com"),
                                                      H("X-Amz-Date", "20150830T123600Z")};

/* SHA-256 of the canonical request, then the Authorization header. */
static void assert_signed(const struct sigv4_request *request, const struct sigv4_identity *identity,
                          const char *date, const char *canonical_hash, const char *authorization)
{
    char hex[HASH_SHA256_HEX_SIZE];
    struct buf out;

    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_canonical_request(request, sigv4_is_s3(identity->service), &out), 0);
    hash_sha256_hex(out.data, out.len, hex);
    if (canonical_hash && strcmp(hex, canonical_hash) != 0) {
        fail_msg("canonical request is\n%s", out.data);
    }
    buf_reset(&out);
    assert_int_equal(sigv4_authorization(request, identity, date, &out), 0);
    assert_string_equal(out.data, authorization);
    buf_done(&out);
}

/* Contract 1.2: PutRecords with a session token; libcurl 7.88.1 signs it the same. */
static void kinesis_put_records_with_a_token(void **state)
{
    static const char body[] =
        "{\"StreamName\":\"demo\",\"Records\":[{\"Data\":\"eyJhIjoxfQ==\",\"PartitionKey\":\"k1\"}]}";
    static const struct sigv4_header headers[] = {H("X-Amz-Target", "Kinesis_20131202.PutRecords"),
                                                  H("Content-Type", "application/x-amz-json-1.1"),
                                                  H("Host", "kinesis.us-east-1.amazonaws.com"),
                                                  H("X-Amz-Security-Token", "TESTTOKEN/+=="),
                                                  H("X-Amz-Date", "20150830T123600Z")};
    struct sigv4_identity identity = example_identity();
    struct sigv4_request request = example_request(headers, ARRAY_LENGTH(headers));
    char body_hash[HASH_SHA256_HEX_SIZE];

    (void)state;
    identity.service = STR("kinesis");
    identity.session_token = STR("TESTTOKEN/+==");
    assert_int_equal(sizeof(body) - 1, 77);
    hash_sha256_hex(body, sizeof(body) - 1, body_hash);
    assert_string_equal(body_hash, "2a3bc0270e2a2526552265c078260eea2be668ddc494d98ee172d9657a489028");
    request.method = STR("POST");
    request.payload_hash = str_of(body_hash);
    assert_signed(&request, &identity, "20150830T123600Z",
                  "52ea6a353d740b3cad6c0273da4dc7d02159c43a7550cec547febd2bf8ab2eee",
                  "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, "
                  "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
                  "Signature=9da589ce318c4ddf3ca0817b4e7d32fd6552ded373802de636a7711160e3d170");
}

/* The PUT of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. */
static void s3_put_object(void **state)
{
    static const struct sigv4_header headers[] = {
        H("Host", "examplebucket.s3.amazonaws.com"), H("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        H("x-amz-date", "20130524T000000Z"), H("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        H("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")};
    struct sigv4_identity identity = {.access_key = STR("AKIAIOSFODNN7EXAMPLE"),
                                      .secret_key = STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                                      .region = STR("us-east-1"),
                                      .service = STR("s3")};
    struct sigv4_request request = example_request(headers, ARRAY_LENGTH(headers));
    char body_hash[HASH_SHA256_HEX_SIZE];

    (void)state;
    hash_sha256_hex("Welcome to Amazon S3.", 21, body_hash);
    request.method = STR("PUT");
    request.path = STR("/test%24file.text");
    request.payload_hash = str_of(body_hash);
    assert_signed(&request, &identity, "20130524T000000Z",
                  "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
                  "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                  "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
                  "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

/* get-vanilla of the AWS SigV4 test suite, with the string to sign. */
static void suite_get_vanilla(void **state)
{
    struct sigv4_identity identity = example_identity();
    struct sigv4_request request = example_request(example_headers, 2);
    struct buf canonical;
    struct buf text;

    (void)state;
    assert_signed(&request, &identity, "20150830T123600Z",
                  "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
                  "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                  "SignedHeaders=host;x-amz-date, "
                  "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    buf_init(&canonical, OUT_CAP);
    buf_init(&text, OUT_CAP);
    assert_int_equal(sigv4_canonical_request(&request, false, &canonical), 0);
    assert_string_equal(canonical.data, "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n"
                                        "\nhost;x-amz-date\n" EMPTY_HASH);
    assert_int_equal(sigv4_string_to_sign(&identity, "20150830T123600Z", buf_str(&canonical), &text), 0);
    assert_string_equal(text.data, "AWS4-HMAC-SHA256\n20150830T123600Z\n"
                                   "20150830/us-east-1/service/aws4_request\n"
                                   "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63");
    buf_done(&canonical);
    buf_done(&text);
}

/* The derivation example of the SigV4 documentation (20120215, us-east-1, iam). */
static void signing_key_known_answer(void **state)
{
    struct sigv4_identity identity = {.secret_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                      .region = STR("us-east-1"),
                                      .service = STR("iam")};
    unsigned char key[HASH_SHA256_SIZE];
    char hex[HASH_SHA256_HEX_SIZE];

    (void)state;
    assert_int_equal(sigv4_signing_key(&identity, "20120215T000000Z", key), 0);
    hash_hex(key, sizeof(key), hex);
    assert_string_equal(hex, "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

static void assert_canonical_path(const char *path, bool s3, const char *expected)
{
    struct sigv4_request request = example_request(example_headers, 2);
    char *line_end;
    struct buf out;

    request.path = str_of(path);
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_canonical_request(&request, s3, &out), 0);
    line_end = strchr(out.data + 4, '\n');
    assert_non_null(line_end);
    *line_end = '\0';
    assert_string_equal(out.data + 4, expected);
    buf_done(&out);
}

/* The path cases of the AWS suite, and the encoding that comes on top. */
static void path_is_normalised_and_encoded_again(void **state)
{
    (void)state;
    assert_canonical_path("", false, "/");
    assert_canonical_path("/", false, "/");
    assert_canonical_path("//", false, "/");
    assert_canonical_path("/example/..", false, "/");
    assert_canonical_path("/example1/example2/../..", false, "/");
    assert_canonical_path("/../../a", false, "/a");
    assert_canonical_path("/./", false, "/");
    assert_canonical_path("/./example", false, "/example");
    assert_canonical_path("//example//", false, "/example/");
    assert_canonical_path("/example space/", false, "/example%20space/");
    assert_canonical_path("/a%20b", false, "/a%2520b");
    assert_canonical_path("/\xE1\x88\xB4", false, "/%E1%88%B4");
    assert_canonical_path("/-._~0123456789ABCabc", false, "/-._~0123456789ABCabc");
    assert_canonical_path("/a+b*c=d:e@f", false, "/a%2Bb%2Ac%3Dd%3Ae%40f");
    assert_canonical_path("/a/b/../c/", false, "/a/c/");
}

static void s3_path_is_kept_and_encoded_once(void **state)
{
    (void)state;
    assert_canonical_path("//example//", true, "//example//");
    assert_canonical_path("/a/../b/./c", true, "/a/../b/./c");
    assert_canonical_path("/a%20b", true, "/a%20b");
    assert_canonical_path("/a%2fb%2Fc/d", true, "/a%2Fb%2Fc/d");
    assert_canonical_path("/%zz%4", true, "/%25zz%254");
    assert_canonical_path("/a+b", true, "/a%2Bb");
    assert_canonical_path("/%41%7e", true, "/A~");
}

static void assert_canonical_query(const char *query, const char *expected)
{
    struct sigv4_request request = example_request(example_headers, 2);
    char *line_end;
    struct buf out;

    request.query = str_of(query);
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_canonical_request(&request, false, &out), 0);
    line_end = strchr(out.data + 6, '\n');
    assert_non_null(line_end);
    *line_end = '\0';
    assert_string_equal(out.data + 6, expected);
    buf_done(&out);
}

static void query_is_sorted_by_encoded_name_and_value(void **state)
{
    (void)state;
    assert_canonical_query("", "");
    assert_canonical_query("Param2=value2&Param1=value1", "Param1=value1&Param2=value2");
    assert_canonical_query("Param1=value2&Param1=Value1", "Param1=Value1&Param1=value2");
    assert_canonical_query("Param1=value1&Param1=value1", "Param1=value1&Param1=value1");
    assert_canonical_query("flag&a=1", "a=1&flag=");
    assert_canonical_query("a=b=c", "a=b%3Dc");
    assert_canonical_query("ab=1&a=2&a-b=3", "a=2&a-b=3&ab=1");
    assert_canonical_query("a=%2f&a=/", "a=%2F&a=%2F");
    assert_canonical_query("a=x+y&b=x%20y&c=x%2By", "a=x%20y&b=x%20y&c=x%2By");
    assert_canonical_query("\xE1\x88\xB4=bar", "%E1%88%B4=bar");
    assert_canonical_query("a=1&&b=2&", "a=1&b=2");
}

/* Names are compared, not "name:value"; duplicates stay in order; white space is one blank. */
static void headers_are_lowered_trimmed_joined_and_sorted(void **state)
{
    static const struct sigv4_header headers[] = {
        H("X-Amz-Date", "20150830T123600Z"),    H("My-Header1", "  value4  "), H("HOST", "h"),
        H("my-header1", "value1\n  \t value2"), H("My-Header1", ""),           H("My-Header", "\"a   b\"")};
    struct sigv4_request request = example_request(headers, ARRAY_LENGTH(headers));
    struct buf out;

    (void)state;
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_canonical_request(&request, false, &out), 0);
    assert_string_equal(out.data,
                        "GET\n/\n\nhost:h\nmy-header:\"a b\"\nmy-header1:value4,value1 value2,\n"
                        "x-amz-date:20150830T123600Z\n\nhost;my-header;my-header1;x-amz-date\n" EMPTY_HASH);
    buf_done(&out);
}

static void too_many_headers_and_parameters_are_refused(void **state)
{
    struct sigv4_header headers[SIGV4_HEADER_CAP + 1];
    struct sigv4_request request = example_request(headers, SIGV4_HEADER_CAP + 1);
    struct sigv4_identity identity = example_identity();
    char query[2 * (SIGV4_QUERY_CAP + 1) + 1] = "";
    struct buf out;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) {
        headers[i] = example_headers[0];
    }
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_authorization(&request, &identity, "20150830T123600Z", &out), -ERROR_LIMIT);
    request.header_count = 1;
    for (int i = 0; i <= SIGV4_QUERY_CAP; i++) {
        strcat(query, "a&");
    }
    request.query = str_of(query);
    assert_int_equal(sigv4_authorization(&request, &identity, "20150830T123600Z", &out), -ERROR_LIMIT);
    request.query.len -= 2;
    assert_int_equal(sigv4_authorization(&request, &identity, "20150830T123600Z", &out), 0);
    buf_done(&out);
}

/* The GET of docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html. */
static void presigned_s3_get(void **state)
{
    static const struct sigv4_header headers[] = {H("host", "examplebucket.s3.amazonaws.com")};
    struct sigv4_identity identity = {.access_key = STR("AKIAIOSFODNN7EXAMPLE"),
                                      .secret_key = STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                                      .region = STR("us-east-1"),
                                      .service = STR("s3")};
    struct sigv4_request request = example_request(headers, 1);
    struct buf out;

    (void)state;
    request.path = STR("/test.txt");
    request.payload_hash = STR("UNSIGNED-PAYLOAD");
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_presign_query(&request, &identity, "20130524T000000Z", 86400, &out), 0);
    assert_string_equal(out.data,
                        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    buf_done(&out);
}

static void date_is_compact_utc(void **state)
{
    char date[SIGV4_DATE_SIZE];

    (void)state;
    sigv4_date(1440938160999, date);
    assert_string_equal(date, "20150830T123600Z");
    sigv4_date(0, date);
    assert_string_equal(date, "19700101T000000Z");
}

static void authorization_is_taken_apart(void **state)
{
    struct sigv4_claim claim;
    char text[512];

    (void)state;
    snprintf(text, sizeof(text),
             "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/kinesis/aws4_request,"
             "SignedHeaders=host;x-amz-date,   Signature=%s ",
             EMPTY_HASH);
    assert_true(sigv4_parse_authorization(str_of(text), &claim));
    assert_true(str_eq(claim.access_key, STR("AKID")));
    assert_true(str_eq(claim.date, STR("20150830")));
    assert_true(str_eq(claim.region, STR("us-east-1")));
    assert_true(str_eq(claim.service, STR("kinesis")));
    assert_true(str_eq(claim.signed_headers, STR("host;x-amz-date")));
    assert_true(str_eq(claim.signature, STR(EMPTY_HASH)));
}

static void incomplete_authorization_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "Basic abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, Signature=" EMPTY_HASH,
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" EMPTY_HASH,
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/aws4_request, SignedHeaders=host, Signature=" EMPTY_HASH,
        "AWS4-HMAC-SHA256 Credential=A/2015/r/s/aws4_request, SignedHeaders=host, Signature=" EMPTY_HASH,
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4, SignedHeaders=host, Signature=" EMPTY_HASH,
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=ab",
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, X=1, "
        "Signature=" EMPTY_HASH,
        "AWS4-ECDSA-P256-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, "
        "Signature=" EMPTY_HASH};
    struct sigv4_claim claim;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(sigv4_parse_authorization(str_of(bad[i]), &claim));
    }
}

static void verify_accepts_only_the_request_that_was_signed(void **state)
{
    static const struct sigv4_header received[] = {H("User-Agent", "x"), H("host", "example.amazonaws.com"),
                                                   H("x-amz-date", "20150830T123600Z"), H("accept", "*/*")};
    static const struct sigv4_header other_host[] = {H("host", "evil.example"),
                                                     H("x-amz-date", "20150830T123600Z")};
    struct sigv4_identity identity = example_identity();
    struct sigv4_request request = example_request(example_headers, 2);
    struct str date = STR("20150830T123600Z");
    struct sigv4_claim claim;
    struct buf out;

    (void)state;
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_authorization(&request, &identity, date.ptr, &out), 0);
    assert_true(sigv4_parse_authorization(buf_str(&out), &claim));
    request.headers = received;
    request.header_count = ARRAY_LENGTH(received);
    assert_true(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), date));
    assert_false(sigv4_verify(&request, &claim, STR("another"), date));
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), STR("20150830T123601Z")));
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), STR("20150831T123600Z")));
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), STR("")));
    request.method = STR("POST");
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), date));
    request.method = STR("GET");
    request.header_count = 2; /* x-amz-date is listed as signed but missing */
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), date));
    request.headers = other_host;
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), date));
    buf_done(&out);
}

static void verify_wants_the_host_signed(void **state)
{
    struct sigv4_identity identity = example_identity();
    struct sigv4_request request = example_request(example_headers + 1, 1);
    struct sigv4_claim claim;
    struct buf out;

    (void)state;
    buf_init(&out, OUT_CAP);
    assert_int_equal(sigv4_authorization(&request, &identity, "20150830T123600Z", &out), 0);
    assert_true(sigv4_parse_authorization(buf_str(&out), &claim));
    assert_false(sigv4_verify(&request, &claim, STR(EXAMPLE_SECRET), STR("20150830T123600Z")));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinesis_put_records_with_a_token),
        cmocka_unit_test(s3_put_object),
        cmocka_unit_test(suite_get_vanilla),
        cmocka_unit_test(signing_key_known_answer),
        cmocka_unit_test(path_is_normalised_and_encoded_again),
        cmocka_unit_test(s3_path_is_kept_and_encoded_once),
        cmocka_unit_test(query_is_sorted_by_encoded_name_and_value),
        cmocka_unit_test(headers_are_lowered_trimmed_joined_and_sorted),
        cmocka_unit_test(too_many_headers_and_parameters_are_refused),
        cmocka_unit_test(presigned_s3_get),
        cmocka_unit_test(date_is_compact_utc),
        cmocka_unit_test(authorization_is_taken_apart),
        cmocka_unit_test(incomplete_authorization_is_refused),
        cmocka_unit_test(verify_accepts_only_the_request_that_was_signed),
        cmocka_unit_test(verify_wants_the_host_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
