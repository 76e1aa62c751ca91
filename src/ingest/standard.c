#include "ingest/standard.h"

static const struct {
	const char *name;
	enum type   type;
	bool        is_required;
	const char *doc;
} columns[STANDARD_COUNT] = {
	[STANDARD_ID] = {"event_id", TYPE_STRING, true, "identity of the event, made from the members that the pipeline names"},
	[STANDARD_NAME] = {"event_name", TYPE_STRING, true, "name of the event, as the pipeline finds it"},
	[STANDARD_TIME] = {"event_time", TYPE_TIMESTAMPTZ, true, "when the event says it happened, UTC"},
	[STANDARD_INGESTED] = {"ingested_at", TYPE_TIMESTAMPTZ, true, "when the lake took the record"},
	[STANDARD_POSITION] = {"source_position", TYPE_STRING, true, "where the record came from: part of the source, ':', byte offset"},
	[STANDARD_TYPE] = {"event_type", TYPE_STRING, false, "first part of event_name, parts being set apart by ':'"},
	[STANDARD_SUBTYPE] = {"event_subtype", TYPE_STRING, false, "second part of event_name"},
	[STANDARD_CREATED] = {"created_datetime", TYPE_STRING, false, "event_time as ISO 8601 text, UTC"},
	[STANDARD_EXTRA] = {"_extra", TYPE_STRING, false,
	                    "JSON object of what no column holds: from the JSON Pointer of a member to its value as it came"},
};

static bool is_wanted(const struct pipeline *p, enum standard which)
{
	switch (which) {
	case STANDARD_TYPE:
		return p->has_event_type;
	case STANDARD_SUBTYPE:
		return p->has_event_subtype;
	case STANDARD_CREATED:
		return p->has_created_datetime;
	default:
		return true;
	}
}

/* The pointer of the member that the column holds exactly, or its words. */
static str doc_of(const struct pipeline *p, const struct name_rule *rule, enum standard which)
{
	if (which == STANDARD_ID && p->id.kind == ID_PATH)
		return p->id.paths[0].pointer;
	if (which == STANDARD_NAME && rule->kind == NAME_PATH)
		return rule->paths[0].pointer;
	if (which == STANDARD_TIME && p->time.has_unit && !p->time.is_kept)
		return p->time.path.pointer;
	return str_of(columns[which].doc);
}

void standard_schema(const struct pipeline *p, const struct name_rule *rule, struct schema *out)
{
	schema_init(out);
	for (enum standard i = 0; i < STANDARD_COUNT; i++) {
		enum type type = i == STANDARD_ID && p->id.is_uuid ? TYPE_UUID : columns[i].type;

		if (is_wanted(p, i))
			(void)schema_add(out, out->root, str_of(columns[i].name), type, columns[i].is_required,
			                 doc_of(p, rule, i), 0);
	}
}

bool standard_is_field(const struct schema *s, const struct field *f)
{
	for (enum standard i = 0; f->parent == s->root && i < STANDARD_COUNT; i++) {
		bool is_enrichment = i >= STANDARD_TYPE && i <= STANDARD_CREATED;

		if (str_eq(f->name, str_of(columns[i].name)))
			return !is_enrichment || !str_starts(f->doc, STR("/"));
	}
	return false;
}

void standard_fields(const struct schema *s, const struct field *out[STANDARD_COUNT])
{
	for (enum standard i = 0; i < STANDARD_COUNT; i++) {
		const struct field *f = schema_child(s->root, str_of(columns[i].name));

		out[i] = f != NULL && standard_is_field(s, f) ? f : NULL;
	}
}

static bool is_needed(enum standard which)
{
	return which == STANDARD_ID || which == STANDARD_TIME || which == STANDARD_EXTRA;
}

int standard_check(const struct pipeline *p, const struct schema *s, struct err *e)
{
	const struct field *fields[STANDARD_COUNT];

	standard_fields(s, fields);
	for (enum standard i = 0; i < STANDARD_COUNT; i++) {
		const struct field *f = fields[i];
		bool                is_uuid = i == STANDARD_ID && p->id.is_uuid;

		if (f == NULL && is_needed(i))
			return err_set(e, ERR_UNSUPPORTED,
			               "it has no column %s, which events need: route them to another table",
			               columns[i].name);
		if (f != NULL && f->type != columns[i].type && !(is_uuid && f->type == TYPE_UUID))
			return err_set(e, ERR_UNSUPPORTED,
			               "its column %s is of type %s, this pipeline's is %s: route it to another table",
			               columns[i].name, type_name(f->type),
			               is_uuid ? "uuid" : type_name(columns[i].type));
	}
	return 0;
}
