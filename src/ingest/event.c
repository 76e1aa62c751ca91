#include "ingest/event.h"

#include <assert.h>

static const struct {
	const char *code, *words;
} reasons[REASON_COUNT] = {
	[REASON_SIZE_RECORD] = {"size.record", "the record is over the size limit"},
	[REASON_FRAME_COMPRESSION] = {"frame.compression", "the compressed file is damaged or cut short; what follows cannot be read"},
	[REASON_FRAME_RECORDS] = {"frame.records", "the document has no array of records where the configuration says"},
	[REASON_CSV_QUOTE] = {"csv.quote", "a quote in the row is not closed, or text follows it"},
	[REASON_CSV_FIELDS] = {"csv.fields", "the row has not as many fields as the header"},
	[REASON_NOT_OBJECT] = {"envelope.not_object", "the record is not a JSON object"},
	[REASON_ENVELOPE_MISSING] = {"envelope.missing", "the record has no id, no name and no time"},
	[REASON_ID_MISSING] = {"id.missing", "the id is missing or null"},
	[REASON_ID_INVALID] = {"id.invalid", "the id is not a text of 1 to 128 bytes (or not a UUID where one is declared)"},
	[REASON_ID_CONFLICT] = {"id.conflict", "an event with this id and another content is in the lake"},
	[REASON_TYPE_MISSING] = {"type.missing", "the event name is missing, null or not a text"},
	[REASON_TYPE_NAME] = {"type.name", "the event name has characters that names may not have, or is too long"},
	[REASON_TYPE_CASE] = {"type.case", "the event name differs from a known one only in its case"},
	[REASON_TYPE_UNKNOWN] = {"type.unknown", "no contract declares the event name, or the pipeline has reached its limit of names"},
	[REASON_TIME_MISSING] = {"time.missing", "the event time is missing or null"},
	[REASON_TIME_SYNTAX] = {"time.syntax", "the event time is not a time"},
	[REASON_TIME_ZONE] = {"time.zone", "the event time has no zone, and none is configured"},
	[REASON_TIME_RANGE] = {"time.range", "the event time is before the lake's floor or beyond what can be held"},
	[REASON_TIME_UNIT] = {"time.unit", "the event time is a number that does not fit the configured unit"},
	[REASON_TIME_FUTURE] = {"time.future", "the event time is more than a day ahead of the clock"},
	[REASON_VALUE_CONTROL] = {"value.control", "the id or the name holds a control character"},
	[REASON_SCHEMA_REQUIRED] = {"schema.required", "a required member is missing, null or of another type"},
	[REASON_CONTRACT_TYPE] = {"contract.type", "the value is not of the type that the contract declares, and cannot be told as one without loss"},
	[REASON_CONTRACT_REQUIRED] = {"contract.required", "a member that the contract requires is missing or null"},
	[REASON_CONTRACT_ENUM] = {"contract.enum", "the value is none of those that the contract lists"},
	[REASON_CONTRACT_RANGE] = {"contract.range", "the number is outside the range of the contract"},
	[REASON_CONTRACT_LENGTH] = {"contract.length", "the text or the array is shorter or longer than the contract allows"},
	[REASON_CONTRACT_PATTERN] = {"contract.pattern", "the text does not match the pattern of the contract"},
	[REASON_CONTRACT_EXTRA] = {"contract.extra", "the contract allows no member of this name"},
};

const char *reason_code(enum reason r)
{
	assert(r > REASON_NONE && r < REASON_COUNT);
	return r <= REASON_JSON_LAST ? json_fault_code((enum json_fault_kind)r) : reasons[r].code;
}

enum reason reason_of(str code)
{
	for (enum reason r = 1; r < REASON_COUNT; r++)
		if (str_eq(code, str_of(reason_code(r))))
			return r;
	return REASON_NONE;
}

const char *reason_words(enum reason r)
{
	assert(r > REASON_NONE && r < REASON_COUNT);
	return r <= REASON_JSON_LAST ? "the record is not the JSON this pipeline takes" : reasons[r].words;
}

/* By hand: each row has one. */
void event_position(const struct event *ev, str part_label, struct buf *out)
{
	uint64_t offset = ev->record->offset;
	char     digits[20];
	size_t   at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + offset % 10);
		offset /= 10;
	} while (offset > 0);
	buf_add(out, part_label);
	buf_byte(out, ':');
	buf_bytes(out, digits + at, sizeof(digits) - at);
}
