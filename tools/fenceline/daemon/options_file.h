/* SPDX-License-Identifier: MIT */
/*
 * The file that systemd reads the daemon's options from (EnvironmentFile=), read again as systemd does it: with `$VARIABLE` in
 * ExecStart= it splits the value into words at blanks and takes quotes and backslashes away, and expands no $, ~ or * (systemd.exec(5),
 * systemd.service(5)).
 */
#ifndef FENCELINE_DAEMON_OPTIONS_FILE_H
#define FENCELINE_DAEMON_OPTIONS_FILE_H

/*
 * The words of this variable. Returns how many, -ENODATA if the file does not set it, -E2BIG if there are more than `most`, or
 * another -errno. *text is what they lie in, owned by the caller; NULL unless they are returned.
 */
int options_file_words(const char *path, const char *variable, char *words[], int most, char **text);

#endif
