/* SPDX-License-Identifier: MIT */
/* The cases of test_shim_image.c with a librbd linked as Ubuntu links it, -Bsymbolic-functions: it reaches its own functions
 * without the PLT, so an overload that calls another one passes the shim by. */
#include "test_shim_image.c"
