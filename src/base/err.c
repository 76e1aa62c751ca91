#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *word;
	bool        is_retriable;
	int         exit_code;
} classes[] = {
	[0] = {"ok", false, 0},
	[-ERR_INPUT] = {"input", false, 64},
	[-ERR_MISSING] = {"missing", false, 66},
	[-ERR_CONFLICT] = {"conflict", false, 75},
	[-ERR_BUSY] = {"busy", true, 75},
	[-ERR_DENIED] = {"denied", false, 77},
	[-ERR_LIMIT] = {"limit", false, 71},
	[-ERR_IO] = {"io", true, 74},
	[-ERR_CORRUPT] = {"corrupt", false, 65},
	[-ERR_UNSUPPORTED] = {"unsupported", false, 69},
	[-ERR_STOPPED] = {"stopped", false, 130},
};

static size_t class_index(int class)
{
	size_t index = class < 0 ? (size_t)-class : 0;

	return index < sizeof(classes) / sizeof(classes[0]) ? index : 0;
}

const char *err_word(int class)
{
	return classes[class_index(class)].word;
}

bool err_is_retriable(int class)
{
	return classes[class_index(class)].is_retriable;
}

int err_exit_code(int class)
{
	return classes[class_index(class)].exit_code;
}

int err_set(struct err *e, enum err_class class, const char *format, ...)
{
	va_list args;

	e->class = class;
	va_start(args, format);
	(void)vsnprintf(e->text, sizeof(e->text), format, args); /* cut at the end is fine */
	va_end(args);
	return class;
}

static enum err_class class_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP: /* a link that leads to itself leads nowhere */
		return ERR_MISSING;
	case EEXIST:
		return ERR_CONFLICT;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return ERR_LIMIT;
	case EAGAIN:
	case EBUSY:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

int err_sys(struct err *e, int number, const char *format, ...)
{
	char    reason[128];
	va_list args;
	int     len;

	e->class = class_of_errno(number);
	va_start(args, format);
	len = vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(e->text))
		(void)snprintf(e->text + len, sizeof(e->text) - (size_t)len, ": %s",
		               strerror_r(number, reason, sizeof(reason)));
	return e->class;
}

int err_add(struct err *e, const char *format, ...)
{
	char    context[sizeof(e->text)];
	va_list args;
	size_t  len, kept;

	va_start(args, format);
	(void)vsnprintf(context, sizeof(context), format, args);
	va_end(args);

	len = strlen(context);
	if (len + 3 < sizeof(e->text)) {
		kept = strnlen(e->text, sizeof(e->text) - len - 3);
		memmove(e->text + len + 2, e->text, kept);
		e->text[len + 2 + kept] = '\0';
		memcpy(e->text, context, len);
		memcpy(e->text + len, ": ", 2);
	}
	return e->class;
}
