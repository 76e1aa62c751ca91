#include "tests/sim/act.h"

const char *const act_words[ACT_COUNT] = {
	[ACT_NONE] = "none",
	[ACT_DEAD] = "dead",
	[ACT_LOST] = "request lost",
	[ACT_BUSY] = "busy",
	[ACT_REPLY] = "answer lost",
	[ACT_LATE] = "lands late",
	[ACT_TWICE] = "delivered twice",
	[ACT_CUT] = "body cut",
	[ACT_FLIP] = "bit flipped",
	[ACT_STALE] = "stale list",
	[ACT_FULL] = "disk full",
	[ACT_DROPPED] = "sync fails",
	[ACT_CRASH_BEFORE] = "crash before",
	[ACT_CRASH_AFTER] = "crash after",
	[ACT_POWER_BEFORE] = "power off before",
	[ACT_POWER_AFTER] = "power off after",
	[ACT_TORN] = "power off within",
	[ACT_STALL] = "stall",
	[ACT_STEP] = "clock step",
	[ACT_FREEZE] = "clock frozen",
};

const char *const verb_words[VERB_COUNT] = {
	[VERB_GET] = "get",
	[VERB_PUT] = "put",
	[VERB_REPLACE] = "replace",
	[VERB_LIST] = "list",
	[VERB_REMOVE] = "remove",
	[VERB_SIZE] = "size",
	[VERB_OPEN] = "open",
	[VERB_READ] = "read",
	[VERB_WRITE] = "write",
	[VERB_SYNC] = "sync",
	[VERB_STAT] = "stat",
	[VERB_LINK] = "link",
	[VERB_RENAME] = "rename",
	[VERB_UNLINK] = "unlink",
	[VERB_MKDIR] = "mkdir",
	[VERB_NAMES] = "names",
	[VERB_SYNC_FOLDER] = "sync_folder",
	[VERB_SYNC_ALL] = "sync_all",
	[VERB_NOW] = "now",
};

static bool is_store(enum verb v)
{
	return v <= VERB_SIZE;
}

static bool is_sync(enum verb v)
{
	return v == VERB_SYNC || v == VERB_SYNC_FOLDER || v == VERB_SYNC_ALL;
}

static bool is_change(enum verb v)
{
	return v == VERB_PUT || v == VERB_REPLACE || v == VERB_REMOVE || v == VERB_WRITE || v == VERB_LINK ||
	       v == VERB_RENAME || v == VERB_UNLINK || v == VERB_MKDIR || v == VERB_OPEN;
}

bool act_fits(enum act act, enum verb v)
{
	if (v == VERB_NOW)
		return act == ACT_STEP || act == ACT_FREEZE;
	switch (act) {
	case ACT_LOST:
	case ACT_CRASH_BEFORE:
	case ACT_CRASH_AFTER:
	case ACT_STALL:
		return true;
	case ACT_BUSY:
	case ACT_TWICE:
		return is_store(v) && (act == ACT_BUSY || is_change(v));
	case ACT_REPLY:
		return is_change(v) && v != VERB_OPEN;
	case ACT_LATE:
		return v == VERB_PUT || v == VERB_REPLACE;
	case ACT_CUT:
	case ACT_FLIP:
		return v == VERB_GET;
	case ACT_STALE:
		return v == VERB_LIST;
	case ACT_FULL:
		return v == VERB_WRITE || v == VERB_MKDIR || v == VERB_LINK;
	case ACT_DROPPED:
		return is_sync(v);
	case ACT_POWER_BEFORE:
	case ACT_POWER_AFTER:
		return !is_store(v);
	case ACT_TORN:
		return v == VERB_WRITE;
	default:
		return false;
	}
}
