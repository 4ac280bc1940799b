/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the simulated world share. There is one world at a time. */
#ifndef TESTS_UNIT_FORWARDER_WORLD_STATE_H
#define TESTS_UNIT_FORWARDER_WORLD_STATE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "forwarder/engine_state.h"
#include "tests/unit/forwarder/world.h"

enum { WORLD_CALLS = 64, WORLD_COMMITS = 16, WORLD_LETTERS = 4096, WORLD_KEY_SIZE = 32 };

enum kind { KIND_GOOD, KIND_POISON, KIND_TOO_LARGE, KIND_NULL_VALUE };

/* A record in Kafka, and what became of it. */
struct fate {
    enum kind kind;
    int key; /* index of its key, -1: none, or one of its own */
    int size;
    unsigned stored; /* copies in the stream */
    bool lettered;   /* confirmed on the dead-letter topic */
};

struct log {
    struct fate *records;
    int64_t count;
    int64_t committed;
    int64_t position; /* the next one that the engine gets */
    int64_t fetched;  /* those before it are in the consumer's queue */
    int64_t furthest; /* those before it have been given to an engine at some time */
    bool assigned;
    bool revoking;
    int64_t back_ms; /* when it is assigned again */
};

/* A request on its way. `done` is not called for a killed engine's. */
struct call {
    bool used;
    bool describe;
    int64_t due_ms;
    struct str body; /* the engine's */
    char *copy;      /* of the body, as it was when it was sent */
    aws_done_fn *done;
    void *ctx;
    unsigned life; /* of the engine that sent it */
    enum aws_outcome outcome;
    bool stored;         /* it takes effect, whatever the caller hears */
    int64_t stored_late; /* that long after the caller heard */
    bool garbled;        /* the answer cannot be read */
};

struct commit {
    bool used;
    int64_t due_ms;
    bool fails;
    unsigned life;
    size_t count;
    struct consumer_offset offsets[WORLD_PARTITIONS];
};

struct posted {
    bool used;
    int64_t due_ms;
    unsigned life;
    struct dlq_letter letter;
};

struct world {
    uint64_t seed;
    uint64_t state; /* of the random numbers */
    const struct weather *weather;
    int64_t now_ms;
    struct engine *engine;
    struct metrics *metrics;
    struct forwarder_config config;
    unsigned life; /* counts engines */

    struct log logs[WORLD_PARTITIONS];
    bool readable; /* the consumer's record descriptor */
    int peeked;    /* partition of the record that the engine looks at, -1: none */
    struct consumer_record record;
    char key[WORLD_KEY_SIZE];
    char *value;
    bool release_pending;
    int64_t fetch_ms;
    bool late_fault; /* a commit has failed in calm */

    struct call calls[WORLD_CALLS];
    struct commit commits[WORLD_COMMITS];
    struct posted letters[WORLD_LETTERS];
    int64_t first_stored[WORLD_KEYS]; /* offset of the newest first copy of the key, -1: none */
    unsigned under_way[WORLD_KEYS];   /* Kinesis records of the key in requests of this engine */

    int64_t rebalance_ms;
    int64_t kill_ms;
    int64_t stop_ms;
    uint64_t possible_duplicates; /* that engines counted */
    uint64_t unsaid;              /* records that an engine had read when it ended, and not committed */
    uint64_t duplicates;          /* copies in the stream beyond the first */
    size_t most_memory;
};

extern struct world world;

/* Ends the test with the seed, unless the promise is kept. */
#define PROMISE(kept, text)                                                                                  \
    do {                                                                                                     \
        if (!(kept)) {                                                                                       \
            fail_msg("SIM_SEED=%llu at %lld ms: %s", (unsigned long long)world.seed,                         \
                     (long long)world.now_ms, (text));                                                       \
        }                                                                                                    \
    } while (0)

uint64_t world_random(uint64_t below);
/* True with a chance of `share` in 1000, until calm sets in. */
bool world_strikes(unsigned share);
bool world_is_calm(void);
/* A time around `mean_ms` from now. */
int64_t world_soon(int64_t mean_ms);
void *world_take(void *pool, size_t size, size_t count); /* a free entry, whose first member is `used` */

/* Kafka: world_kafka.c. */
void kafka_make_topic(void);
void kafka_free_topic(void);
void kafka_engine_died(void);
/* What is due: records arrive, commits end, letters are confirmed, partitions go and come. */
void kafka_events(void);
int64_t kafka_next_ms(void);
bool kafka_is_settled(void);
struct fate *kafka_fate(int64_t partition, int64_t offset);
/* The value of a record; borrowed until the next call. */
struct str kafka_value(int64_t partition, int64_t offset);

/* Kinesis: world_kinesis.c. */
void kinesis_events(void);
int64_t kinesis_next_ms(void);
void kinesis_engine_died(void);
void kinesis_free(void);

/* What the wrapped functions become. */
int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_wall_ms(void);
uint64_t __wrap_random_u64(void);
int __wrap_aws_call(struct aws_client *client, const char *target, struct str body, int64_t timeout_ms,
                    aws_done_fn *done, void *ctx, struct error *err);
const struct creds *__wrap_creds_chain_get(struct creds_chain *chain, int64_t now_wall_ms, struct error *err);

#endif
