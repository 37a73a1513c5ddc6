/* SPDX-License-Identifier: MIT */
#include "snaps/report.h"

#include <errno.h>
#include <stdlib.h>

int snaps_html(const struct snaps_report *report, const struct render_style *style, FILE *out)
{
	(void)report;
	(void)style;
	(void)out;
	return -ENOTSUP;
}
