/* ledger.c - counts, and ledger.json. Invariant: records = rows + duplicates + quarantined, and
 * rows is the sum over tables. */
#include "simulate/ledger.h"

#include "os/fs.h"

void ledger_init(struct ledger *l, const struct kind *kind)
{
	*l = (struct ledger){0};
	l->table_rows = ARENA_ARRAY(&l->memory, uint64_t, kind->table_count);
}

void ledger_done(struct ledger *l)
{
	VEC_DONE(&l->files);
	arena_done(&l->memory);
}

void ledger_row(struct ledger *l, const struct record *r)
{
	l->records++;
	l->rows++;
	l->table_rows[r->table]++;
	l->late += r->is_late;
	l->drifted += r->is_drifted;
}

void ledger_duplicate(struct ledger *l)
{
	l->records++;
	l->duplicates++;
}

void ledger_quarantined(struct ledger *l, enum damage damage)
{
	l->records++;
	l->quarantined++;
	l->damages[damage]++;
}

void ledger_file(struct ledger *l, str path)
{
	str copy = arena_str(&l->memory, path);

	*VEC_ADD(&l->files) = copy;
}

int ledger_check_absent(struct fs *fs, const char *folder, struct err *e)
{
	AUTO(arena)    a = ARENA_INIT;
	struct fs_stat stat;
	struct err     ignored = ERR_NONE;
	str            path = arena_format(&a, "%s/ledger.json", folder);
	int            rc = fs_stat(fs, arena_cstr(&a, path), &stat, &ignored);

	if (rc == ERR_MISSING)
		return 0;
	if (rc < 0) {
		*e = ignored;
		return rc;
	}
	return err_set(e, ERR_CONFLICT, STR_FMT " exists: give another folder, or remove this one",
	               STR_ARG(path));
}

static void write_count(struct buf *out, const char *name, uint64_t count)
{
	buf_print(out, ",\"%s\":%llu", name, (unsigned long long)count);
}

static void write_tables(const struct ledger *l, const struct kind *kind, const void *self,
                         struct buf *out)
{
	uint64_t    rows = 0;
	const char *between = "";

	buf_add(out, STR(",\n \"tables\":{"));
	for (uint32_t i = 0; i < kind->table_count; i++) {
		rows += l->table_rows[i];
		if (l->table_rows[i] == 0)
			continue;
		buf_print(out, "%s\n  ", between);
		buf_json(out, kind->table(self, i));
		buf_print(out, ":{\"rows\":%llu}", (unsigned long long)l->table_rows[i]);
		between = ",";
	}
	buf_byte(out, '}');
	assert(rows == l->rows);
}

static void write_reasons(const struct ledger *l, const struct kind *kind, struct buf *out)
{
	const char *between = "";

	buf_add(out, STR(",\n \"reasons\":{"));
	for (uint32_t i = 0; i < kind->damage_count; i++) {
		enum damage damage = kind->damages[i];

		if (l->damages[damage] == 0)
			continue;
		buf_print(out, "%s\"%s\":%llu", between, damage_reason(damage),
		          (unsigned long long)l->damages[damage]);
		between = ",";
	}
	buf_byte(out, '}');
}

static void write_ledger(const struct ledger *l, const struct simulate_conf *conf,
                         const struct kind *kind, void *self, struct buf *out)
{
	assert(l->records == l->rows + l->duplicates + l->quarantined);
	buf_print(out, "{\"kind\":\"" STR_FMT "\",\"events\":%llu", STR_ARG(kind->word),
	          (unsigned long long)conf->events);
	write_count(out, "seed", conf->seed);
	write_count(out, "records", l->records);
	write_count(out, "rows", l->rows);
	write_count(out, "duplicates", l->duplicates);
	write_count(out, "conflicts", 0);
	write_count(out, "quarantined", l->quarantined);
	write_tables(l, kind, self, out);
	write_reasons(l, kind, out);
	write_count(out, "drifted", l->drifted);
	write_count(out, "late", l->late);
	buf_add(out, STR(",\n \"files\":["));
	for (size_t i = 0; i < l->files.count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		buf_json(out, l->files.at[i]);
	}
	buf_byte(out, ']');
	if (kind->answers != NULL) {
		buf_add(out, STR(",\n \"answers\":"));
		kind->answers(self, out);
	}
	buf_add(out, STR("}\n"));
}

/* Written aside and renamed: half a ledger must never be taken for one. */
static int put_file(struct fs *fs, const char *folder, str bytes, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *path = arena_cstr(&a, arena_format(&a, "%s/ledger.json", folder));
	const char *aside = arena_cstr(&a, arena_format(&a, "%s/ledger.json.new", folder));
	int         handle, rc;

	TRY(fs_open(fs, aside, FS_WRITE | FS_TRUNCATE, &handle, e));
	rc = fs_write(fs, handle, bytes.ptr, bytes.len, e);
	fs_close(fs, handle);
	TRY(rc);
	return fs_rename(fs, aside, path, e);
}

int ledger_write(struct ledger *l, struct fs *fs, const struct simulate_conf *conf,
                 const struct kind *kind, void *self, struct err *e)
{
	AUTO(buf) out = BUF(0);

	write_ledger(l, conf, kind, self, &out);
	if (buf_over(&out))
		return err_set(e, ERR_LIMIT, "the ledger is over 1 GiB");
	return put_file(fs, conf->out, buf_str(&out), e);
}
