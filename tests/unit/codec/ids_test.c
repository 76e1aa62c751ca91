#include "codec/sha256.h"
#include "tests/lib/test.h"

TEST(sha256_gives_the_vectors_of_fips_180)
{
	static char million[1000000];
	char        hex[65];

	sha256_hex(STR(""), hex);
	CHECK_STR(str_of(hex), STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	sha256_hex((str){NULL, 0}, hex);
	CHECK_STR(str_of(hex), STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	sha256_hex(STR("abc"), hex);
	CHECK_STR(str_of(hex), STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	sha256_hex(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
	CHECK_STR(str_of(hex), STR("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
	memset(million, 'a', sizeof(million));
	sha256_hex(str_make(million, sizeof(million)), hex);
	CHECK_STR(str_of(hex), STR("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

TEST(hex_goes_there_and_back)
{
	uint8_t bytes[256], back[256];
	char    text[513];

	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	hex_encode(bytes, sizeof(bytes), text);
	CHECK_STR(str_make(text, 6), STR("000102"));
	CHECK_STR(str_of(text + 508), STR("feff"));
	CHECK(hex_decode(str_of(text), back));
	CHECK(memcmp(bytes, back, sizeof(bytes)) == 0);
	CHECK(hex_decode(STR("FEff"), back));
	CHECK_INT(back[0], 0xFE);
	CHECK(hex_decode(STR(""), back));
}

TEST(hex_refuses_and_touches_nothing)
{
	uint8_t out[4] = {7, 7, 7, 7};

	CHECK(!hex_decode(STR("abc"), out));
	CHECK(!hex_decode(STR("00fg"), out));
	CHECK(!hex_decode(STR("00 0"), out));
	CHECK(!hex_decode(STR("00\xFF" "0"), out));
	CHECK_INT(out[0], 7);
}

TEST(uuid_goes_there_and_back)
{
	uint8_t uuid[16], back[16];
	char    text[37];
	bool    is_canonical = false;

	CHECK(uuid_parse(STR("00112233-4455-6677-8899-aabbccddeeff"), uuid, &is_canonical));
	CHECK(is_canonical);
	for (int i = 0; i < 16; i++)
		CHECK_INT(uuid[i], i * 0x11);
	for (int i = 0; i < 10000; i++) {
		for (int j = 0; j < 16; j++)
			uuid[j] = (uint8_t)test_random();
		uuid_format(uuid, text);
		CHECK(uuid_parse(str_of(text), back, &is_canonical));
		CHECK(is_canonical);
		CHECK(memcmp(uuid, back, sizeof(uuid)) == 0);
	}
}

TEST(uuid_in_upper_case_is_one_but_not_canonical)
{
	uint8_t uuid[16];
	bool    is_canonical = true;

	CHECK(uuid_parse(STR("00112233-4455-6677-8899-AABBCCDDEEFF"), uuid, &is_canonical));
	CHECK(!is_canonical);
	CHECK_INT(uuid[10], 0xAA);
	CHECK_INT(uuid[15], 0xFF);
	CHECK(uuid_parse(STR("00112233-4455-6677-8899-aabbccddeefF"), uuid, &is_canonical));
	CHECK(!is_canonical);
	CHECK(uuid_parse(STR("00112233-4455-6677-8899-aabbccddeeff"), uuid, NULL));
}

TEST(uuid_refuses_and_touches_nothing)
{
	static const char *const texts[] = {
		"",
		"00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeeff0",
		"{0112233-4455-6677-8899-aabbccddeef}",
		"00112233445566778899aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddeefg",
		"0011223-34455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899aaabbccddeeff",
		"00112233-4455-6677-8899-aabbccddee\xC3\xA9",
	};
	uint8_t out[16] = {7};
	bool    is_canonical = true;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK(!uuid_parse(str_of(texts[i]), out, &is_canonical));
	CHECK_INT(out[0], 7);
}
