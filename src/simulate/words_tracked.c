/* words_tracked.c - eighty things that properties are about, and locales. Changing a word
 * changes the bytes of every seed. */
#include "simulate/words.h"

#define W(literal) {literal, sizeof(literal) - 1}

static const str things_list[] = {
	W("order"), W("cart"), W("item"), W("banner"), W("search"), W("checkout"), W("payment"), W("card"),
	W("invoice"), W("refund"), W("coupon"), W("campaign"), W("email"), W("push"), W("screen"), W("view"),
	W("button"), W("form"), W("field"), W("upload"), W("download"), W("video"), W("audio"), W("track"),
	W("playlist"), W("album"), W("photo"), W("comment"), W("review"), W("rating"), W("message"), W("thread"),
	W("friend"), W("group"), W("team"), W("project"), W("task"), W("ticket"), W("incident"), W("alert"),
	W("handset"), W("sensor"), W("battery"), W("network"), W("request"), W("response"), W("cache"), W("query"),
	W("index"), W("report"), W("export"), W("import"), W("login"), W("signup"), W("profile"), W("address"),
	W("region"), W("store"), W("shelf"), W("parcel"), W("courier"), W("route"), W("stop"), W("vehicle"),
	W("ride"), W("driver"), W("booking"), W("room"), W("guest"), W("flight"), W("seat"), W("ticketing"),
	W("wallet"), W("ledger"), W("transfer"), W("loan"), W("policy"), W("claim"), W("lesson"), W("quiz"),
};

const struct words words_things = {things_list, sizeof(things_list) / sizeof(things_list[0])};

static const str locales_list[] = {W("en-US"), W("en-GB"), W("de-DE"), W("fr-FR"), W("pt-BR"), W("ja-JP")};

const struct words words_locales = {locales_list, sizeof(locales_list) / sizeof(locales_list[0])};
