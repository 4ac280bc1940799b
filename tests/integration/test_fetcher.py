# SPDX-License-Identifier: Apache-2.0
# shards: 2
"""The fetcher against a scripted API and the embedded broker: what reaches Kafka, and what happens when
the API, Kafka or the configuration is wrong."""

import json
import signal
import time

import pytest
from support import scripted_api as script
from support.kafka import read_topic
from support.procs import free_port, wait_until

PAUSED = "no page from the source, asking again after a pause"


@pytest.fixture
def api():
    with script.ScriptedApi() as scripted:
        yield scripted


@pytest.fixture
def fetcher(services, local_kafka, api):
    """Starts a fetcher with quick retries; settings go over the defaults here."""

    def start(args=(), listens=True, **settings):
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": local_kafka.bootstrap_servers,
            "FETCHER_URL": api.url,
            "FETCHER_RESULTS": "10",
            "FETCHER_RATE": "0",
            "FETCHER_SEED": "s",
            "FETCHER_RETRY_BASE_MS": "20",
            "FETCHER_RETRY_CAP_MS": "40",
        }
        env.update({name: value for name, value in settings.items() if value is not None})
        for name, value in settings.items():
            if value is None:
                env.pop(name, None)
        service = services("fetcher", env, args)
        if listens and not args:
            service.wait_for_event("listening")
        return service

    return start


def keys(seed, page, count, first=0):
    return [f"{seed}:{page}:{index}" for index in range(first, first + count)]


def users(kafka, topic="users"):
    return read_topic(kafka.bootstrap_servers, topic)


def key_list(kafka, topic="users"):
    return sorted(record.key for record in users(kafka, topic))


def last_line(service):
    end = service.events[-1]
    assert end["event"].startswith("stopped"), service.tail()
    return end


# --- the straight path ----------------------------------------------------------------------------------


def test_every_user_of_the_limit_arrives_once_and_the_end_says_where_to_go_on(fetcher, local_kafka, api):
    service = fetcher(FETCHER_LIMIT=25)
    assert service.wait() == 0
    assert key_list(local_kafka) == sorted(keys("s", 1, 10) + keys("s", 2, 10) + keys("s", 3, 5))
    end = last_line(service)
    assert (end["seed"], end["next_page"], end["next_index"]) == ("s", 4, 0)
    assert (end["published"], end["dead_lettered"], end["not_sent"], end["not_confirmed"]) == (25, 0, 0, 0)
    asked = [query for _, query in api.requests]
    assert [query["page"] for query in asked] == ["1", "2", "3"]
    assert [query["results"] for query in asked] == ["10", "10", "5"]
    assert all(query["exc"] == "login" and query["seed"] == "s" for query in asked)


def test_a_record_is_the_users_exact_bytes_with_its_place_and_origin(fetcher, local_kafka, api):
    user = (
        '{ "gender":"m\\u0061le" ,\n "name":{"first":"\\u00c5se","last":"Groß \\/ \\"x\\""},"n":1.50e+02,'
        '"location":{"coordinates":{"latitude":"-1.0","longitude":"2.0"}},\t"dob":{"age":30}, "big":123456789012345678901 }'
    )
    api.page = lambda seed, page, results: '{"info":{}, "results": [\n' + user + "\n ]}"
    assert fetcher(FETCHER_LIMIT=1).wait() == 0
    (record,) = users(local_kafka)
    assert record.value == user.encode()
    assert record.key == "s:1:0"
    assert record.headers["content-type"] == "application/json"
    assert record.headers["source"] == api.host
    assert record.headers["fetched-at"].endswith("Z")


def test_the_urls_own_parameters_are_kept(fetcher, api):
    assert fetcher(FETCHER_LIMIT=1, FETCHER_URL=api.url + "?nat=nl,de&exc=picture&page=77").wait() == 0
    (_, query), = api.requests
    assert query == {"nat": "nl,de", "exc": "login,picture", "results": "1", "seed": "s", "page": "1"}


def test_the_same_seed_gives_the_same_users_again(services, local_kafka, local_randomuser, fetcher):
    for topic in ("users", "users.dlq"):
        assert fetcher(FETCHER_URL=local_randomuser.api, KAFKA_TOPIC=topic, KAFKA_DLQ_TOPIC="users",
                       FETCHER_LIMIT=300, FETCHER_RESULTS=100).wait() == 0
    one, other = ({record.key: record.value for record in users(local_kafka, topic)} for topic in ("users", "users.dlq"))
    assert len(one) == 300
    assert one == other


def test_after_page_10000_a_new_seed_follows(fetcher, local_kafka):
    service = fetcher(FETCHER_PAGE=10000, FETCHER_LIMIT=25)
    assert service.wait() == 0
    assert key_list(local_kafka) == sorted(keys("s", 10000, 10) + keys("s~2", 1, 10) + keys("s~2", 2, 5))
    assert (last_line(service)["seed"], last_line(service)["next_page"]) == ("s~2", 3)


def test_users_are_sent_at_the_rate_while_one_page_is_fetched_ahead(fetcher, api):
    service = fetcher(FETCHER_RATE="20.5", FETCHER_RESULTS=100)
    began = time.monotonic()
    service.wait_for_metric("fetcher_users_published_total", 12)
    assert time.monotonic() - began >= 11 / 20.5 - 0.1  # not faster; how much slower is the machine's matter
    assert len(api.requests) == 2  # this page and the next, no more
    metrics = service.metrics()
    assert metrics["fetcher_users_fetched_total"] == 100
    in_hand = metrics["fetcher_users_waiting"] + metrics["fetcher_kafka_in_flight"]
    assert metrics["fetcher_users_published_total"] + in_hand == 100
    assert service.stop() == 0


def test_half_a_user_per_second(fetcher, local_kafka, api):
    began = time.monotonic()
    assert fetcher(FETCHER_RATE="0.5", FETCHER_LIMIT=3, FETCHER_RESULTS=3).wait() == 0
    assert time.monotonic() - began >= 4  # not faster; how much slower is the machine's matter
    assert key_list(local_kafka) == keys("s", 1, 3)


def test_more_users_than_asked_for_do_not_pass_the_limit(fetcher, local_kafka, api):
    api.page = lambda seed, page, results: script.make_page(seed, page, results + 7)
    assert fetcher(FETCHER_LIMIT=4).wait() == 0
    assert key_list(local_kafka) == keys("s", 1, 4)


def test_a_page_of_5000_users_passes(fetcher, local_kafka, local_randomuser):
    service = fetcher(FETCHER_URL=local_randomuser.api, FETCHER_RESULTS=5000, FETCHER_LIMIT=5000)
    assert service.wait(60) == 0
    assert len(set(key_list(local_kafka))) == 5000


# --- stopping and going on ------------------------------------------------------------------------------


def test_a_stop_within_a_page_names_the_next_user_and_a_later_run_misses_and_repeats_none(fetcher, local_kafka):
    first = fetcher(FETCHER_RATE=50, FETCHER_RESULTS=60)
    first.wait_for_metric("fetcher_users_published_total", 5)
    assert first.stop() == 0
    end = last_line(first)
    assert end["next_page"] == 1 and 5 <= end["next_index"] < 60
    assert end["not_sent"] == 60 - end["next_index"] and end["not_confirmed"] == 0
    assert sorted(key_list(local_kafka)) == sorted(keys("s", 1, end["next_index"]))
    second = fetcher(FETCHER_RESULTS=60, FETCHER_PAGE=end["next_page"], FETCHER_INDEX=end["next_index"],
                     FETCHER_LIMIT=120 - end["next_index"])
    assert second.wait() == 0
    assert key_list(local_kafka) == sorted(keys("s", 1, 60) + keys("s", 2, 60))


def test_fetchers_that_share_nothing_fetch_no_user_twice(services, local_randomuser):
    """1, 3 and 10 at once, each killed at work and started again: over 100,000 users in all."""
    kafka = services("local-kafka", {"LOCAL_KAFKA_TOPICS": "users:32,users.dlq:1"})
    kafka.bootstrap_servers = kafka.wait_for_event("kafka ready")["bootstrap_servers"]
    needed = "?inc=gender,name,location,dob"  # the other members would only take time
    env = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "FETCHER_URL": local_randomuser.api + needed,
           "FETCHER_RATE": "0", "FETCHER_RESULTS": "1000", "FETCHER_QUOTA": "1000000/1"}
    for replicas in (1, 3, 10):
        killed = [services("fetcher", {**env, "FETCHER_RATE": "1000"}) for _ in range(replicas)]
        for service in killed:
            service.wait_for_event("listening")
            service.wait_for_metric("fetcher_users_published_total", 500, timeout=60)
            service.kill()
        again = [services("fetcher", {**env, "HTTP_PORT": "0", "FETCHER_LIMIT": "8000"}) for _ in range(replicas)]
        for service in again:
            assert service.wait(120) == 0
    records = read_topic(kafka.bootstrap_servers, "users", timeout=120)
    assert len(records) >= 14 * (8000 + 500)
    assert len({record.key for record in records}) == len(records)
    assert len({record.value for record in records}) == len(records)


# --- an API in trouble ----------------------------------------------------------------------------------

TROUBLE = {
    "throttled": script.status(429),
    "forbidden": script.html(403),
    "server_error": script.status(503),
    "http_status": script.status(404),
    "content_type": script.WRONG_TYPE,
    "empty": script.EMPTY,
    "error_key": script.ERROR_KEY,
    "truncated": script.TRUNCATED,
    "syntax": script.BROKEN,
    "connection": script.reset,
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_trouble_is_counted_logged_and_over_when_the_api_recovers(fetcher, local_kafka, api, kind):
    api.script = [None, TROUBLE[kind], TROUBLE[kind]]  # the first page is good
    if kind == "connection":
        api.script.append(TROUBLE[kind])  # a kept connection that is gone is tried once more by libcurl itself
    service = fetcher(FETCHER_RATE=200)
    service.wait_for_metric("fetcher_users_published_total", 25)
    metrics = service.metrics()
    assert metrics["fetcher_requests_total", kind] == 2
    assert metrics["fetcher_source_failing"] == 0
    pauses = [event for event in service.events if event["event"] == PAUSED]
    assert [(event["result"], event["failures"], event["page"]) for event in pauses] == [(kind, 1, 2), (kind, 2, 2)]
    assert all(0 <= event["pause_ms"] <= 40 for event in pauses)
    assert service.stop() == 0
    found = key_list(local_kafka)
    assert len(set(found)) == len(found)
    assert set(keys("s", 1, 10) + keys("s", 2, 10)) <= set(found)


@pytest.mark.parametrize("answer, kind", [
    (script.cut_short, "truncated"), (script.silence, "timeout"), (script.endless, "too_large"),
])
def test_an_answer_without_an_end_is_counted_logged_and_over(fetcher, local_kafka, api, answer, kind):
    api.script = [answer]
    service = fetcher(FETCHER_RATE=200, FETCHER_TIMEOUT_MS=1000 if kind == "timeout" else 30000)
    metrics = service.wait_for_metric("fetcher_users_published_total", 10)
    assert metrics["fetcher_requests_total", kind] == 1
    pause = service.find_event(PAUSED)
    assert (pause["result"], pause["failures"], pause["page"]) == (kind, 1, 1)
    assert service.is_ready()
    assert service.stop() == 0
    assert set(keys("s", 1, 10)) <= set(key_list(local_kafka))
    assert api.endless_bytes < 16 << 20  # the cap of 10 users is 0.1 MB, the rest is in socket buffers


@pytest.mark.parametrize("url, kind", [
    ("http://no-such-host.invalid/api/", "dns"),
    ("http://127.0.0.1:1/api/", "connection"),
    ("https://{host}/api/", "tls"),
])
def test_a_source_that_cannot_be_reached_has_its_kind(fetcher, api, url, kind):
    service = fetcher(FETCHER_URL=url.format(host=api.host))
    service.wait_for_metric(("fetcher_requests_total", kind), 2)
    assert not service.is_ready()
    assert service.stop() == 0
    assert last_line(service)["next_page"] == 1


@pytest.mark.parametrize("kind", TROUBLE)
def test_not_ready_while_the_api_fails_and_ready_again_afterwards(fetcher, api, kind):
    api.always = TROUBLE[kind]
    service = fetcher()
    service.wait_for_metric(("fetcher_requests_total", kind), 3)
    status, body = service.get("/readyz")
    assert status == 503 and kind.encode() in body and api.host.encode() in body
    assert service.get("/livez")[0] == 200
    assert service.metrics()["fetcher_source_failing"] == 1
    api.always = None
    service.wait_ready()
    assert service.wait_for_event("pages are coming")["failures_before"] >= 3
    assert service.stop() == 0


def test_retry_after_goes_before_the_own_pause(fetcher, api):
    api.script = [script.status(429, Retry_After="1")]
    service = fetcher(FETCHER_LIMIT=10)
    assert service.wait() == 0
    assert service.find_event(PAUSED)["pause_ms"] == 1000
    assert api.requests[1][0] - api.requests[0][0] >= 0.99


def test_the_quota_holds_requests_back(fetcher, api):
    service = fetcher(FETCHER_QUOTA="20/3600")
    metrics = service.wait_for_metric("fetcher_users_published_total", 20)
    wait_until(lambda: service.metrics()["fetcher_quota_wait_seconds"] > 0, "the quota to be used up")
    assert metrics["fetcher_users_published_total"] == 20
    assert len(api.requests) == 2
    assert service.stop() == 0


def test_a_fallback_steps_in_and_back(fetcher, local_kafka, local_randomuser, api):
    api.always = script.html(403)
    service = fetcher(FETCHER_FALLBACK_URL=local_randomuser.api, FETCHER_RATE=200,
                      FETCHER_RETRY_BASE_MS=200, FETCHER_RETRY_CAP_MS=400)
    service.wait_for_metric("fetcher_fallback_pages_total", 2)
    service.wait_for_event("no page from the source, asking the fallback for it")
    service.wait_ready()  # pages come, wherever from
    api.always = None
    service.wait_for_event("pages are coming", source=api.host)
    seen = service.metrics()["fetcher_users_published_total"]
    service.wait_for_metric("fetcher_users_published_total", seen + 40)
    assert service.stop() == 0
    records = users(local_kafka)
    sources = {record.headers["source"] for record in records}
    assert sources == {api.host, local_randomuser.api.split("/")[2]}
    assert len({record.key for record in records}) == len(records)


# --- users that are wrong -------------------------------------------------------------------------------


def good_user(**changes):
    return json.dumps({**script.make_user("s", 1, 0), **changes}, ensure_ascii=False)


def without(*path):
    user = script.make_user("s", 1, 0)
    inner = user
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return json.dumps(user, ensure_ascii=False)


def test_wrong_users_go_to_the_dead_letter_topic_with_the_reason(fetcher, local_kafka, api):
    bad = [
        (without("gender"), "missing_field", "gender"),
        (without("name", "last"), "missing_field", "name.last"),
        (without("dob", "age"), "missing_field", "dob.age"),
        (good_user(dob={"age": "56"}), "wrong_type", "dob.age"),
        (good_user(location={"coordinates": {"latitude": 1.5, "longitude": "2"}}), "wrong_type", "latitude"),
        ('{"gender":"male",' + good_user()[1:], "duplicate_key", "twice"),
        ("7", "not_object", ""),
    ]
    api.page = lambda seed, page, results: script.page_of([good_user(), *(text for text, _, _ in bad), good_user()])
    service = fetcher(FETCHER_RESULTS=9, FETCHER_LIMIT=9)
    assert service.wait() == 0
    assert key_list(local_kafka) == ["s:1:0", "s:1:8"]
    letters = {record.key: record for record in users(local_kafka, "users.dlq")}
    assert sorted(letters) == keys("s", 1, 7, first=1)
    for index, (text, reason, message) in enumerate(bad, start=1):
        letter = letters[f"s:1:{index}"]
        assert letter.headers["error-reason"] == reason
        assert message in letter.headers["error-message"]
        assert letter.headers["source"] == api.host
        assert letter.value == text.encode()
    assert (last_line(service)["published"], last_line(service)["dead_lettered"]) == (2, 7)


def test_dead_letters_are_counted_by_reason_and_do_not_make_the_service_unready(fetcher, api):
    api.page = lambda seed, page, results: script.page_of([good_user()] * 6 + [without("gender")] * 3 + ["[]"])
    service = fetcher(FETCHER_RATE=100)
    metrics = service.wait_for_metric(("fetcher_users_dead_lettered_total", "not_object"), 1)
    assert metrics["fetcher_users_dead_lettered_total", "missing_field"] >= 3
    assert service.is_ready()
    assert service.stop() == 0


def test_no_login_is_ever_passed_on(fetcher, local_kafka, api):
    secret = {"password": "hunter2", "md5": "0123"}
    hidden = '{"login":{"password":"hunter2"},"login":1,' + good_user()[1:]
    deep = '{"login":"hunter2","x":' + "[" * 100 + "]" * 100 + "}"
    api.page = lambda seed, page, results: script.page_of([good_user(login=secret), hidden, deep, good_user()])
    service = fetcher(FETCHER_RESULTS=4, FETCHER_LIMIT=4, LOG_LEVEL="debug")
    assert service.wait() == 0
    letters = {record.key: record for record in users(local_kafka, "users.dlq")}
    assert [letters[key].headers["error-reason"] for key in sorted(letters)] == ["login", "duplicate_key", "nesting"]
    assert json.loads(letters["s:1:0"].value) == json.loads(good_user())
    assert letters["s:1:2"].value is None
    everything = [record.value or b"" for topic in ("users", "users.dlq") for record in users(local_kafka, topic)]
    assert not any(b"hunter2" in value for value in everything)
    assert "hunter2" not in "\n".join(service.lines)


def test_bytes_that_are_not_utf8_and_bombs_are_dead_letters(fetcher, local_kafka, api):
    page = b",".join([
        good_user(x="@").encode().replace(b'"@"', b'"\xff"'),
        good_user(x="@").encode().replace(b'"@"', b'"\\ud800"'),
        good_user(x="@").encode().replace(b'"@"', b"[" * 20000 + b"]" * 20000),
        good_user().encode(),
    ])
    api.page = lambda seed, page_number, results: b'{"results":[' + page + b"]}"
    assert fetcher(FETCHER_RESULTS=4, FETCHER_LIMIT=4).wait() == 0
    letters = {record.key: record.headers["error-reason"] for record in users(local_kafka, "users.dlq")}
    assert letters == {"s:1:0": "invalid_utf8", "s:1:1": "syntax", "s:1:2": "nesting"}
    assert key_list(local_kafka) == ["s:1:3"]


# --- Kafka in trouble -----------------------------------------------------------------------------------


def test_kafka_may_come_later(fetcher, services):
    service = fetcher(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{free_port()}")
    service.wait_for_event("Kafka does not answer, trying again")
    status, body = service.get("/readyz")
    assert status == 503 and b"Kafka" in body
    assert service.stop() == 0
    assert last_line(service)["next_page"] == 1


def test_a_missing_topic_is_named_and_the_end(fetcher):
    service = fetcher(KAFKA_TOPIC="nowhere", KAFKA_DLQ_TOPIC="users.dlq", FETCHER_TOPIC_TIMEOUT_MS=100)
    assert service.wait() == 1
    given_up = service.find_event("a topic is missing, giving up")
    assert "nowhere" in given_up["error"] and "create" in given_up["error"]


def test_a_kafka_that_hangs_holds_the_fetching_and_loses_nothing(fetcher, local_kafka, local_randomuser, request):
    service = fetcher(FETCHER_URL=local_randomuser.api, FETCHER_RESULTS=5000, FETCHER_LIMIT=30000,
                      FETCHER_QUOTA="1000000/1", KAFKA_QUEUE_BUFFERING_MAX_KBYTES=4096)
    service.wait_for_metric("fetcher_users_published_total", 1)
    local_kafka.send_signal(signal.SIGSTOP)
    request.addfinalizer(lambda: local_kafka.send_signal(signal.SIGCONT))
    service.wait_for_metric("fetcher_kafka_queue_full_total", 1)
    fetched = service.metrics()["fetcher_users_fetched_total"]
    assert fetched < 30000
    local_kafka.send_signal(signal.SIGCONT)
    assert service.wait(60) == 0
    found = key_list(local_kafka)
    assert len(found) == len(set(found)) == 30000


def test_a_drain_that_times_out_says_what_is_left(fetcher, local_kafka, request):
    service = fetcher(FETCHER_RATE=100, FETCHER_RESULTS=1000, DRAIN_TIMEOUT_MS=300)
    service.wait_for_metric("fetcher_users_published_total", 5)
    local_kafka.send_signal(signal.SIGSTOP)
    request.addfinalizer(lambda: local_kafka.send_signal(signal.SIGCONT))
    service.wait_for_metric("fetcher_kafka_in_flight", 5)
    assert service.stop() == 1
    end = last_line(service)
    assert end["not_confirmed"] > 0 and end["next_page"] == 1 and end["level"] == "warn"
    assert end["published"] == end["next_index"]


# --- commands and configuration -------------------------------------------------------------------------


def test_once_fetches_one_page_and_ends(fetcher, local_kafka, api):
    assert fetcher(["--once"], FETCHER_RATE="0.1").wait() == 0
    assert key_list(local_kafka) == keys("s", 1, 10)
    assert len(api.requests) == 1


def test_print_writes_json_lines_without_kafka(fetcher, local_randomuser):
    service = fetcher(["--once", "--print"], KAFKA_BOOTSTRAP_SERVERS=None, FETCHER_RESULTS=3,
                      FETCHER_URL=local_randomuser.api + "?format=pretty")
    out = service.process.stdout.read().decode()
    assert service.wait() == 0
    printed = [json.loads(line) for line in out.splitlines()]
    expected = json.loads(local_randomuser.get("/api/1.4/?results=3&seed=s&page=1&exc=login")[1])["results"]
    assert printed == expected


def test_print_ends_quietly_when_nobody_reads(services, fetcher):
    service = fetcher(["--print"], FETCHER_RATE=1000)
    service.process.stdout.close()
    assert service.wait() in (0, 1)


def test_check_says_what_it_found(fetcher, api):
    code, out, _ = run(fetcher(["--check"]))
    assert code == 0 and "both topics are there" in out and "it sent a user" in out
    api.always = script.status(503)
    code, out, _ = run(fetcher(["--check"]))
    assert code == 1 and "HTTP status 503" in out
    code, out, _ = run(fetcher(["--check"], KAFKA_TOPIC="nowhere"))
    assert code == 1 and "nowhere" in out


def run(service):
    out = service.process.stdout.read().decode()
    return service.wait(), out, "\n".join(service.lines)


def test_all_mistakes_in_the_configuration_are_told_at_once(fetcher):
    wrong = {
        "KAFKA_BOOTSTRAP_SERVERS": None, "FETCHER_URL": "ftp://x/", "FETCHER_RESULTS": "5001", "FETCHER_RATE": "-1",
        "FETCHER_LIMIT": "many", "FETCHER_SEED": "a:b", "FETCHER_PAGE": "10001", "FETCHER_QUOTA": "18000",
    }
    code, _, errors = run(fetcher(listens=False, **wrong))
    assert code == 2
    for name in wrong:
        assert name in errors


@pytest.mark.parametrize("name, value", [
    ("KAFKA_ACKS", "1"), ("KAFKA_ENABLE_IDEMPOTENCE", "false"), ("KAFKA_MESSAGE_TIMEOUT_MS", "1000"),
])
def test_a_kafka_property_that_would_break_the_promise_is_refused(fetcher, name, value):
    code, _, errors = run(fetcher(listens=False, **{name: value}))
    assert code == 1
    assert name in errors and "promise" in errors


def test_an_unknown_argument_is_refused(fetcher):
    code, _, errors = run(fetcher(["--twice"]))
    assert code == 2 and "--twice" in errors
