/* disk.h - a file system in memory that forgets, when the power goes, what was not synced.
 *
 * Each file has the bytes that readers see and the bytes that last; each folder the names that are seen and
 * those that last. A sync makes what is seen last. When the power goes, every 512-byte sector and every name that
 * is not synced is the old one or the new one, by chance, whatever the order they were written in.
 */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "os/fs.h"
#include "tests/sim/world.h"

struct disk *disk_new(struct world *w);
void         disk_free(struct disk *d);
/* The face of a file system, in the hands of a task; NULL: the eye of the checks. `landed` is the folder
 * whose new names are told to the world, without it; NULL: none. */
struct fs   *disk_client(struct disk *d, struct task *t, const char *landed);
void         disk_client_free(struct fs *fs);
void         disk_power_off(struct disk *d, uint64_t draw);
void         disk_append(struct disk *d, const char *path, str text); /* from outside; the folders are made */

#endif
