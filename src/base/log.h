/* SPDX-License-Identifier: Apache-2.0 */
/* One line per event on standard error, for people and journald: time, level, text. Foreign text
 * is put through with control characters shown as '?', so a log line cannot be forged. Content of
 * objects is never logged; ids only where the line says why. Any thread. */
#ifndef TC_BASE_LOG_H
#define TC_BASE_LOG_H

#include "base/err.h"

enum tc_log_level { TC_LOG_ERROR, TC_LOG_WARN, TC_LOG_INFO, TC_LOG_DEBUG };

void tc_log_set_level(enum tc_log_level level); /* default INFO */
void tc_log(enum tc_log_level level, const char *fmt, ...) TC_PRINTF(2, 3);

#endif
