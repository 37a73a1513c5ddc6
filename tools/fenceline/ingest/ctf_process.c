/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_process.h"
#include "ingest/intake.h"
#include "ingest/ctf_graph.h"
#include "ingest/ctf_reader.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITE_BYTES ((size_t)64 << 10)
#define PIPE_BYTES  (1 << 20)
/* Some damage is read for ever: as much CPU time without getting on. */
#define SPIN_SECONDS 10

struct ctf_process {
	const struct ctf_traces *traces; /* borrowed */
	unsigned number;
	struct ctf_progress *progress; /* shared memory */
	pid_t pid;                     /* 0: none; it is read in this process, or everything has been */
	int pipe;                      /* -1: none */
	struct ctf_reader *reader;     /* in this process; owned */
	bool careful;                  /* a process died: from now on each event arrives before the next is begun */
	struct ctf_buffer records;
	const struct ctf_record *next; /* the event's that was asked for; NULL: none, or it was taken */
};

/* ---- the other process ---- */

static struct ctf_progress *watched;

static void kill_if_stuck(int signal_number)
{
	static uint32_t seen;

	(void)signal_number;
	if (watched->steps == seen)
		raise(SIGXCPU);
	seen = watched->steps;
}

/* Signals end it as if nobody had set a handler for them (a fuzzer does), without a word and leaving no core behind. It ends with
 * its parent, which is who an interrupt is for. */
static void become_reader(struct ctf_progress *progress)
{
	static const int deadly[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGXCPU, SIGTERM, SIGHUP, SIGPIPE };
	struct itimerval every = { { SPIN_SECONDS, 0 }, { SPIN_SECONDS, 0 } };
	struct rlimit core = { 0, 0 };
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "fenceline-ctf");
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		signal(deadly[i], SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	setrlimit(RLIMIT_CORE, &core);
	if (nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
	watched = progress;
	signal(SIGPROF, kill_if_stuck);
	setitimer(ITIMER_PROF, &every, NULL);
}

static bool write_out(int fd, struct ctf_buffer *records)
{
	while (records->begin < records->end) {
		ssize_t n = write(fd, records->bytes + records->begin, records->end - records->begin);
		if (n < 0 && errno != EINTR)
			return false;
		records->begin += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* The end of the pipe without an error is the end of the events. */
static _Noreturn void read_for_parent(const struct ctf_process *process, int fd)
{
	struct ctf_reader *reader = ctf_reader_new(process->traces, process->number, process->progress);
	struct ctf_buffer records = { .bytes = NULL };
	bool broken = false;

	while (!broken && ctf_reader_step(reader, &records)) {
		bool now = process->careful || process->progress->stream == CTF_OPENING;
		broken = (now || records.end - records.begin >= WRITE_BYTES) && !write_out(fd, &records);
	}
	_exit(broken || !write_out(fd, &records) ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* ---- this one ---- */

static void begin_here(struct ctf_process *process)
{
	process->reader = ctf_reader_new(process->traces, process->number, process->progress);
}

/* Returns how the other process ended, for waitpid's macros. */
static int stop(struct ctf_process *process)
{
	int status = 0;

	if (process->pipe >= 0)
		close(process->pipe);
	process->pipe = -1;
	while (process->pid > 0 && waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	process->pid = 0;
	return status;
}

static void process_begin(struct ctf_process *process)
{
	pid_t parent = getpid();
	int ends[2] = { -1, -1 };

	process->progress->stream = CTF_OPENING;
	process->pid = pipe2(ends, O_CLOEXEC) ? -1 : fork();
	if (!process->pid) {
		become_reader(process->progress);
		if (getppid() == parent) /* else it died before it could be followed */
			read_for_parent(process, ends[1]);
		_exit(EXIT_FAILURE);
	}
	fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES); /* a smaller one does, too */
	close(ends[1]);
	process->pipe = ends[0];
	if (process->pid < 0) {
		stop(process);
		begin_here(process);
	}
}

struct ctf_process *ctf_process_start(const struct ctf_traces *traces, unsigned number)
{
	struct ctf_process *process = XNEW(struct ctf_process, .traces = traces, .number = number);

	process->progress = mmap(NULL, sizeof(*process->progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (process->progress == MAP_FAILED)
		x_out_of_memory();
	ctf_graph_prepare();      /* once for all processes */
	signal(SIGCHLD, SIG_DFL); /* where the caller ignores it, nobody learns how a process ended */
	process_begin(process);
	return process;
}

void ctf_process_close(struct ctf_process *process)
{
	if (process->pid > 0)
		kill(process->pid, SIGKILL);
	stop(process);
	ctf_reader_close(process->reader);
	ctf_buffer_release(&process->records);
	munmap(process->progress, sizeof(*process->progress));
	free(process);
}

/* ---- when it died ---- */

static bool is_the_librarys_doing(int status)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGXCPU };

	for (size_t i = 0; WIFSIGNALED(status) && i < sizeof(signals) / sizeof(*signals); i++)
		if (WTERMSIG(status) == signals[i])
			return true;
	return false;
}

/* The record that the dead process owes. */
static void tell_death(struct ctf_process *process, int signal_number, bool of_stream)
{
	struct ctf_record head = { .kind = of_stream ? RECORD_ENDED : RECORD_FAILED, .trace = process->progress->trace };
	char text[128];

	head.stream = process->progress->stream;
	snprintf(text, sizeof(text), "libbabeltrace2 ends over it (%s)",
	         signal_number == SIGXCPU ? "it reads for ever" : strsignal(signal_number));
	ctf_record_text(&process->records, &head, text);
}

/* Begins again with what is left. */
static void process_replace(struct ctf_process *process, int status)
{
	const struct ctf_progress *progress = process->progress;
	struct ctf_trace *trace = process->traces->traces[progress->trace];
	bool of_stream = progress->stream < trace->stream_count;

	process->records.begin = process->records.end = 0;
	if (!is_the_librarys_doing(status)) {
		ingest_complain(trace->folder, "the process that reads it ended (%s); read on without it",
		                WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "with an error");
		begin_here(process);
		return;
	}
	if (of_stream && !process->careful) {
		process->careful = true;
	} else {
		tell_death(process, WTERMSIG(status), of_stream);
		if (of_stream)
			trace->streams[progress->stream].ended = true;
		else if (trace->state == TRACE_PLANNED)
			trace->state = TRACE_FAILED;
	}
	process_begin(process);
}

/* ---- records ---- */

/* False at the end; else more records may be there now. */
static bool process_fill(struct ctf_process *process)
{
	char *room;
	ssize_t n;
	int status;

	if (process->reader)
		return ctf_reader_step(process->reader, &process->records);
	if (process->pipe < 0)
		return false;
	room = ctf_buffer_room(&process->records, WRITE_BYTES);
	n = read(process->pipe, room, process->records.capacity - process->records.end);
	if (n > 0) {
		process->records.end += (size_t)n;
		return true;
	}
	if (n < 0 && errno == EINTR)
		return true;
	status = stop(process);
	if (!n && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return false;
	process_replace(process, status);
	return true;
}

static void take_opened(struct ctf_trace *trace, const struct ctf_record *record)
{
	if (trace->state != TRACE_PLANNED)
		return; /* by another reader, or before one died */
	trace->streams = xcalloc(record->count + 1, sizeof(*trace->streams));
	trace->stream_count = record->count;
	trace->state = TRACE_OPEN;
}

static int take_failed(struct ctf_trace *trace, const struct ctf_record *record)
{
	if (trace->cause)
		return 0;
	if (trace->state == TRACE_OPEN) {
		ingest_complain(trace->folder, "could be opened only by some of the processes that read it: %s", record->rest);
		return -EIO;
	}
	trace->state = TRACE_FAILED;
	trace->cause = xstrdup(record->rest);
	return 0;
}

static void take_ended(struct ctf_trace *trace, const struct ctf_record *record)
{
	if (record->stream < trace->stream_count)
		trace->streams[record->stream].ended = true;
	trace->skipped += record->count;
	trace->unknown += record->unknown;
	/* A shortened packet ends in the middle of an event: that was said already. */
	if (*record->rest && !trace->cut)
		ctf_trace_say(trace, trace->stream_count == trace->file_count ? trace->files[record->stream].name : "",
		              "damaged: %s; read up to there", record->rest);
}

/* A record that is no event's. 0 or -errno. */
static int process_note(struct ctf_trace *trace, const struct ctf_record *record)
{
	switch (record->kind) {
	case RECORD_OPENED:
		take_opened(trace, record);
		return 0;
	case RECORD_FAILED:
		return take_failed(trace, record);
	case RECORD_HOST:
		snprintf(trace->host, sizeof(trace->host), "%s", record->rest);
		return 0;
	case RECORD_ENDED:
		take_ended(trace, record);
		return 0;
	default:
		return -EIO;
	}
}

/* NULL: no more. */
static const struct ctf_record *process_record(struct ctf_process *process)
{
	const struct ctf_record *record;

	while (!(record = ctf_buffer_take(&process->records)))
		if (!process_fill(process))
			return NULL;
	return record;
}

int ctf_process_next(struct ctf_process *process, const struct ctf_record **event)
{
	const struct ctf_record *record;
	int error = 0;

	while (!error && !process->next && (record = process_record(process))) {
		struct ctf_trace *trace = process->traces->traces[record->trace];
		if (record->kind != RECORD_EVENT) {
			error = process_note(trace, record);
			continue;
		}
		trace->streams[record->stream].delivered++;
		process->next = record;
	}
	*event = process->next;
	return error ? error : process->next != NULL;
}

void ctf_process_take(struct ctf_process *process)
{
	process->next = NULL;
}

int ctf_process_settle(struct ctf_process *process)
{
	int error = 0;

	for (size_t i = 0; !error && i < process->traces->count; i++) {
		const struct ctf_trace *trace = process->traces->traces[i];
		while (!error && trace->state == TRACE_PLANNED && ctf_trace_is_of(trace, process->number)) {
			const struct ctf_record *record = process_record(process);
			if (!record) /* an event comes only after all are settled */
				return -EIO;
			error = process_note(process->traces->traces[record->trace], record);
		}
	}
	return error;
}
