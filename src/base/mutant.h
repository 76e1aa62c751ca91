/* mutant.h - which safeguard of the commit is taken out, to prove that the simulator misses it (make mutants).
 *
 * None in any build that is shipped. Each stands where its safeguard does:
 *
 *   1  catalog_dir_change.c  a new version of a table is written over whatever is there: no compare-and-swap
 *   2  journal.c      only the first writer of all puts a fence; an entry of one's epoch is taken for one's own
 *   3  journal.c      a put that nobody answered counts as failed: the entry grows, and is put again under the same seq
 *   4  dedupe.c       runs of ids count as soon as they are uploaded, committed or not
 *   5  journal.c      positions are those before the fence, not those with it
 *   6  writer.c       a data file that no entry names now is garbage now
 *   7  writer.c       entries that are applied are deleted
 *   8  table.c        the mark of a table is remembered by its snapshots alone, which expire
 *   9  pump.c         a source is told to forget before the entry is committed
 *  10  held.c         held rows are judged once more when they are recovered
 */
#ifndef BASE_MUTANT_H
#define BASE_MUTANT_H

#ifndef MUTANT
#define MUTANT 0
#endif

#endif
