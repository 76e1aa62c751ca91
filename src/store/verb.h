/* verb.h - the verbs of a store by number, for wrappers that plan or count by verb. */
#ifndef STORE_VERB_H
#define STORE_VERB_H

enum store_verb {
	STORE_GET,
	STORE_PUT_NEW,
	STORE_REPLACE,
	STORE_LIST,
	STORE_REMOVE,
	STORE_SIZE,
	STORE_VERB_COUNT,
};

extern const char *const store_verb_words[STORE_VERB_COUNT]; /* "get", "put_new", ... */

#endif
