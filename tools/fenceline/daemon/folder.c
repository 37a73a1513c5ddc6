/* SPDX-License-Identifier: MIT */
#include "daemon/folder.h"
#include "daemon/files.h"
#include "daemon/hook.h"
#include "daemon/logs.h"
#include "daemon/say.h"
#include "model/address.h"
#include "run/programs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS 96

bool folder_same_client(const char *a, const char *b)
{
	struct address one, other;

	return address_parse(a, &one) && address_parse(b, &other) && address_same_client(&one, &other);
}

/* ---- reading ---- */

/* Runs in the folder itself, so that the report has the paths of the incident folder. */
static int run_reader(char *const arguments[], const char *all)
{
	struct program_output output;
	char line[64] = "";
	int status, count = -1;

	if (chdir(all))
		return -errno;
	status = program_open("read", arguments, &output);
	if (status) {
		say("cannot run the program fenceline-read: %s", strerror(-status));
		return status;
	}
	if (fgets(line, sizeof line, output.stream))
		count = atoi(line);
	status = program_close(&output);
	if (status || count < 0) {
		say("reading what was recorded failed (exit code %d)", status);
		return -EIO;
	}
	return count;
}

int folder_read(const struct daemon_options *options, const char *all, const char *found)
{
	char *arguments[ARGUMENTS + DAEMON_LOGS] = { "fenceline", "save", "--into" }, timeout[48], path[PATH_MAX];
	static char logs[DAEMON_LOGS][300];
	size_t count = 3, log_count = 0;
	struct dirent *entry;
	int status;
	DIR *dir;

	files_remove(found);
	status = files_make_folders(found);
	if (status)
		return status;
	arguments[count++] = (char *)found;
	if (options->watch_timeout_s) {
		snprintf(timeout, sizeof timeout, "--watch-timeout=%u", options->watch_timeout_s);
		arguments[count++] = timeout;
	}
	if (options->also_watch_error)
		arguments[count++] = "--also-watch-error";
	arguments[count++] = "trace";
	files_path(path, "%s/logs", all);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) && log_count < DAEMON_LOGS) {
		if (*entry->d_name == '.')
			continue;
		snprintf(logs[log_count], sizeof logs[log_count], "logs/%s", entry->d_name);
		arguments[count++] = logs[log_count++];
	}
	if (dir)
		closedir(dir);
	return run_reader(arguments, all);
}

/* ---- names ---- */

/* TIME-VM, or, where no VM is known, TIME-ADDRESS; of letters that need no quoting. */
static void name_of(const struct verdict *verdict, char *name, size_t size)
{
	const char *who = *verdict->vm ? verdict->vm : *verdict->uuid ? verdict->uuid : verdict->address;
	time_t when = verdict->at_ns / 1000000000;
	struct tm tm;
	size_t used = strftime(name, size, "%Y-%m-%dT%H-%M-%SZ-", gmtime_r(&when, &tm));

	for (; *who && used + 1 < size && used < 120; who++)
		name[used++] = isalnum((unsigned char)*who) || strchr("._-", *who) ? *who : '_';
	name[used] = '\0';
}

static int free_path(const char *incidents, const struct verdict *verdict, char path[PATH_MAX])
{
	char name[160];
	struct stat st;

	name_of(verdict, name, sizeof name);
	for (int i = 1; i < 1000; i++) {
		files_path(path, i > 1 ? "%s/%s-%d" : "%s/%s", incidents, name, i);
		if (stat(path, &st))
			return 0;
	}
	return -EEXIST;
}

/* ---- making ---- */

static int move_report(const char *found, const char *to)
{
	static const char *const files[] = { "incidents.json", "timeline.txt", "timeline.html" };
	char from[PATH_MAX], into[PATH_MAX];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		files_path(from, "%s/%s", found, files[i]);
		files_path(into, "%s/%s", to, files[i]);
		if (rename(from, into))
			return -errno;
	}
	return 0;
}

static int folder_fill(const char *all, const char *found, const char *to, const struct verdict *verdict)
{
	char from[PATH_MAX], into[PATH_MAX];
	int status = files_make_folders(to);

	files_path(from, "%s/trace", all);
	files_path(into, "%s/trace", to);
	if (!status)
		status = files_copy_tree(from, into, true);
	files_path(from, "%s/logs", all);
	files_path(into, "%s/logs", to);
	if (!status)
		status = logs_take_lines(from, into, verdict);
	if (!status)
		status = move_report(found, to);
	if (!status)
		status = files_hand_over(to);
	if (!status)
		status = files_sync(to);
	return status;
}

/* Beside the others, and renamed. `old`: it takes the place of this one. */
static int folder_make(const char *incidents, const char *all, const char *found, const struct verdict *verdict, const char *old,
                       char path[PATH_MAX])
{
	char unfinished[PATH_MAX];
	int status;

	files_path(unfinished, "%s/" FOLDER_UNFINISHED "%d", incidents, (int)getpid());
	files_remove(unfinished);
	status = folder_fill(all, found, unfinished, verdict);
	if (!status && old)
		files_path(path, "%s", old);
	else if (!status)
		status = free_path(incidents, verdict, path);
	if (!status && old && renameat2(AT_FDCWD, unfinished, AT_FDCWD, path, RENAME_EXCHANGE))
		status = -errno;
	else if (!status && !old && rename(unfinished, path))
		status = -errno;
	files_remove(unfinished); /* what went wrong, or the old one */
	if (!status)
		files_sync_entries(incidents);
	return status;
}

static void cannot_write(const struct verdict *verdict, int status)
{
	say("cannot write the incident of %s down: %s", *verdict->vm ? verdict->vm : verdict->address, strerror(-status));
}

#define HOOKS 256 /* for one case; a folder that it makes anew counts again */

static struct {
	char *path, *vm;
} hooks[HOOKS];
static size_t hook_count;

static void announce(const struct daemon_options *options, const char *path, const struct verdict *verdict)
{
	say("%s: %s, %s: %s", *verdict->vm ? verdict->vm : verdict->address, verdict->cause,
	    *verdict->confidence ? verdict->confidence : "a near miss", path);
	if (!options->on_incident || hook_count == HOOKS)
		return;
	hooks[hook_count].path = strdup(path);
	hooks[hook_count].vm = strdup(verdict->vm);
	if (hooks[hook_count].path && hooks[hook_count].vm)
		hook_count++;
}

void folder_call_hooks(const struct daemon_options *options)
{
	for (size_t i = 0; i < hook_count; i++) {
		int code = hook_run(options->on_incident, hooks[i].path, hooks[i].vm, HOOK_MS);
		if (code == -ETIMEDOUT)
			say("the command of --on-incident took longer than %d s and was ended", HOOK_MS / 1000);
		else if (code)
			say("the command of --on-incident failed (exit code %d)", code);
	}
}

/* ---- the same fence, noticed before ---- */

/* Does it say more than the folder that is there? */
static bool says_more(const struct verdict *verdict, const struct verdict *old)
{
	return verdict_rank(verdict) > verdict_rank(old) || (verdict->harm && !old->harm);
}

/* True if each knows what the other does not, so that together they may say more. If both know the same, nothing is read twice:
 * with twenty fences at once that would take minutes. */
static bool knows_other(const struct verdict *verdict, const struct verdict *old)
{
	return verdict->harm != old->harm || verdict->sender != old->sender || !*verdict->vm != !*old->vm;
}

static bool may_say_more(const struct verdict *verdict, const char *path, bool noticed)
{
	struct verdict old;
	bool may;

	if (verdict_read(path, &old))
		return true;
	may = verdict_rank(&old) < 3 && (says_more(verdict, &old) || (noticed && knows_other(verdict, &old)));
	may |= verdict->harm && !old.harm;
	verdict_free(&old);
	return may;
}

/* Folders of an earlier case that may say more with what was recorded now: all of them are read again at once. */
#define AGAIN 256

static struct {
	char path[PATH_MAX], address[128];
} again[AGAIN];
static size_t again_count;

static int add_tree(const char *from, const char *to, bool link)
{
	int status = files_make_folders(to);

	if (!status)
		status = files_copy_tree(from, to, link);
	return status == -ENOENT ? 0 : status;
}

/* What an earlier case left in a folder. Folders of one case have one trace between them, which is known by its files and comes
 * in once. */
static int add_old(const char *old, const char *both)
{
	char from[PATH_MAX], to[PATH_MAX];
	int status;

	files_path(from, "%s/logs", old); /* of a log that is there now: what was taken then is in its end */
	files_path(to, "%s/logs", both);
	status = add_tree(from, to, false);
	files_path(from, "%s/trace", old);
	files_path(to, "%s/trace/before/%" PRIu64, both, files_least_inode(from));
	return status ? status : add_tree(from, to, true);
}

/* Everything that was recorded, this time and before, in `both`. */
static int folder_join(const char *all, const char *both)
{
	char from[PATH_MAX], to[PATH_MAX];
	int status;

	files_remove(both);
	files_path(from, "%s/logs", all);
	files_path(to, "%s/logs", both);
	status = add_tree(from, to, false);
	files_path(from, "%s/trace", all);
	files_path(to, "%s/trace", both);
	if (!status)
		status = add_tree(from, to, true);
	for (size_t i = 0; !status && i < again_count; i++)
		status = add_old(again[i].path, both);
	return status;
}

static int make_anew(const struct daemon_options *options, const char *incidents, const char *both, const char *found,
                     size_t which)
{
	char path[PATH_MAX];
	struct verdict verdict, old;
	int status = verdict_read(found, &verdict);

	if (status)
		return status;
	if (!verdict_read(again[which].path, &old)) {
		if (says_more(&verdict, &old)) {
			status = folder_make(incidents, both, found, &verdict, again[which].path, path);
			if (!status)
				announce(options, path, &verdict);
		}
		verdict_free(&old);
	}
	if (status)
		cannot_write(&verdict, status);
	verdict_free(&verdict);
	return status;
}

/* Which folder is of this client; again_count: none. */
static size_t find_again(const char *found)
{
	struct verdict verdict;
	size_t i = 0;

	if (verdict_read(found, &verdict))
		return again_count;
	while (i < again_count && !folder_same_client(verdict.address, again[i].address))
		i++;
	verdict_free(&verdict);
	return i;
}

int folder_write_again(const struct daemon_options *options, const char *all)
{
	char incidents[PATH_MAX], both[PATH_MAX], found[PATH_MAX], each[PATH_MAX];
	int status, count, failed = 0;

	if (!again_count)
		return 0;
	files_path(incidents, "%s/incidents", options->output);
	snprintf(both, sizeof both, "%s-both", all);
	snprintf(found, sizeof found, "%s-both-found", all);
	status = folder_join(all, both);
	if (status)
		say("cannot put together what was recorded, in %s: %s", both, strerror(-status));
	count = status ? status : folder_read(options, both, found);
	for (int i = 0; i < count; i++) {
		files_path(each, "%s/%d", found, i);
		size_t which = find_again(each);
		status = which < again_count ? make_anew(options, incidents, both, each, which) : 0;
		failed = status ? status : failed;
	}
	files_remove(both);
	files_remove(found);
	return count < 0 ? count : failed;
}

/* Without room the folder stays as it is. */
static void read_again(const char *path, const char *address)
{
	for (size_t i = 0; i < again_count; i++)
		if (!strcmp(again[i].path, path))
			return;
	if (again_count == AGAIN)
		return;
	snprintf(again[again_count].path, sizeof again->path, "%s", path);
	snprintf(again[again_count].address, sizeof again->address, "%s", address);
	again_count++;
}

int folder_write(const struct daemon_options *options, const char *all, const char *found, const struct verdict *verdict,
                 bool noticed)
{
	char incidents[PATH_MAX], path[PATH_MAX];
	int status;

	files_path(incidents, "%s/incidents", options->output);
	status = files_make_folders(incidents);
	if (!status && saved_find(incidents, verdict->address, path)) {
		if (may_say_more(verdict, path, noticed))
			read_again(path, verdict->address);
	} else if (!status) {
		status = folder_make(incidents, all, found, verdict, NULL, path);
		if (!status)
			announce(options, path, verdict);
	}
	if (status)
		cannot_write(verdict, status);
	return status;
}
