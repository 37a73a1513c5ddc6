/* SPDX-License-Identifier: MIT */
/* Does libbabeltrace2 survive a trace? Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_PROBE_H
#define FENCELINE_INGEST_CTF_PROBE_H

/* Opens the folder and reads its beginning in a process of its own. 0: it can be tried (it may still be damaged), or no process
 * could be made; else the signal that ended the process: this one would end the same way. */
int ctf_probe(const char *folder);

#endif
