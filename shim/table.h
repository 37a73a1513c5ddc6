/* SPDX-License-Identifier: MIT */
/*
 * The one table of interposed calls. ROW(id, exported symbol, library, REQUIRED|OPTIONAL, first, last Ceph release)
 *
 * The id is the C identifier of the wrapper; a C++ method's wrapper carries the exported name by __asm__. `last` 0 means
 * that 20.2.4, the newest one known, has it. REQUIRED: without it a verdict lacks a link; OPTIONAL: without it a detail.
 * Names by release: read from Debian's binaries of 14.2.21, 16.2.15, 18.2.7 and 20.2.4.
 * bufferlist symbols are in ceph::buffer::v14_2_0 on 14 and v15_2_0 from 16 on, hence rows in pairs.
 */

/* Who: clients and images (client.c, image.c) */
ROW(rados_create, "rados_create", LIB_RADOS, REQUIRED, 14, 0)
ROW(rados_create2, "rados_create2", LIB_RADOS, REQUIRED, 14, 0)
ROW(rados_create_with_context, "rados_create_with_context", LIB_RADOS, OPTIONAL, 14, 0)
ROW(rados_connect, "rados_connect", LIB_RADOS, REQUIRED, 14, 0)
ROW(rados_shutdown, "rados_shutdown", LIB_RADOS, REQUIRED, 14, 0)
ROW(Rados_init, "_ZN8librados7v14_2_05Rados4initEPKc", LIB_RADOS, REQUIRED, 14, 0)
ROW(Rados_init2, "_ZN8librados7v14_2_05Rados5init2EPKcS3_m", LIB_RADOS, REQUIRED, 14, 0)
ROW(Rados_init_with_context, "_ZN8librados7v14_2_05Rados17init_with_contextEPv", LIB_RADOS, OPTIONAL, 14, 0)
ROW(Rados_connect, "_ZN8librados7v14_2_05Rados7connectEv", LIB_RADOS, REQUIRED, 14, 0)
ROW(Rados_shutdown, "_ZN8librados7v14_2_05Rados8shutdownEv", LIB_RADOS, REQUIRED, 14, 0)
