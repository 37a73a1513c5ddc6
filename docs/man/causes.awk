# SPDX-License-Identifier: MIT
# usage: awk -f causes.awk incident.h PAGE: the page, with the list CAUSES of tools/fenceline/correlate/incident.h where it says @CAUSES@.
FNR == NR {
	if (/^#define CAUSES\(/) inside = 1
	else if (/^#define/) inside = 0
	if (inside && match($0, /"[^"]*"/) && /C\(/) names[++count] = substr($0, RSTART + 1, RLENGTH - 2)
	else if (inside && match($0, /"[^"]*"/)) means[count] = substr($0, RSTART + 1, RLENGTH - 2)
	next
}
$0 == "@CAUSES@" {
	for (i = 1; i <= count; i++)
		printf("%s*%s*\n\t%s\n", i == 1 ? "" : "\n", names[i], means[i])
	next
}
{ print }
