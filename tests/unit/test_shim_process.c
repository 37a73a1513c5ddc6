/* SPDX-License-Identifier: MIT */
/* Which process is this, which VM does it run, which Ceph user does it connect as: read from the command line. */
#include "base/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PARSED(...) \
	char *argv[] = { __VA_ARGS__, NULL }; \
	struct process_identity id = { 0 }; \
	process_parse_arguments(&id, (int)(sizeof argv / sizeof *argv) - 1, argv)

static void qemu_is_named_by_guest_and_uuid(void **state)
{
	(void)state;
	PARSED("/usr/bin/qemu-system-x86_64", "-name", "guest=instance-0000002a,debug-threads=on", "-uuid",
	       "f1a9b3c4-0000-4000-8000-00000000002a");
	assert_true(id.is_qemu);
	assert_string_equal(id.name, "qemu-system-x86_64");
	assert_string_equal(id.vm_name, "instance-0000002a");
	assert_string_equal(id.vm_uuid, "f1a9b3c4-0000-4000-8000-00000000002a");
}

/* As Proxmox starts a VM: qm showcmd. */
static void qemu_may_name_its_uuid_only_by_smbios(void **state)
{
	(void)state;
	PARSED("/usr/bin/kvm", "-id", "100", "-name", "web,debug-threads=on", "-smbios",
	       "type=1,uuid=f1a9b3c4-0000-4000-8000-000000000100,manufacturer=eA==,base64=1", "-smp", "2");
	assert_string_equal(id.vm_name, "web");
	assert_string_equal(id.vm_uuid, "f1a9b3c4-0000-4000-8000-000000000100");
}

static void of_two_uuids_qemus_own_option_counts(void **state)
{
	(void)state;
	PARSED("kvm", "-uuid", "f1a9b3c4-0000-4000-8000-00000000000a", "-smbios",
	       "type=1,uuid=f1a9b3c4-0000-4000-8000-00000000000b", "-smbios", "type=2,uuid=x");
	assert_string_equal(id.vm_uuid, "f1a9b3c4-0000-4000-8000-00000000000a");
}

static void qemu_name_may_be_bare_and_hold_commas(void **state)
{
	(void)state;
	PARSED("qemu-kvm", "--name", "a,,b,process=x");
	assert_string_equal(id.vm_name, "a,b");
}

static void qemu_name_may_come_second(void **state)
{
	(void)state;
	PARSED("qemu-system-x86_64", "-name", "debug-threads=on,guest=vm7");
	assert_string_equal(id.vm_name, "vm7");
}

static void qemu_that_names_no_guest_has_no_name(void **state)
{
	(void)state;
	PARSED("qemu-system-x86_64", "-name", "process=foo", "-id", "x");
	assert_string_equal(id.vm_name, "");
	assert_string_equal(id.vm_uuid, "");
}

static void a_long_name_is_cut_not_overrun(void **state)
{
	char name[2000] = "guest=";
	(void)state;
	memset(name + 6, 'x', sizeof name - 7);
	PARSED("qemu-system-x86_64", "-name", name, "-uuid", name);
	assert_int_equal(strlen(id.vm_name), sizeof id.vm_name - 1);
	assert_int_equal(strlen(id.vm_uuid), sizeof id.vm_uuid - 1);
}

static void rbd_user_in_every_spelling(void **state)
{
	(void)state;
	{
		PARSED("rbd", "--id", "cinder", "snap", "create", "volumes/v@s");
		assert_string_equal(id.entity, "client.cinder");
		assert_string_equal(id.name, "rbd");
		assert_false(id.is_qemu);
	}
	{
		PARSED("rbd", "--id=cinder");
		assert_string_equal(id.entity, "client.cinder");
	}
	{
		PARSED("rbd", "-n", "client.nova");
		assert_string_equal(id.entity, "client.nova");
	}
	{
		PARSED("rbd", "--name=client.glance");
		assert_string_equal(id.entity, "client.glance");
	}
	{
		PARSED("rbd", "ls", "--id");
		assert_string_equal(id.entity, "");
	}
}

static void an_interpreter_goes_by_its_script(void **state)
{
	(void)state;
	{
		PARSED("/usr/bin/python3", "-u", "/usr/bin/cinder-volume", "--config-file", "x");
		assert_string_equal(id.name, "cinder-volume");
	}
	{
		PARSED("python3.11", "-m", "rotate");
		assert_string_equal(id.name, "rotate");
	}
	{
		PARSED("python3", "-c", "import rbd");
		assert_string_equal(id.name, "python3");
	}
	{
		PARSED("pythonista", "x");
		assert_string_equal(id.name, "pythonista");
	}
	{
		PARSED("python3", "-W", "ignore", "-X", "dev", "/opt/rotate", "today");
		assert_string_equal(id.name, "rotate");
	}
}

static void no_code_and_no_word_after_it_is_taken_for_a_name(void **state)
{
	(void)state;
	{
		PARSED("python3", "-Ic", "connect(password='hunter2')", "hunter2");
		assert_string_equal(id.name, "python3");
	}
	{
		PARSED("python3", "-cconnect(password='hunter2')", "hunter2");
		assert_string_equal(id.name, "python3");
	}
	{
		PARSED("perl", "-ne", "print 'hunter2'", "hunter2");
		assert_string_equal(id.name, "perl");
	}
	{
		PARSED("bash", "-euc", "rbd --key hunter2", "hunter2");
		assert_string_equal(id.name, "bash");
	}
	{
		PARSED("python3", "-", "hunter2");
		assert_string_equal(id.name, "python3");
	}
}

static void what_is_no_ceph_entity_is_none(void **state)
{
	(void)state;
	{
		PARSED("fio", "--name=hunter2", "--ioengine=rbd");
		assert_string_equal(id.entity, "");
	}
	{
		PARSED("agent", "-n", "hunter2");
		assert_string_equal(id.entity, "");
	}
}

static void no_arguments_at_all(void **state)
{
	char *none[] = { NULL };
	struct process_identity id = { 0 };

	(void)state;
	process_parse_arguments(&id, 0, none);
	assert_string_equal(id.name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qemu_is_named_by_guest_and_uuid),
		cmocka_unit_test(qemu_may_name_its_uuid_only_by_smbios),
		cmocka_unit_test(of_two_uuids_qemus_own_option_counts),
		cmocka_unit_test(qemu_name_may_be_bare_and_hold_commas),
		cmocka_unit_test(qemu_name_may_come_second),
		cmocka_unit_test(qemu_that_names_no_guest_has_no_name),
		cmocka_unit_test(a_long_name_is_cut_not_overrun),
		cmocka_unit_test(rbd_user_in_every_spelling),
		cmocka_unit_test(an_interpreter_goes_by_its_script),
		cmocka_unit_test(no_arguments_at_all),
		cmocka_unit_test(no_code_and_no_word_after_it_is_taken_for_a_name),
		cmocka_unit_test(what_is_no_ceph_entity_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
