/* SPDX-License-Identifier: MIT */
/* What fake_rbd.c and fake_rbd_io.c share. Not part of the library's face: nothing may stand between the two. */
#ifndef FENCELINE_TESTS_FAKE_RBD_SUBMIT_H
#define FENCELINE_TESTS_FAKE_RBD_SUBMIT_H

#include <stddef.h>
#include <stdint.h>

/* What an I/O returns at once, or the submission's error; the I/O completes as fake_set said. */
__attribute__((visibility("hidden"))) int fake_submit(void *image, size_t read_length, void *c);
__attribute__((visibility("hidden"))) int64_t fake_result_of(size_t read_length);

#endif
