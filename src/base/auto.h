/* auto.h - values that clean up when their scope ends.
 *
 *     AUTO(buf) b = {0};            calls buf_done(&b) at the end of the scope
 *     AUTO_PTR(store) s = NULL;     calls store_close(s)
 *     return TAKE(s);               hands it over: the variable becomes NULL
 *
 * A type opts in below its declarations with AUTO_DEFINE or AUTO_PTR_DEFINE.
 * No goto in a function that uses these; we use these, hence no goto.
 */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#define AUTO(name)     __attribute__((cleanup(auto_done_##name))) struct name
#define AUTO_PTR(name) __attribute__((cleanup(auto_close_##name))) struct name *

/* `done` takes a pointer to the struct, and accepts it zeroed. */
#define AUTO_DEFINE(name, done)                                            \
	static inline void auto_done_##name(struct name *thing) { done(thing); }

/* `close` takes the pointer, and accepts NULL. */
#define AUTO_PTR_DEFINE(name, close)                                       \
	static inline void auto_close_##name(struct name **thing)          \
	{                                                                  \
		close(*thing);                                             \
	}

#define TAKE(variable)                                 \
	({                                             \
		__typeof__(variable) taken_ = (variable); \
		(variable) = NULL;                     \
		taken_;                                \
	})

#endif
