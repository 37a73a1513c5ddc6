/* SPDX-License-Identifier: MIT */
/* An object with a librbd inside, as rbd-mirror is one: it exports what breaks a dead owner's lock. */
void send_blocklist(void) __asm__("_ZN6librbd12managed_lock12BreakRequestINS_8ImageCtxEE14send_blocklistEv");
void send_blocklist(void) {}
