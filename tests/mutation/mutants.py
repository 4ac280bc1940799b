# SPDX-License-Identifier: Apache-2.0
"""The promises, each broken by one replacement, and the test that must notice.

test: "lib/sigv4_test::name" is a cmocka test of tests/unit, "tests/integration/..." a pytest node.
"""


def mutant(name, file, old, new, test):
    return {"name": name, "file": file, "old": old, "new": new, "test": test}


PIPELINE = "tests/integration/test_pipeline.py::test_s3_holds_exactly_what_the_sql_selects"

MUTANTS = [
    # Each line in S3 ends in one newline.
    mutant(
        "newline missing", "transformer/transform.c",
        "line.newline = line.ok &&", "line.newline = false && line.ok &&", PIPELINE,
    ),
    mutant(
        "newline lost for one length of data in three", "transformer/base64_text.c",
        "out[text.len - 1] = 'K';", "out[text.len - 1] = '=';",
        "transformer/base64_text_test::the_newline_equals_decode_append_encode_for_every_length",
    ),
    # The SQL selects males from 18.
    mutant("filter wrong: age", "sql/users.sql", "age >= 18", "age > 18", PIPELINE),
    mutant("filter wrong: gender", "sql/users.sql", "gender = 'male'", "gender <> 'female' OR age = 20", PIPELINE),
    mutant(
        "fields out of order", "sql/users.sql",
        "SELECT first, last,", "SELECT last, first,", "analytics/engine_test::the_projects_query_gives_its_rows",
    ),
    # Requests are signed with AWS Signature Version 4, and signatures are checked.
    mutant(
        "signature wrong: key derivation", "lib/sigv4.c",
        'buf_add(&secret, "AWS4", 4);', 'buf_add(&secret, "AWS5", 4);',
        "lib/sigv4_test::kinesis_put_records_with_a_token",
    ),
    mutant(
        "signature wrong: headers not sorted", "lib/sigv4_canonical.c",
        "compare_names(header->name, ret->headers[at - 1]->name) < 0", "false",
        "lib/sigv4_test::headers_are_lowered_trimmed_joined_and_sorted",
    ),
    mutant(
        "signature not checked", "lib/sigv4_verify.c",
        "hash_equal(signature, claim->signature.ptr, sizeof(signature) - 1);", "claim->signature.ptr != NULL;",
        "lib/sigv4_test::verify_accepts_only_the_request_that_was_signed",
    ),
    # Every buffer keeps its cap.
    mutant(
        "buffer beyond its cap", "lib/buf.c",
        "extra > buf->cap - buf->len", "extra > buf->cap - buf->len + 1", "lib/buf_test::test_cap_is_exact",
    ),
    # A run whose numbers do not agree fails.
    mutant(
        "balance not judged", "local/stack/balance.py",
        "return self.left == self.right", "return True",
        "tests/integration/test_stack.py::test_lines_missing_in_s3_break_the_balance",
    ),
    mutant(
        "down hits a pid that is another's", "local/stack/process.py",
        "start_time(self.pid) == self.started", "start_time(self.pid) is not None",
        "tests/integration/test_stack.py::test_down_never_hits_a_pid_that_was_given_to_another",
    ),
    # The forwarder commits only what Kinesis has confirmed, in order per key, and resends only what failed.
    mutant(
        "commit before confirm", "forwarder/offsets.c",
        "return offsets->head == offsets->tail ? offsets->next : *slot(offsets, offsets->head);",
        "return offsets->next;",
        "tests/integration/test_forwarder.py::test_only_confirmed_records_are_committed",
    ),
    mutant(
        "resend all instead of failed", "forwarder/outcome.c",
        "if (results->failed[i - request->from] == ANSWER_STORED) {", "if (failed == 0) {",
        "tests/integration/test_forwarder.py::test_throttled_records_alone_are_sent_again",
    ),
    mutant(
        "throttled records taken for stored", "forwarder/outcome.c",
        "if (results->failed[i - request->from] == ANSWER_STORED) {",
        "if (results->failed[i - request->from] != ANSWER_FAILED) {",
        "tests/integration/test_forwarder.py::test_throttled_records_alone_are_sent_again",
    ),
    mutant(
        "fetching sleeps on a full queue", "forwarder/consumer_wake.c",
        "wake->wanted = !consumer_wake_unneeded() &&", "wake->wanted = false &&",
        "tests/integration/test_forwarder.py::test_fetching_goes_on_as_soon_as_the_queue_has_room",
    ),
    mutant(
        "free requests keep their memory", "forwarder/request.c",
        "request->batch.body.size > request->keep_bytes", "request->keep_bytes == 0",
        "tests/integration/test_forwarder.py::test_many_requests_share_a_small_buffer",
    ),
    mutant(
        "two records of a key under way", "forwarder/lanes.c",
        "if (lanes_busy(lanes, lane)) {\n        return false;", "if (lanes_busy(lanes, lane)) {\n        return true;",
        "forwarder/lanes_test::test_one_record_of_a_lane_at_a_time_in_order",
    ),
    mutant(
        "a key's next record goes before the first is confirmed", "forwarder/outcome.c",
        "entry.partition->in_requests--;\n    entry.attempts++;",
        "entry.partition->in_requests--;\n    settle_leave_lane(engine, entry.lane);\n    entry.attempts++;",
        "forwarder/engine_test::test_throttled_records",
    ),
    mutant(
        "resending after an unknown outcome not counted", "forwarder/outcome.c",
        "if (response->outcome == AWS_UNKNOWN) {", "if (response->outcome == AWS_RETRY) {",
        "forwarder/engine_test::test_requests_that_fail_in_every_way",
    ),
    mutant(
        "partitions handed back during a drain stay ours", "forwarder/handover.c",
        "if (!partition) {\n        return;", "if (!partition || engine->draining) {\n        return;",
        "forwarder/engine_test::test_rebalances_kills_and_stops",
    ),
    mutant(
        "a failed commit is not repeated", "forwarder/handover.c",
        "p->committed = -1; /* all of them go with the next commit */", "(void)p;",
        "forwarder/engine_test::test_requests_that_fail_in_every_way",
    ),
    mutant(
        "poison before anything is confirmed blocks its request", "forwarder/outcome.c",
        "put_aside(engine, request, response->error.message, now_ms);",
        'wait_request(engine, request, "", "", now_ms);',
        "forwarder/engine_test::test_poison_before_anything_is_confirmed",
    ),
    mutant(
        "the loop spins while the stream is described", "forwarder/engine.c",
        "stream_next_ms(&engine->stream)", "engine->stream.due_ms ? engine->stream.due_ms : INT64_MAX",
        "forwarder/engine_test::test_poison_before_anything_is_confirmed",
    ),
    mutant(
        "the loop spins while the next record finds no room", "forwarder/intake.c",
        "has_memory(engine, engine->wanted);", "has_memory(engine, 0);",
        "forwarder/engine_test::test_memory_while_kinesis_is_down",
    ),
    mutant(
        "no bound on memory", "forwarder/intake.c",
        "return engine->alive == 0 || engine->used + 2 * bound <= engine->held_cap;", "return bound >= 0;",
        "forwarder/engine_test::test_memory_while_kinesis_is_down",
    ),
    # Aggregates: in order, sound, within their cap, settled record by record, and taken apart when refused.
    mutant(
        "aggregate out of order", "forwarder/lanes.c",
        "struct held *first = held_pop(&lanes->waiting[lane]);",
        "struct held_list *list = &lanes->waiting[lane];\n    struct held *first = held_pop(list);\n\n"
        "    if (first && list->head) {\n        struct held *second = held_pop(list);\n"
        "        held_push(list, first);\n        first = second;\n    }",
        "forwarder/engine_test::test_fair_weather",
    ),
    mutant(
        "aggregate of two partitions", "forwarder/packing.c",
        "held->entry.attempts > 0 || held->entry.partition != first->entry.partition", "held->entry.attempts > 0",
        "forwarder/packing_test::test_another_partition_waits",
    ),
    mutant(
        "aggregate of two keys", "forwarder/packing.c",
        "return str_eq(keys, first_keys) && !aggregate_is_one(data);", "return !aggregate_is_one(data);",
        "forwarder/packing_test::test_another_key_waits",
    ),
    mutant(
        "aggregate beyond its cap", "forwarder/packing.c",
        "size_t raw = key_len + aggregate_base_size", "size_t raw = aggregate_base_size",
        "forwarder/packing_test::test_one_byte_less_is_one_record_less",
    ),
    mutant(
        "aggregate within an aggregate", "forwarder/packing.c",
        "return str_eq(keys, first_keys) && !aggregate_is_one(data);", "return str_eq(keys, first_keys);",
        "forwarder/packing_test::test_an_aggregate_by_somebody_else_is_not_packed",
    ),
    mutant(
        "one record wrapped", "forwarder/packing.c",
        "if (plan->count < 2) {", "if (plan->count < 1) {", "forwarder/packing_test::test_one_that_fits_alone_is_not_wrapped",
    ),
    mutant(
        "digest of an aggregate wrong", "forwarder/aggregate.c",
        "hash_md5(out->data + sizeof(magic), out->len - sizeof(magic), digest);",
        "hash_md5(out->data, out->len, digest);", "forwarder/aggregate_test::test_what_is_written_is_read_back",
    ),
    mutant(
        "only the first record of an aggregate settles", "forwarder/settle.c",
        "for (size_t i = 0; i < pack_records(entry); i++) {", "for (size_t i = 0; i < 1; i++) {",
        "forwarder/engine_test::test_fair_weather",
    ),
    mutant(
        "possible duplicates within aggregates not counted", "forwarder/sender.c",
        "FWD_POSSIBLE_DUPLICATES, request_records(request)", "FWD_POSSIBLE_DUPLICATES, request->to - request->from",
        "forwarder/engine_test::test_requests_that_fail_in_every_way",
    ),
    mutant(
        "released aggregate counted once", "forwarder/settle.c",
        "metrics_add(engine->metrics, FWD_RELEASED, count);", "metrics_add(engine->metrics, FWD_RELEASED, 1);",
        "forwarder/engine_test::test_rebalances_kills_and_stops",
    ),
    mutant(
        "resent aggregate counted once", "forwarder/outcome.c",
        "records[results->failed[i - request->from]] += pack_records(entry);",
        "records[results->failed[i - request->from]]++;",
        "tests/integration/test_forwarder.py::test_records_of_a_key_that_wait_for_each_other_go_as_one",
    ),
    mutant(
        "refused aggregate put aside for ever", "forwarder/outcome.c",
        "} else if (request->batch.entries[request->from].pack) {",
        "} else if (false && request->batch.entries[request->from].pack) {",
        "forwarder/engine_test::test_poison_among_good_records",
    ),
    mutant(
        "records of a refused aggregate go behind newer ones", "forwarder/packing.c",
        "lanes_wait_first(engine->lanes, entry->lane, &list);",
        "while (list.head) {\n            lanes_wait(engine->lanes, entry->lane, held_pop(&list));\n        }",
        "forwarder/engine_test::test_poison_among_good_records",
    ),
    mutant(
        "records of a refused aggregate packed again", "forwarder/packing.c",
        "alone.attempts++;", "alone.attempts = 0;", "forwarder/packing_test::test_a_refused_one_comes_apart",
    ),
    # The checkpoint moves after Firehose has confirmed; only failed rows are sent again.
    mutant(
        "checkpoint before confirm", "analytics/shard.c",
        "shard->slice.count = shard->done = 0;\n        shard->state = SHARD_DELIVERING;",
        "shard->slice.count = shard->done = 0;\n        shard->state = SHARD_DELIVERING;\n"
        "        if (shard->reader.answer.count > 0) {\n"
        "            (void)save(shard, shard->reader.answer.records[shard->reader.answer.count - 1].sequence, false);\n"
        "        }",
        "tests/integration/test_analytics.py::"
        "test_sigterm_gives_up_on_a_dead_firehose_after_the_drain_timeout_and_loses_nothing",
    ),
    mutant(
        "rows that arrived sent again", "analytics/rows.c",
        "if (!rows->failed[i]) {\n            continue;", "if (i > rows->count) {\n            continue;",
        "analytics/rows_test::only_failed_rows_are_sent_again_in_order",
    ),
    # analytics: a shard's quotas, parents before children, one owner a shard, every record accounted for.
    mutant(
        "a shard read faster than its quota", "analytics/reader.c",
        "(wait_ms > bytes_ms ? wait_ms : bytes_ms)", "(bytes_ms < 0 ? bytes_ms : wait_ms)",
        "tests/integration/test_analytics.py::test_a_shards_quotas_are_kept",
    ),
    mutant(
        "children before their parents", "analytics/shards.c",
        "|| ended(ctx, parent);", "|| ended != NULL || ctx == parent;",
        "tests/integration/test_analytics.py::test_split_and_merged_shards_are_read_parents_first",
    ),
    mutant(
        "a shard read by two replicas", "analytics/replica.c",
        "% replica->count == replica->index", "% replica->count <= replica->index",
        "tests/integration/test_analytics.py::test_replicas_divide_the_shards_between_them",
    ),
    mutant(
        "an aggregate with a wrong digest taken apart", "analytics/kpl.c",
        "if (memcmp(digest, message.ptr + message.len, HASH_MD5_SIZE) != 0) {", "if (digest[0] == magic[0]) {",
        "analytics/kpl_test::a_record_with_a_wrong_digest_or_magic_stays_whole",
    ),
    mutant(
        "repetitions of a producer passed on", "analytics/dedup.c",
        "        return true;\n    }\n    if (dedup->young.count", "        return false;\n    }\n    if (dedup->young.count",
        "tests/integration/test_analytics.py::test_repetitions_of_a_producer_are_dropped_within_the_window",
    ),
    mutant(
        "a record that cannot be read not kept", "analytics/shard.c",
        "errors, shard->noted_count, clock_wall_ms(),", "errors, 0, clock_wall_ms(),",
        "tests/integration/test_analytics.py::test_the_golden_input_gives_exactly_its_rows_and_errors[users.sql]",
    ),
    mutant(
        "an aggregation over a batch accepted", "analytics/sql_select.c",
        "if (in_list(token, batch_words, ARRAY_LENGTH(batch_words))) {", "if (sql_sign_is(token, '?')) {",
        "analytics/sql_test::what_looks_at_a_whole_batch_is_refused_and_flink_named",
    ),
    mutant(
        "a misspelt column taken for text", "analytics/engine.c",
        "SQLITE_DBCONFIG_DQS_DML, 0,", "SQLITE_DBCONFIG_DQS_DML, 1,",
        "analytics/engine_test::mistakes_are_told_with_file_and_place",
    ),
    mutant(
        "text longer than its VARCHAR passed on", "analytics/target.c",
        "columns_cut(text, text_cap)", "columns_cut(text, text_cap * 0)",
        "analytics/engine_test::text_for_a_destinations_varchar_is_cut",
    ),
    mutant(
        "an old application's names as written", "analytics/sql.c",
        "if (!quoted && *c >= 'a' && *c <= 'z') {", "if (quoted && *c >= 'a' && *c <= 'z') {",
        "analytics/sql_test::names_of_a_streams_columns_are_in_upper_case_unless_quoted",
    ),
    # The fetcher asks without login, and passes a user's bytes on as they came.
    mutant(
        "login asked for", "fetcher/request.c",
        'buf_add_str(out, "exc=login");', 'buf_add_str(out, "exc=id");',
        "fetcher/request_test::the_parameters_are_added",
    ),
    # What the API sends wrong is not forwarded; a page that failed is asked for again; nothing is dropped.
    mutant(
        "wrong user forwarded", "fetcher/publisher.c",
        "bool good = verdict->reason == USER_OK;", "bool good = verdict->reason != USER_LOGIN;",
        "tests/integration/test_fetcher.py::test_wrong_users_go_to_the_dead_letter_topic_with_the_reason",
    ),
    mutant(
        "login in the dead-letter topic", "fetcher/user.c",
        "    if (remove_login(tree)) {", "    if (remove_login(tree) && tree == NULL) {",
        "tests/integration/test_fetcher.py::test_no_login_is_ever_passed_on",
    ),
    mutant(
        "duplicate keys let pass", "fetcher/user.c",
        "earlier->string[0] == member->string[0] && strcmp(earlier->string, member->string) == 0", "earlier == member",
        "fetcher/user_test::keys_that_occur_twice_are_refused_at_any_level",
    ),
    mutant(
        "failed page passed over", "fetcher/source.c",
        'LOG_STR("seed", source->position.seed), LOG_UINT("page", source->position.page));\n    source->state = SOURCE_WANTED;',
        'LOG_STR("seed", source->position.seed), LOG_UINT("page", source->position.page));\n'
        "    position_next(&source->position);\n    source->state = SOURCE_WANTED;",
        "tests/integration/test_fetcher.py::test_an_answer_without_an_end_is_counted_logged_and_over[cut_short-truncated]",
    ),
    mutant(
        "Retry-After not honoured", "fetcher/source.c",
        "return own > asked ? own : asked;", "return own > asked ? own : own;",
        "tests/integration/test_fetcher.py::test_retry_after_goes_before_the_own_pause",
    ),
    mutant(
        "quota not kept", "fetcher/source.c",
        "wait_ms = wait_ms > quota_ms ? wait_ms : quota_ms;", "wait_ms = wait_ms > quota_ms ? wait_ms : 0;",
        "tests/integration/test_fetcher.py::test_the_quota_holds_requests_back",
    ),
    mutant(
        "body read on past its cap", "fetcher/source.c",
        "(size_t)source->results * PAGE_BYTES_PER_USER + PAGE_BYTES_AROUND", "(size_t)64 * 1024 * 1024",
        "tests/integration/test_fetcher.py::test_an_answer_without_an_end_is_counted_logged_and_over[endless-too_large]",
    ),
    mutant(
        "user dropped when Kafka's queue is full", "fetcher/run.c",
        "        f->queue_full = true;\n        return false;",
        "        f->queue_full = true;\n        f->index++;\n        return false;",
        "tests/integration/test_fetcher.py::test_a_kafka_that_hangs_holds_the_fetching_and_loses_nothing",
    ),
    mutant(
        "every run has the same seed", "fetcher/run.c",
        "position_default_seed(seed, sizeof(seed), host, clock_wall_ms(), random_u64());",
        "position_default_seed(seed, sizeof(seed), host, 1, 1);",
        "tests/integration/test_fetcher.py::test_fetchers_that_share_nothing_fetch_no_user_twice",
    ),
    mutant(
        "page 10001 asked for", "fetcher/position.c",
        "if (position->page >= POSITION_PAGE_MAX) {", "if (position->page > POSITION_PAGE_MAX) {",
        "tests/integration/test_fetcher.py::test_after_page_10000_a_new_seed_follows",
    ),
    mutant(
        "resume one user too late", "fetcher/progress.c",
        "while (*ret_index < page->count && page->state[*ret_index]) {",
        "while (*ret_index < page->count && page->state[*ret_index] != 2) {",
        "fetcher/progress_test::a_later_run_goes_on_with_the_first_user_not_confirmed",
    ),
    # Bad base64 is one record's failure; no answer passes 6 MB; half an event is none.
    mutant(
        "bits left over let pass", "transformer/base64_text.c",
        "return (sextet(text.ptr[text.len - 3]) & 15) == 0;", "return true;",
        "transformer/base64_text_test::every_last_group_is_judged_like_the_decoder_does",
    ),
    mutant(
        "answer past 6 MB", "transformer/transform.c",
        "answer->size + size + answer->later > answer->cap", "answer->size + size > answer->cap",
        "transformer/transform_test::an_answer_passes_six_megabytes_never",
    ),
    mutant(
        "Runtime API that listens late given up", "transformer/runtime_api.c",
        "while (rc == -ERROR_NETWORK && !stop_requested()", "while (rc == ERROR_NETWORK && !stop_requested()",
        "tests/integration/test_transformer_lambda.py::"
        "test_a_runtime_api_that_listens_later_than_the_function_starts_is_waited_for",
    ),
    mutant(
        "half an event taken for one", "transformer/http_answer.c",
        "return state == HTTP_ANSWER_MORE && closed ? HTTP_ANSWER_WRONG : state;",
        "return state == HTTP_ANSWER_MORE && closed && answer->head_len == 0 ? HTTP_ANSWER_WRONG\n"
        "           : state == HTTP_ANSWER_MORE && closed                   ? HTTP_ANSWER_DONE\n"
        "                                                                   : state;",
        "tests/integration/test_transformer_lambda.py::test_a_connection_may_break_at_every_byte_of_an_event[close]",
    ),
    # local/aws checks signatures and keeps what it has confirmed.
    mutant(
        "any signature accepted by local/aws", "local/aws/auth.c",
        "if (sigv4_verify(&request, &evidence->claim, str_of(input->secret_key), evidence->date)) {",
        "if (sigv4_verify(&request, &evidence->claim, str_of(input->secret_key), evidence->date) || true) {",
        "tests/integration/test_local_aws.py::test_a_changed_body_or_header_breaks_the_signature",
    ),
    mutant(
        "confirmed records in memory only", "local/aws/state.c",
        "if (sqlite3_open(path, &state->db) != SQLITE_OK) {", 'if (sqlite3_open(":memory:", &state->db) != SQLITE_OK) {',
        "tests/integration/test_local_aws.py::test_confirmed_records_survive_kill_9",
    ),
    mutant(
        "what goes to another owner uncommitted not counted", "forwarder/partitions.c",
        "(uint64_t)(offsets->next - partition->acked)", "0", "forwarder/partitions_test::uncommitted_are_counted",
    ),
    mutant(
        "expired presigned URLs accepted", "local/aws/auth.c",
        "input->now_ms - signed_ms <= evidence->expires_s * 1000", "evidence->expires_s >= 0",
        "local/aws/auth_test::a_presigned_url_is_good_until_it_expires",
    ),
    mutant(
        "signatures of chunks not checked", "local/aws/s3_body.c",
        "auth_is_chunk_signed(hash) ? &signer : NULL", "false ? &signer : NULL",
        "tests/integration/test_local_aws_s3.py::test_signed_chunks_are_accepted_and_wrong_ones_refused",
    ),
    mutant(
        "trailing checksums not compared", "local/aws/s3_body.c",
        "strcmp(computed, body->checksum) == 0 ||", "computed[0] ||",
        "tests/integration/test_local_aws_s3.py::test_a_trailing_checksum_is_held_against_the_bytes",
    ),
    mutant(
        "an overwritten object without a trace in the state", "local/aws/s3_store.c",
        "if (!s3_files_is_staged(store->files, S3_STAGING, file) && state_run(store->state, s)) {",
        "if (s3_files_is_staged(store->files, S3_STAGING, file) && state_run(store->state, s)) {",
        "tests/integration/test_local_aws_s3.py::"
        "test_an_object_that_is_overwritten_is_the_old_or_the_new_one_after_kill_9",
    ),
    mutant(
        "parts of uploads thrown away at the start", "local/aws/s3_uploads.c",
        "return row != 0;", "return row > 1;",
        "tests/integration/test_local_aws_s3.py::test_a_multipart_upload_goes_on_after_kill_9",
    ),
    mutant(
        "a limit of PutRecords too high", "local/aws/kinesis.h",
        "KINESIS_PUT_RECORDS_CAP = 500,", "KINESIS_PUT_RECORDS_CAP = 501,",
        "tests/integration/test_local_aws.py::test_the_documented_limits_of_a_request",
    ),
    mutant(
        "no limit of a shard's throughput", "local/aws/kinesis_put.c",
        "!throttle_allows(&shard->bytes_in", "false && !throttle_allows(&shard->bytes_in",
        "tests/integration/test_local_aws.py::test_a_second_of_a_shard_takes_a_thousand_records_and_a_mebibyte",
    ),
    mutant(
        "a buffer delivered a byte too early", "local/aws/firehose_buffer.c",
        "buffer->queues[FIREHOSE_READY].bytes >= hints->bytes ||",
        "buffer->queues[FIREHOSE_READY].bytes >= hints->bytes - 1 ||",
        "tests/integration/test_local_aws_firehose.py::test_a_buffer_of_a_mebibyte_is_exact_at_the_byte",
    ),
    # Roles in AWS allow what is called, and no more.
    mutant(
        "an action to spare in a policy", "aws/template.yaml",
        "Action: [kinesis:DescribeStreamSummary, kinesis:PutRecords]",
        "Action: [kinesis:DescribeStreamSummary, kinesis:PutRecord, kinesis:PutRecords]",
        "tests/e2e/test_aws_deploy.py::test_the_services_call_what_their_policies_allow",
    ),
    mutant(
        "Firehose may take the role for anybody", "aws/template.yaml",
        "StringEquals: {sts:ExternalId: !Ref AWS::AccountId}", "StringLike: {aws:PrincipalType: \"*\"}",
        "tests/e2e/test_aws_template.py::test_every_combination_of_parameters_keeps_the_rules",
    ),
]
