/* What is typed leads to the key that the envelope made of the record. */
#include "codec/sha256.h"
#include "ingest/idkey.h"
#include "tests/unit/ingest/pipe.h"

#define UUID "7f3c1e0a-6a0f-4f57-9d6b-1f0f0a5f1d11"

static void check_key(struct pipe *p, str typed, const struct event *ev)
{
	AUTO(arena)  a = ARENA_INIT;
	struct idkey k;

	CHECK_INT(ev->verdict, VERDICT_ROW);
	CHECK(idkey_make(&p->conf, PIPE_SECRET, typed, &a, &k));
	CHECK(k.key.high == ev->key.high && k.key.low == ev->key.low);
}

static bool is_possible(const struct pipe *p, str typed)
{
	AUTO(arena)  a = ARENA_INIT;
	struct idkey k;

	return idkey_make(&p->conf, PIPE_SECRET, typed, &a, &k);
}

TEST(idkey_of_a_text_is_the_envelopes)
{
	AUTO(pipe) p;

	pipe_init(&p);
	check_key(&p, STR("e1"), pipe_open(&p, "{\"id\":\"e1\",\"at\":1735689600000}"));
	check_key(&p, STR("a\"\xC3\xA9/"), pipe_open(&p, "{\"id\":\"a\\\"\\u00e9\\/\",\"at\":1735689600000}"));
	check_key(&p, STR(UUID), pipe_open(&p, "{\"id\":\"" UUID "\",\"at\":1735689600000}"));
	CHECK(!is_possible(&p, STR("")));
	CHECK(!is_possible(&p, STR("a\xFF")));
}

TEST(idkey_of_a_uuid_is_blind_to_case)
{
	AUTO(pipe)   p;
	AUTO(arena)  a = ARENA_INIT;
	struct idkey k;

	pipe_init(&p);
	p.conf.id.is_uuid = true;
	check_key(&p, STR(UUID), pipe_open(&p, "{\"id\":\"7F3C1E0A-6A0F-4F57-9D6B-1F0F0A5F1D11\",\"at\":1735689600000}"));
	check_key(&p, STR("7F3C1E0A-6a0f-4f57-9d6b-1f0f0a5f1d11"), pipe_open(&p, "{\"id\":\"" UUID "\",\"at\":1735689600000}"));
	CHECK(idkey_make(&p.conf, PIPE_SECRET, STR("7F3C1E0A-6a0f-4f57-9d6b-1f0f0a5f1d11"), &a, &k));
	CHECK(k.is_uuid);
	CHECK_STR(k.text, STR(UUID));
	CHECK_INT(k.bytes[0], 0x7F);
	CHECK(!is_possible(&p, STR("e1")));
}

TEST(idkey_of_a_made_id_is_its_digits)
{
	AUTO(pipe)          p;
	const struct event *ev;
	char                hex[33];

	pipe_init(&p);
	p.conf.id = (struct id_rule){.kind = ID_RECORD};
	ev = pipe_open(&p, "{\"id\":\"e1\",\"at\":1735689600000}");
	hex_encode(&ev->id, sizeof(ev->id), hex);
	check_key(&p, str_of(hex), ev);
	CHECK(!is_possible(&p, STR("e1")));
	CHECK(!is_possible(&p, STR("0123456789abcdef0123456789abcdeg")));
}
