/* words.h - what the simulated world is made of: people, places, things, and the names of events.
 *
 * Texts stand as they go into JSON: where one needs an escape it is there already. Only music is plain
 * text. Names of people and music are made up; the places are real, so that maps of answers look right.
 */
#ifndef SIMULATE_WORDS_H
#define SIMULATE_WORDS_H

#include "base/str.h"

struct words {
	const str *at;
	uint32_t   count;
};

struct city {
	str name, state, zip, lat, lon; /* lat and lon as decimal text; zip may begin with 0 */
};

extern const struct city  words_cities[];
extern const uint32_t     words_city_count;

/* People, and their user agents (with the quotes of real logs). */
extern const struct words words_women, words_men, words_families, words_agents;

/* Music, plain text. No word of one list of artists is in another. */
extern const struct words words_band_first, words_band_last, words_solo_first, words_solo_last;
extern const struct words words_title_first, words_title_last;

/* Product events: 100 names "a:b:c". Domain events: 20 * 5 * 3 names "a.b.c". */
extern const struct words words_product_events;
extern const struct words words_entities, words_aspects, words_changes;

extern const struct words words_currencies, words_countries, words_colours, words_statuses, words_channels;
extern const struct words words_plans, words_systems, words_tags, words_sentences, words_pages;
extern const struct words words_locales, words_things; /* things: what properties are about (props.h) */

#endif
