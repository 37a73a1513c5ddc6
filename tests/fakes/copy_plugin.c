/* SPDX-License-Identifier: MIT */
/* A plugin that uses the librados and librbd that it is linked with, or holds (copy_of_ceph.c): its calls leave through its
 * own PLT. */
#include "copy_plugin.h"

#include <stdint.h>
#include <stddef.h>

int rados_create(void **cluster, const char *id);
int rados_connect(void *cluster);
void rados_shutdown(void *cluster);
int rados_ioctx_create(void *cluster, const char *pool, void **ioctx);
int rados_unwatch2(void *ioctx, uint64_t cookie);
int rados_mon_command(void *cluster, const char **command, size_t strings, const char *input, size_t input_length, char **output,
                      size_t *output_length, char **status, size_t *status_length);
int rbd_open(void *ioctx, const char *name, void **image, const char *snap);
int rbd_close(void *image);
int rbd_flush(void *image);
void exec(void *self, const char *class_name, const char *method,
          void *input) __asm__("_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listE");
void send_command(void *self, void *command) __asm__("_ZN9MonClient13_send_commandEPNS_10MonCommandE") __attribute__((weak));
extern int copy_execs;
extern int copy_commands_sent __attribute__((weak));

#ifdef JUMPS
#define NOT_THE_LAST_THING
#else
#define NOT_THE_LAST_THING __asm__ volatile("" ::: "memory") /* else it becomes a jump, and the caller somebody else */
#endif

static int create(void **cluster)
{
	int result = rados_create(cluster, "admin");

	NOT_THE_LAST_THING;
	return result;
}
static int connect(void *cluster)
{
	int result = rados_connect(cluster);

	NOT_THE_LAST_THING;
	return result;
}
static int command(void *cluster)
{
	const char *text = "{\"prefix\": \"status\"}";
	int result = rados_mon_command(cluster, &text, 1, NULL, 0, NULL, NULL, NULL, NULL);

	NOT_THE_LAST_THING;
	return result;
}
static int unwatch(void *ioctx)
{
	int result = rados_unwatch2(ioctx, 1);

	NOT_THE_LAST_THING;
	return result;
}
static int open_image(void *ioctx, void **image)
{
	int result = rbd_open(ioctx, "disk", image, NULL);

	NOT_THE_LAST_THING;
	return result;
}
static int flush(void *image)
{
	int result = rbd_flush(image);

	NOT_THE_LAST_THING;
	return result;
}
static int close_image(void *image)
{
	int result = rbd_close(image);

	NOT_THE_LAST_THING;
	return result;
}
static int send(void)
{
	if (!&copy_commands_sent)
		return -1;
	send_command(&copy_commands_sent, &copy_commands_sent);
	return copy_commands_sent;
}
static int execute(void)
{
	exec(&copy_execs, "lock", "get_info", NULL);
	NOT_THE_LAST_THING;
	return copy_execs;
}

const struct copy_plugin copy_plugin = { create,         connect,    command, rados_ioctx_create,
	                                 unwatch,        open_image, flush,   close_image,
	                                 rados_shutdown, execute,    send };
