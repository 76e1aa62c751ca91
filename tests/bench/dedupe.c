/* dedupe.c - how fast is a key judged when very many are known, on one core, and what does a known key cost?
 *
 *     bench_dedupe <keys> <folder>      the folder must be new, or empty
 *
 * Keys are judged and committed in batches, as ingest does, until so many are known. Then a tenth of them
 * more is judged, all new, and once more with every hundredth a repeat of any earlier one: those are looked
 * up in the runs. A commit sorts and writes its run, and now and then makes one of many; its time is printed
 * apart. One line of JSON on stdout.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog/catalog.h"
#include "ingest/dedupe.h"
#include "lake/lake.h"
#include "os/clock.h"
#include "os/fs.h"

enum { BATCH = 1000000, AHEAD = 16, REPEAT_EVERY = 100 };

#define TABLE_BYTES ((size_t)8 << 30) /* no ceiling is met: all keys stay in the table */
#define TIME_US     INT64_C(1748822400000000)

struct bench {
	struct lake         *lake;
	struct journal       journal;
	struct journal_state state;
	struct dedupe       *dedupe;
	struct hash128      *keys; /* of a batch */
	uint64_t             known, records;
	int64_t              judge_us, commit_us;
	uint64_t             random;
};

static void must(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	(void)fprintf(stderr, "dedupe: %s\n", e->text);
	exit(1);
}

static struct hash128 key_of(uint64_t number)
{
	return hash_bytes128(&number, sizeof(number), 1);
}

static uint64_t resident_bytes(void)
{
	unsigned long long pages = 0;
	FILE              *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%*u %llu", &pages) != 1) {
		(void)fprintf(stderr, "dedupe: /proc/self/statm cannot be read\n");
		exit(1);
	}
	(void)fclose(file);
	return pages * 4096;
}

static void open_lake(struct bench *b, struct store *store)
{
	struct dedupe_conf conf = {
		.pipeline = STR("p"), .window_us = INT64_C(7) * 86400 * 1000000, .memory_bytes = TABLE_BYTES,
	};
	struct err         e = ERR_NONE;

	must(lake_open(store, catalog_new_dir(store), clock_real(), true, &b->lake, &e), &e);
	must(journal_open(b->lake, STR("0"), &b->journal, &b->state, &e), &e);
	must(dedupe_open(b->lake, &conf, &b->state, &b->dedupe, &e), &e);
	if (b->journal.head != 1) {
		(void)fprintf(stderr, "dedupe: the folder holds a lake already: give a new one\n");
		exit(65);
	}
	b->keys = xmalloc(BATCH * sizeof(*b->keys));
}

/* The next keys; where asked for, every hundredth one that is known. Returns how many are new. */
static uint64_t draw(struct bench *b, bool has_repeats)
{
	uint64_t fresh = 0;

	for (size_t i = 0; i < BATCH; i++) {
		bool     is_repeat = has_repeats && i % REPEAT_EVERY == 0;
		uint64_t number = b->known + fresh;

		b->random = hash_mix(b->random, i);
		if (is_repeat)
			number = b->random % b->known;
		b->keys[i] = key_of(number);
		fresh += !is_repeat;
	}
	return fresh;
}

static void judge(struct bench *b, uint64_t fresh)
{
	int64_t             began = clock_mono_us(clock_real());
	enum dedupe_verdict verdict;
	uint64_t            found = 0;
	struct err          e = ERR_NONE;

	for (size_t i = 0; i < BATCH; i++) {
		if (i + AHEAD < BATCH)
			dedupe_prefetch(b->dedupe, b->keys[i + AHEAD]);
		must(dedupe_take(b->dedupe, b->keys[i], 7, TIME_US, &verdict, &e), &e);
		found += verdict == DEDUPE_NEW;
	}
	b->judge_us += clock_mono_us(clock_real()) - began;
	if (found != fresh) {
		(void)fprintf(stderr, "dedupe: %" PRIu64 " keys were taken for new, of %" PRIu64 "\n", found, fresh);
		exit(1);
	}
	b->known += fresh;
}

static void commit(struct bench *b)
{
	AUTO(journal_entry) entry = {0};
	struct origin       o = {STR("0"), b->journal.epoch, b->journal.head + 1};
	int64_t             began = clock_mono_us(clock_real());
	struct err          e = ERR_NONE;

	*VEC_ADD(&entry.positions) = (struct entry_position){
		.pipeline = STR("p"), .key = STR("/in/a.json"),
		.from = b->records == 0 ? STR("") : arena_format(&entry.arena, "{\"at\":%" PRIu64 "}", b->records),
		.to = arena_format(&entry.arena, "{\"at\":%" PRIu64 "}", b->records + BATCH),
	};
	*VEC_ADD(&entry.counts) = (struct entry_counts){STR("p"), BATCH, BATCH, 0, 0, 0, 0};
	must(dedupe_write_runs(b->dedupe, &o, 0, &entry, &e), &e);
	must(journal_commit(&b->journal, &entry, &e), &e);
	must(dedupe_committed(b->dedupe, &entry, &e), &e);
	b->commit_us += clock_mono_us(clock_real()) - began;
	b->records += BATCH;
}

/* Million keys a second over `batches`, judging alone, and with the commits. */
static void measure(struct bench *b, uint64_t batches, bool has_repeats, const char *name)
{
	double keys = (double)(batches * BATCH);

	b->judge_us = b->commit_us = 0;
	for (uint64_t i = 0; i < batches; i++) {
		judge(b, draw(b, has_repeats));
		commit(b);
	}
	printf("\"%s_mkeys\": %.2f, \"%s_committed_mkeys\": %.2f, ", name, keys / (double)b->judge_us, name,
	       keys / (double)(b->judge_us + b->commit_us));
}

int main(int argc, char **argv)
{
	struct bench         b = {.random = 1};
	struct store        *store;
	struct dedupe_counts counts;
	uint64_t             before, batches;
	struct err           e = ERR_NONE;
	int64_t              keys;

	if (argc != 3 || !str_to_i64(str_of(argv[1]), &keys) || keys < 10 * BATCH) {
		(void)fprintf(stderr, "usage: bench_dedupe <keys, %d or more> <new folder>\n", 10 * BATCH);
		return 64;
	}
	must(store_open_dir(fs_real(), argv[2], &store, &e), &e);
	open_lake(&b, store);
	before = resident_bytes();
	batches = (uint64_t)keys / BATCH;
	printf("{");
	measure(&b, batches, false, "filling");
	measure(&b, batches / 10, false, "new");
	measure(&b, batches / 10, true, "repeats");
	dedupe_count(b.dedupe, &counts);
	printf("\"keys\": %" PRIu64 ", \"table_bytes_a_key\": %.2f, \"resident_bytes_a_key\": %.2f}\n", b.known,
	       (double)counts.table_bytes / (double)counts.keys, (double)(resident_bytes() - before) / (double)b.known);
	free(b.keys);
	dedupe_close(b.dedupe);
	state_done(&b.state);
	lake_close(b.lake);
	return 0;
}
