#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum log_level log_threshold = LOG_INFO;

void log_say(enum log_level level, const char *format, ...)
{
	static const char *const words[] = {"debug: ", "", "warning: ", "error: "};
	char                     text[2048], line[4096];
	size_t                   len = 0;
	va_list                  args;

	if (level < log_threshold)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (const char *c = text; *c != '\0' && len + 5 < sizeof(line); c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte < 0x20 || byte == 0x7F)
			len += (size_t)snprintf(line + len, 5, "\\x%02x", byte);
		else
			line[len++] = *c;
	}
	line[len] = '\0';
	(void)fprintf(stderr, "tarn: %s%s\n", words[level], line);
}
