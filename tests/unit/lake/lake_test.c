#include "lake/lake.h"

#include "os/clock.h"
#include "os/fs.h"
#include "os/workers.h"
#include "store/fault.h"
#include "tests/lib/test.h"

TEST(lake_keeps_its_identity)
{
	struct store   *inner = store_new_mem();
	struct err      e = ERR_NONE;
	struct lake    *l = NULL;
	uint8_t         id[16];
	uint64_t        secret;

	CHECK_ERR(lake_open(store_new_fault(inner, NULL), catalog_new_mem(), clock_real(), false, &l, &e), ERR_MISSING);
	CHECK(strstr(e.text, "no lake at") != NULL);
	e = ERR_NONE;
	CHECK_OK(lake_open(store_new_fault(inner, NULL), catalog_new_mem(), clock_real(), true, &l, &e), &e);
	memcpy(id, l->id, sizeof(id));
	secret = l->secret;
	lake_close(l);
	CHECK_OK(lake_open(store_new_fault(inner, NULL), catalog_new_mem(), clock_real(), false, &l, &e), &e);
	CHECK(memcmp(id, l->id, sizeof(id)) == 0);
	CHECK(secret == l->secret);
	lake_close(l);
	store_close(inner);
}

struct makers {
	struct store *inner;
	uint64_t      secrets[16];
};

static int make_one(void *context, size_t task, size_t worker, struct err *e)
{
	struct makers *m = context;
	AUTO_PTR(lake) l = NULL;

	(void)worker;
	TRY(lake_open(store_new_fault(m->inner, NULL), catalog_new_mem(), clock_real(), true, &l, e));
	m->secrets[task] = l->secret;
	return 0;
}

TEST(lake_made_by_many_at_once_has_one_secret)
{
	AUTO_PTR(workers) w = workers_new(8);
	struct makers     m = {.inner = store_new_mem()};
	struct err        e = ERR_NONE;

	CHECK_OK(workers_run(w, make_one, &m, 16, &e), &e);
	for (size_t i = 1; i < 16; i++)
		CHECK(m.secrets[i] == m.secrets[0]);
	store_close(m.inner);
}

TEST(lake_refuses_an_identity_that_is_not_one)
{
	static const struct {
		const char *text;
		int         class;
	} cases[] = {
		{"", ERR_CORRUPT},
		{"{}", ERR_CORRUPT},
		{"{\"format\":2}", ERR_UNSUPPORTED},
		{"{\"format\":1,\"id\":\"x\",\"secret\":\"00112233445566ff\"}", ERR_CORRUPT},
		{"{\"format\":1,\"id\":\"00112233-4455-4677-8899-aabbccddeeff\",\"secret\":\"zz\"}", ERR_CORRUPT},
		{"{\"format\":1,\"id\":\"00112233-4455-4677-8899-aabbccddeeff\",\"secret\":\"00112233445566ff\","
		 "\"check\":\"0000000000000000\"}", ERR_CORRUPT}, /* a bit turned on the way */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = store_new_mem();
		struct lake  *l = NULL;
		struct err    e = ERR_NONE;

		CHECK_OK(store_put_new(s, STR("_tarn/lake.json"), str_of(cases[i].text), &e), &e);
		CHECK_ERR(lake_open(s, catalog_new_mem(), clock_real(), true, &l, &e), cases[i].class);
	}
}

TEST(lake_in_a_folder_is_not_made_by_looking)
{
	AUTO(arena)    a = ARENA_INIT;
	const char    *folder = test_folder();
	const char    *path = arena_format(&a, "%s/lake", folder).ptr;
	struct err     e = ERR_NONE;
	struct lake   *l = NULL;
	struct fs_stat st;
	str            key;

	CHECK_ERR(lake_open_dir(fs_real(), clock_real(), path, false, &l, &e), ERR_MISSING);
	CHECK_ERR(fs_stat(fs_real(), path, &st, &e), ERR_MISSING);
	CHECK_OK(lake_open_dir(fs_real(), clock_real(), path, true, &l, &e), &e);
	CHECK(lake_key(l, lake_path(l, &a, STR("events/t/data/x")), &key));
	CHECK_STR(key, STR("events/t/data/x"));
	CHECK(!lake_key(l, STR("/elsewhere/events/t"), &key));
	CHECK(!lake_key(l, lake_path(l, &a, STR("../x")), &key));
	lake_close(l);
	CHECK_OK(lake_open_dir(fs_real(), clock_real(), path, false, &l, &e), &e);
	lake_close(l);
}

TEST(keys_say_where_an_object_comes_from)
{
	AUTO(arena)   a = ARENA_INIT;
	struct origin o = {STR("0"), 1, 2};
	str           origin = lake_origin(&a, &o, 7);

	CHECK_STR(origin, STR("L0-E1-S2-7"));
	CHECK_STR(lake_data_key(&a, STR("events"), STR("t"), STR("event_time_hour=2015-01-01-15"), origin),
	          STR("events/t/data/event_time_hour=2015-01-01-15/L0-E1-S2-7.parquet"));
	CHECK_STR(lake_data_key(&a, STR("tarn"), STR("q"), STR(""), origin), STR("tarn/q/data/L0-E1-S2-7.parquet"));
	CHECK_STR(lake_metadata_key(&a, STR("events"), STR("t"), STR("x.avro")), STR("events/t/metadata/x.avro"));
	CHECK_STR(lake_ids_key(&a, STR("0"), origin), STR("_tarn/ids/0/L0-E1-S2-7.ids"));
	CHECK_STR(lake_journal_key(&a, STR("0"), 12), STR("_tarn/journal/0/00000000000000000012"));
	CHECK_STR(lake_checkpoint_key(&a, STR("0"), 12), STR("_tarn/checkpoints/0/00000000000000000012"));
}

TEST(names_tell_which_entry_they_are_of)
{
	static const char *const others[] = {
		"", "L0", "L0-E1", "L0-E1-S", "L0-E1-Sx", "L0-E-S2-7", "L1-E1-S2-7", "L00-E1-S2-7", "L0-E1-S2x", "l0-E1-S2-7",
		"L0-E1-S99999999999999999999-7", "xL0-E1-S2-7", "v2.metadata.json",
	};
	uint64_t seq = 0;

	CHECK(lake_origin_seq(STR("L0-E1-S2-7-m0.avro"), STR("0"), &seq));
	CHECK_INT(seq, 2);
	CHECK(lake_origin_seq(STR("L0-E12-S345-merged-77-0.avro"), STR("0"), &seq));
	CHECK_INT(seq, 345);
	CHECK(lake_origin_seq(STR("L0-E1-S6.avro"), STR("0"), &seq));
	CHECK_INT(seq, 6);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(!lake_origin_seq(str_of(others[i]), STR("0"), &seq));
}
