/* depot.h - the far end of an object store, and the way to it, on which anything may happen.
 *
 * A depot keeps objects. A client has the face of a store; its calls belong to a task, and what becomes of
 * them is decided by the world. A put that lands late is in flight until then.
 */
#ifndef SIM_DEPOT_H
#define SIM_DEPOT_H

#include "store/store.h"
#include "tests/sim/world.h"

struct depot *depot_new(struct world *w);
void          depot_free(struct depot *d);
struct store *depot_client(struct depot *d, struct task *t); /* t NULL: the eye of the checks */
void          depot_tick(struct depot *d, struct world *w, bool is_all); /* land what is due, or all */

#endif
