/* What lies in a column chunk, by the heads of its pages (parquet.thrift: PageHeader).
 *
 *   [head][body][head][body]...     the chunk, from its first page (of the dictionary or of data) on
 *
 * Bodies are passed over. Nothing is believed but the sum: the heads must fill the chunk to its last byte.
 */
#include "codec/thrift.h"
#include "parquet/footer.h"

struct page {
	int64_t bytes; /* of the body */
	int64_t values;
};

/* DataPageHeader and DataPageHeaderV2: both begin with the number of values. */
static int64_t data_page(struct thrift_in *in, enum thrift_type type)
{
	int64_t values = 0;
	int     id;

	if (!thrift_read_struct(in, type))
		return -1;
	while (thrift_next(in, &id, &type)) {
		if (id == 1)
			values = thrift_read_int(in, type);
		else
			thrift_skip(in, type);
	}
	return values;
}

static struct page page_head(struct thrift_in *in)
{
	struct page      p = {.bytes = -1};
	enum thrift_type type;
	int              id;

	while (thrift_next(in, &id, &type)) {
		if (id == 3)
			p.bytes = thrift_read_int(in, type);
		else if (id == 5 || id == 8)
			p.values = data_page(in, type);
		else
			thrift_skip(in, type);
	}
	return p;
}

int parquet_recount(str file, const struct parquet_chunk *c, int64_t *out, struct err *e)
{
	str     left = str_head(str_from(file, (size_t)c->offset), (size_t)c->bytes);
	int64_t values = 0;

	while (left.len > 0) {
		struct thrift_in in = thrift_in_open(left);
		struct page      p = page_head(&in);
		size_t           rest = (size_t)(in.end - in.at);

		if (!thrift_in_ok(&in) || p.bytes < 0 || (uint64_t)p.bytes > rest || p.values < 0 ||
		    __builtin_add_overflow(values, p.values, &values))
			return err_set(e, ERR_CORRUPT, "parquet: no page where one should be, %zu bytes before the end of a column",
			               left.len);
		left = str_from(left, left.len - rest + (size_t)p.bytes);
	}
	*out = values;
	return 0;
}
