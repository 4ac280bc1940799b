/* SPDX-License-Identifier: Apache-2.0 */
/* folders: local/aws */
/*
 * What local-aws reads from outside: whole calls of Kinesis and Firehose against a state in /tmp, and the
 * parsers of S3 paths, chunks, presigned queries, CBOR, tokens, prefixes and the transform's answers. The
 * first byte chooses.
 */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"

#include "local/aws/auth_query.h"
#include "local/aws/cbor.h"
#include "local/aws/faults.h"
#include "local/aws/firehose.h"
#include "local/aws/firehose_prefix.h"
#include "local/aws/kinesis.h"
#include "local/aws/kinesis_iterator.h"
#include "local/aws/kinesis_sequence.h"
#include "local/aws/s3_chunked.h"
#include "local/aws/s3_conditions.h"
#include "local/aws/s3_path.h"
#include "local/aws/s3_store.h"
#include "local/aws/setup.h"
#include "tests/fuzz/fuzz.h"

static const char *const operations[] = {
    "PutRecords",       "PutRecord",           "GetShardIterator",     "GetRecords",
    "ListShards",       "DescribeStream",      "CreateStream",         "DeleteStream",
    "SplitShard",       "MergeShards",         "ListStreams",          "UpdateMaxRecordSize",
    "PutRecord",        "PutRecordBatch",      "CreateDeliveryStream", "DescribeDeliveryStream",
    "DescribeLimits",   "ListDeliveryStreams", "DeleteDeliveryStream", "DescribeStreamSummary",
    "UpdateShardCount", "UpdateDestination"};

static const struct local_config config = {.region = "us-east-1",
                                           .access_key = "k",
                                           .secret_key = "s",
                                           .streams = "users:2",
                                           .delivery_streams = "users:userdata",
                                           .lambda_url = "http://127.0.0.1:1",
                                           .buffer_bytes = 1 << 20,
                                           .buffer_interval_ms = 60000};

static char dir[] = "/tmp/local-aws-fuzz-XXXXXX";

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_dir(void)
{
    nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* One state for the whole run: what earlier inputs made, later ones meet. */
static struct local *open_local(void)
{
    static struct local local;
    static char s3_dir[sizeof(dir) + 3];
    struct error err = {0};

    if (local.state) {
        return &local;
    }
    log_init("fuzz", LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    require(mkdtemp(dir) != NULL && atexit(remove_dir) == 0);
    snprintf(s3_dir, sizeof(s3_dir), "%s/s3", dir);
    local.config = &config;
    local.metrics = metrics_new(local_metrics, LOCAL_METRIC_COUNT);
    local.state = state_open(dir, &err);
    require(local.metrics && local.state);
    local.kinesis = kinesis_store_open(local.state, &err);
    local.s3 = s3_store_open(local.state, s3_dir, &err);
    require(local.kinesis && local.s3);
    local.firehose = firehose_open(&local, &err);
    require(local.firehose && setup_run(&local, &err) == 0);
    return &local;
}

/* Streams pile up, as nothing is to stop an input from making them. */
static void tidy(struct local *local)
{
    struct error err = {0};

    while (kinesis_store_count(local->kinesis) > 20) {
        require(kinesis_store_delete(local->kinesis, kinesis_store_at(local->kinesis, 0)) == 0);
    }
    while (firehose_count(local->firehose) > 20) {
        require(firehose_delete(local->firehose, firehose_at(local->firehose, 0)) == 0);
    }
    require(setup_run(local, &err) == 0);
}

static void run_call(size_t choice, struct str json)
{
    struct local *local = open_local();
    cJSON *input = json_parse(json.ptr, json.len, NULL);
    struct call call = {
        .local = local, .operation = operations[choice], .input = input, .now_ms = 1795435200000};
    bool kinesis = choice < 12 || choice == 16 || choice == 19 || choice == 20;

    if (!cJSON_IsObject(input)) {
        cJSON_Delete(input);
        return;
    }
    buf_init(&call.output, CALL_OUTPUT_CAP);
    if (kinesis ? kinesis_call(&call) : firehose_call(&call)) {
        require(call.status >= 400 && call.code && call.message[0] != '\0');
        require(call.status != 500);
    } else if (call.output.len > 0) {
        cJSON *output = json_parse(call.output.data, call.output.len, NULL);
        require(output != NULL);
        cJSON_Delete(output);
    }
    buf_done(&call.output);
    cJSON_Delete(input);
    tidy(local);
}

static void read_results(struct str answer)
{
    static const struct firehose_record records[] = {
        {.id = 1, .data = {"a", 1}}, {.id = 2, .data = {"b", 1}}, {.id = 3, .data = {"c", 1}}};
    struct firehose_result results[3];
    struct firehose_failure failure = {0};
    struct buf data;

    buf_init(&data, FIREHOSE_PAYLOAD_CAP);
    if (firehose_results_read(answer, records, 3, results, &data, &failure)) {
        for (size_t i = 0; i < 3; i++) {
            require(results[i].outcome != FIREHOSE_OK || results[i].offset + results[i].len <= data.len);
            require(results[i].outcome != FIREHOSE_FAILED || results[i].failure.code);
        }
    } else {
        require(failure.code && failure.message);
    }
    buf_done(&data);
}

static void read_chunks(struct str text)
{
    static const struct s3_chunk_signer signer = {
        .identity = {.secret_key = {"s", 1}, .region = {"us-east-1", 9}, .service = {"s3", 2}},
        .date = "20130524T000000Z",
        .seed = {"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", 64}};
    struct str trailers = STR("");
    struct str name;
    struct str value;
    struct buf out;

    buf_init(&out, 4096);
    if (s3_chunked_decode(text, NULL, &out, &trailers) == S3_CHUNKED_OK) {
        require(out.len < text.len);
        while (s3_chunked_trailer(&trailers, &name, &value)) {
            require(name.ptr >= text.ptr && value.ptr + value.len <= text.ptr + text.len);
        }
    }
    buf_reset(&out);
    require(s3_chunked_decode(text, &signer, &out, &trailers) != S3_CHUNKED_OK);
    buf_done(&out);
}

static void read_presigned(struct str text)
{
    struct s3_conditions conditions = {.match = text, .none_match = text};
    struct auth_query query;
    struct buf covered;

    buf_init(&covered, AUTH_QUERY_CAP);
    if (!auth_query_parse(text, &query)) {
        require(query.expires_s >= 0 && query.expires_s <= AUTH_EXPIRES_MAX_S);
        require(query.claim.region.ptr >= query.credential &&
                query.claim.region.ptr < query.credential + sizeof(query.credential));
    }
    auth_query_covered(text, &covered);
    require(covered.len <= text.len);
    buf_done(&covered);
    (void)s3_conditions_judge(&conditions, "etag", 0);
}

static void read_s3(struct str text)
{
    struct s3_path path;

    if (s3_path_parse(text, &path) == S3_PATH_OK && path.key[0]) {
        require(s3_is_bucket_name(str_of(path.bucket)));
        if (!s3_key_problem(str_of(path.key))) {
            require(!strstr(path.key, "//") && path.key[0] != '/' && strncmp(path.key, "../", 3) != 0);
            require(!strstr(path.key, "/../") && strcmp(path.key, "..") != 0);
        }
    }
    read_chunks(text);
    read_presigned(text);
}

/* Bytes either lead to no document, or to one that can be written again. */
static void read_cbor(struct str bytes)
{
    cJSON *root = cbor_read(bytes);
    char *json = root ? cJSON_PrintUnformatted(root) : NULL;
    struct buf out;

    buf_init(&out, 1 << 20);
    if (json && cbor_write(str_of(json), &out) == 0) {
        cJSON *again = cbor_read(buf_str(&out));
        require(again != NULL);
        cJSON_Delete(again);
    }
    buf_done(&out);
    cJSON_free(json);
    cJSON_Delete(root);
}

static void read_tokens(struct str text, const char *copy)
{
    struct kinesis_iterator iterator;
    struct kinesis_sequence sequence;
    char token[KINESIS_ITERATOR_SIZE];
    char number[KINESIS_SEQUENCE_SIZE];
    struct faults *faults = faults_new(NULL);
    struct error err = {0};

    if (kinesis_iterator_parse(text, &iterator)) {
        kinesis_iterator_format(&iterator, token);
        require(str_eq(text, str_of(token)));
    }
    if (kinesis_sequence_parse(text, &sequence)) {
        kinesis_sequence_format(&sequence, number);
        require(str_eq(text, str_of(number)));
    }
    require(faults && (faults_order(faults, text, &err) == 0 || err.message[0] != '\0'));
    faults_free(faults);
    (void)setup_check_streams(copy);
    (void)setup_check_delivery_streams(copy);
}

static void make_key(const char *prefix)
{
    struct firehose_object_name name = {
        .prefix = prefix, .error_prefix = "", .stream = "s", .version = 1, .oldest_ms = 1, .uuid = "u"};
    struct buf key;

    buf_init(&key, 65536);
    if (!firehose_prefix_problem(prefix, false)) {
        require(firehose_object_key(&name, &key) == 0);
    }
    buf_done(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t choice;
    char *copy;
    struct str text;

    if (size == 0) {
        return 0;
    }
    choice = data[0] % 27;
    copy = fuzz_text(data + 1, size - 1);
    text = (struct str){copy, size - 1};
    if (choice < ARRAY_LENGTH(operations)) {
        run_call(choice, text);
    } else if (choice == 22) {
        read_results(text);
    } else if (choice == 23) {
        read_s3(text);
    } else if (choice == 24) {
        read_tokens(text, copy);
    } else if (choice == 25) {
        read_cbor((struct str){(const char *)data + 1, size - 1});
    } else {
        make_key(copy);
    }
    free(copy);
    return 0;
}
