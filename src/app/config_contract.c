/* The contracts: where they stand, and which event names they are for. */
#include "app/config_int.h"
#include "os/fs.h"

enum { FILE_CEILING = 4 << 20, NAME_BYTES = 128 };

/* What an event may be called, with * and ? in it where it is a pattern. */
static bool is_event_pattern(str name, bool *is_pattern)
{
	char plain[NAME_BYTES];

	*is_pattern = false;
	if (name.len > sizeof(plain))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		bool is_wild = name.ptr[i] == '*' || name.ptr[i] == '?';

		*is_pattern |= is_wild;
		plain[i] = is_wild ? 'x' : name.ptr[i];
	}
	return name_is_event(str_make(plain, name.len));
}

/* How much of a table it takes. */
static void measure(const struct rule *r, struct contract *c)
{
	enum type type;

	if (r == NULL)
		return;
	c->leaf_count += rule_column(r, &type);
	if (r != c->root && r->member_count > c->widest)
		c->widest = r->member_count;
	for (uint32_t i = 0; i < r->member_count; i++)
		measure(r->members[i].rule, c);
	measure(r->items, c);
}

static int read_one(struct contracts *all, const struct yaml *key, const struct yaml *y, struct err *e)
{
	struct contract *c = ARENA_NEW(&all->arena, struct contract);
	struct err       inner = ERR_NONE;

	c->name = key->text;
	c->file = key->file;
	c->line = key->line;
	if (!is_event_pattern(c->name, &c->is_pattern))
		return yaml_error(key, e, "\"" STR_FMT "\" cannot be an event name, nor with * and ? a pattern of them",
		                  STR_ARG(str_head(c->name, NAME_BYTES)));
	TRY(config_rule(y, all, &c->root, e));
	measure(c->root, c);
	return contracts_add(all, c, &inner) < 0 ? yaml_error(key, e, "%s", inner.text) : 0;
}

static int read_map(struct contracts *all, const struct yaml *y, struct err *e)
{
	if (y->kind != YAML_MAP)
		return yaml_error(y, e, "contracts are a mapping of event names to schemas");
	for (size_t i = 0; i < y->count; i++)
		TRY(read_one(all, y->key_nodes[i], y->items[i], e));
	return 0;
}

/* An empty file is one that is just being made. */
int config_contract_file(struct fs *fs, const char *path, struct contracts *all, struct err *e)
{
	struct yaml *y;
	str          text;

	TRY(fs_read_all(fs, path, FILE_CEILING, &all->arena, &text, e));
	all->fingerprint = hash_mix(all->fingerprint, hash_bytes(text.ptr, text.len, 0));
	if (str_trim(text).len == 0)
		return 0;
	TRY(yaml_parse(path, text, &all->arena, &y, e));
	return read_map(all, y, e);
}

static int read_files(struct config *c, struct fs *fs, const struct yaml *y, struct err *e)
{
	struct err inner = ERR_NONE;
	str       *paths, pattern = config_absolute_pattern(c, y->text);
	size_t     count = 0;

	if (fs_glob(fs, arena_cstr(&c->arena, pattern), &c->arena, &paths, &count, &inner) < 0)
		return yaml_error(y, e, "%s", inner.text);
	for (size_t i = 0; i < count; i++)
		TRY(config_contract_file(fs, paths[i].ptr, c->contracts, e));
	return 0;
}

static int read_item(struct config *c, struct fs *fs, const struct yaml *y, struct err *e)
{
	return y->kind == YAML_TEXT ? read_files(c, fs, y, e) : read_map(c->contracts, y, e);
}

int config_contracts(struct config *c, struct fs *fs, const struct yaml *y, struct err *e)
{
	if (y == NULL)
		return 0;
	if (y->kind != YAML_LIST)
		return read_item(c, fs, y, e);
	for (size_t i = 0; i < y->count; i++)
		TRY(read_item(c, fs, y->items[i], e));
	return 0;
}

/* A column that is declared is to be had. */
int config_contracts_fit(const struct contracts *all, const struct pipeline *p, struct err *e)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct contract *c = all->at[i];

		if (c->leaf_count > p->limits.columns || c->widest > p->limits.members)
			return err_set(e, ERR_INPUT, "%s:%u: \"" STR_FMT "\" declares %u columns, up to %u of one object; pipeline "
			               STR_FMT " has limits of %u and %u: raise limits.columns or limits.members", c->file, c->line,
			               STR_ARG(c->name), c->leaf_count, c->widest, STR_ARG(p->name), p->limits.columns,
			               p->limits.members);
	}
	return 0;
}
