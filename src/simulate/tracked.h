/* tracked.h - the envelope of events as client libraries send them: thirteen members, then `properties`.
 *
 *   {"event_id":"..","event_name":"..","created_at":1748822400123,"received_at":"2025-06-02T00:00:02.608Z",
 *    "user_id":..,"session_id":"..","device_id":"..","platform":"..","os_version":"..","app_version":"..",
 *    "ip":"..","country":"..","locale":"..",
 */
#ifndef SIMULATE_TRACKED_H
#define SIMULATE_TRACKED_H

#include "simulate/identity.h"
#include "simulate/kind_int.h"

/* The record's beginning, after record_clear and with is_drifted set, up to the comma after the last of the
 * thirteen. */
char *put_tracked(str name, int64_t us, struct random *r, struct record *out);

#endif
