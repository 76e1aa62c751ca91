/* audit_remedy.c - what to do about each kind of finding. */
#include "upkeep/audit.h"

static const struct {
	const char *kind, *remedy;
} remedies[] = {
	{"journal: hole",
	 "put the entry back from a backup or an older version of the object; no writer goes "
	 "on without it"},
	{"journal: hash",
	 "put the entry back as it was, from a backup or an older version of the object"},
	{"journal: chain",
	 "put back the entry that was changed, from a backup or an older version of the "
	 "object"},
	{"journal: balance",
	 "an entry says what cannot be: keep the lake as it is, and compare the table with "
	 "its source"},
	{"journal: position",
	 "records between the two positions were passed over or taken twice: look at the "
	 "source there"},
	{"journal: checkpoint",
	 "remove the checkpoint: it is never needed"},
	{"table: missing",
	 "put the table's metadata folder back from a backup; the journal and the data files "
	 "are the rest of it"},
	{"table: uuid",
	 "another table has taken its name: move that one away and put the first one's "
	 "metadata back"},
	{"table: mark",
	 "set the property tarn.applied.<lane> back to what the newest snapshot of tarn says "
	 "in tarn.entries"},
	{"table: schema",
	 "add the field again with its id and type by the engine that took it away"},
	{"table: rolled back",
	 "make the later snapshot, or metadata file, the present one again. Where metadata "
	 "is older than the journal, the next start adds what is missing; where a snapshot "
	 "was chosen by hand, nothing is added before it is chosen back, or "
	 "tarn.applied.<lane> set to the entry it shows"},
	{"snapshot: cannot be read",
	 "put the manifest or list back from a backup, or make a snapshot that can be read "
	 "the current one"},
	{"snapshot: file listed twice",
	 "its rows are counted twice: delete one of the entries by the engine that made it, "
	 "or roll back"},
	{"snapshot: file not of the journal",
	 "another engine has added it: take it out, or move its rows in through a source"},
	{"snapshot: file of the journal not listed",
	 "another engine has taken it out: add the file again (add_files), or roll back"},
	{"snapshot: file listed that was removed",
	 "another engine has added it again: take it out"},
	{"snapshot: rows differ",
	 "the manifest is not the one that was committed: roll back to a snapshot from "
	 "before"},
	{"file: missing",
	 "put it back from a backup or an older version of the object; else its rows come "
	 "from the source or from raw"},
	{"file: size",
	 "put it back as it was, from a backup or an older version of the object"},
	{"file: footer",
	 "put it back as it was, from a backup or an older version of the object"},
	{"file: origin",
	 "another file has its name: put the right one back from a backup or an older "
	 "version of the object"},
	{"file: rows",
	 "put it back as it was, from a backup or an older version of the object"},
	{"file: checksum",
	 "put it back as it was, from a backup or an older version of the object"},
	{"raw: missing",
	 "put it back from a backup; rows that wait for their file are lost without it, "
	 "others cannot be rebuilt"},
	{"raw: size",
	 "put it back as it was, from a backup or an older version of the object"},
	{"raw: checksum",
	 "put it back as it was, from a backup or an older version of the object"},
	{"raw: verdicts",
	 "put it back as it was, from a backup or an older version of the object"},
	{"ids: missing",
	 "put it back from a backup; without it repeats of its events are not found"},
	{"ids: count",
	 "put it back as it was, from a backup; as it is repeats of its events may not be "
	 "found"},
	{"ids: checksum",
	 "put it back as it was, from a backup; as it is repeats of its events may not be "
	 "found"},
};

str audit_kind(str finding)
{
	size_t group = str_find(finding, ':', 0);

	return str_head(finding, str_find(finding, ':', group + 1));
}

const char *audit_remedy(str kind)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (str_eq(kind, str_of(remedies[i].kind)))
			return remedies[i].remedy;
	return "compare it with a backup";
}
