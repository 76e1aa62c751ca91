/* idkey.h - an id that somebody typed, as a pipeline knows the events it took. */
#ifndef INGEST_IDKEY_H
#define INGEST_IDKEY_H

#include "base/hash.h"
#include "ingest/pipeline.h"

struct idkey {
	struct hash128 key;       /* for dedupe */
	str            text;      /* in a column of text: that of a UUID in lower case, as which it may have come in any */
	uint8_t        bytes[16]; /* is_uuid: in a column of UUIDs */
	bool           is_uuid;
};

/* `secret` is the lake's; the text is owned by `a`. false where no event of the pipeline can have this id. */
bool idkey_make(const struct pipeline *p, uint64_t secret, str typed, struct arena *a, struct idkey *out);

#endif
