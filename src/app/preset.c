/* The four cases, as the YAML that a person would write: `tarn init --preset NAME` shows it, and it is read by the same
 * code as the file that names it. */
#include "app/config_int.h"

const char *const preset_names[] = {"eventsim", "product", "domain", "csv", NULL};

static const char *const texts[] = {
	/* eventsim: a music site; the page names the event, else the stream, which the path names */
	"envelope:\n"
	"  id: {hash: [userId, sessionId, itemInSession, ts, page]}\n"
	"  name: [page, {path: \"([a-z_]+)_events\"}]\n"
	"  time: {field: ts, unit: ms}\n"
	"dedupe: {window: 7d}\n"
	"table: \"{event_name}\"\n"
	"partition: day\n",
	/* product: flat events of many types, named a:b:c */
	"envelope:\n"
	"  id: event_uuid\n"
	"  name: event_name\n"
	"  time: {field: created_at, unit: s, keep: true}\n"
	"  enrich: [created_datetime, event_type, event_subtype]\n"
	"dedupe: {window: 7d, ignore: [created_at]}\n"
	"table: \"{event_name}\"\n"
	"partition: hour\n",
	/* domain: {"data":{"id","type","attributes":{}},"meta":{"created_at"}} */
	"envelope:\n"
	"  id: data.id\n"
	"  name: data.type\n"
	"  time: {field: meta.created_at, unit: ms}\n"
	"  attributes: data.attributes\n"
	"  require: {data.attributes: object}\n"
	"dedupe: {window: 7d, ignore: [meta.created_at]}\n"
	"table: \"{event_name}\"\n"
	"partition: hour\n",
	/* csv: daily files; the whole row is the identity */
	"envelope:\n"
	"  id: {hash: record}\n"
	"  name: {const: user_event}\n"
	"  time: {field: event_time, zone: UTC}\n"
	"dedupe: {window: 7d}\n"
	"table: \"{event_name}\"\n"
	"partition: day\n",
};

const char *preset_text(str name)
{
	for (size_t i = 0; preset_names[i] != NULL; i++)
		if (str_eq(name, str_of(preset_names[i])))
			return texts[i];
	return NULL;
}
