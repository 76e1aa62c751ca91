/* avro_int.h - between the files of the Avro codec. */
#ifndef CODEC_AVRO_INT_H
#define CODEC_AVRO_INT_H

#include "codec/avro.h"

int avro_schema_parse(str text, struct arena *a, const struct avro_type **out, struct err *e) MUST_USE;

#endif
