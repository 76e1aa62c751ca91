/* The JSON scan: whatever follows the text does not matter, the tape is well formed, and another parser sees the
 * same values. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/codec/json_lib.h"

/* Where the two differ on purpose: our limits; names with NUL, which the other refuses; and bare NUL bytes, some of
 * which it steps over. */
static bool may_differ(str text, enum json_fault_kind kind)
{
	switch (kind) {
	case JSON_OK:
		return memmem(text.ptr, text.len, "\\u0000", 6) != NULL;
	case JSON_DEPTH:
	case JSON_NAME_CLASH:
	case JSON_TOO_MANY_KEYS:
	case JSON_KEY_LENGTH:
	case JSON_ARRAY_SIZE:
		return true;
	default:
		return memchr(text.ptr, '\0', text.len) != NULL;
	}
}

static void check_like_peer(str text)
{
	char             *copy = fuzz_copy(text, JSON_PADDING);
	struct json_tape  t = {0};
	struct json_fault fault;
	AUTO(buf)         got = BUF(0);
	AUTO(buf)         want = BUF(0);
	bool              is_taken = json_scan(copy, text.len, SEED, &JSON_LIMITS, &t, &fault);
	bool              is_peers = peer_render(text, &want);

	if (is_taken != is_peers && !may_differ(text, is_taken ? JSON_OK : fault.kind))
		test_fail(__FILE__, __LINE__, "%s for us, for the other parser %s",
		          is_taken ? "good" : json_fault_code(fault.kind), is_peers ? "good" : "bad");
	if (is_taken)
		CHECK(tape_render(copy, t.words, t.count, &got));
	if (is_taken && is_peers)
		CHECK_STR(buf_str(&got), buf_str(&want));
	json_tape_done(&t);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str              text = str_make(data, size);
	struct json_tape t = {0};

	if (size > 1 << 16)
		return 0;
	(void)scan_every_pad(text, &JSON_LIMITS, &t);
	t.count = 0;
	(void)scan_every_pad(text, &(struct json_limits){3, 2, 4, 3}, &t);
	json_tape_done(&t);
	check_like_peer(text);
	return 0;
}
