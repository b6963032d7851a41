#ifndef KIT_NET_EGRESS_H
#define KIT_NET_EGRESS_H

#include <stdbool.h>

#include "kit/base/str.h"

struct sockaddr;

/*
 * Where a program of ours may be sent by somebody who types an address: into the internet, and not
 * to what stands beside us.  No I/O here.  loopback: this machine, too, for demonstrations.
 */

/* The address that a connection is about to be made to, whatever name it came from. */
bool egress_may(const struct sockaddr *to, bool loopback);

/*
 * NULL, or what is wrong with the URL, for the person who typed it ("begins with https://.").  What
 * passes is read alike by everyone: no user, no escapes in the host, no number in disguise.
 */
const char *egress_check_url(struct str url, bool loopback);
/* Host and port of a URL that passes, for a log: the rest of it may be a secret. */
struct str egress_host(struct str url);
/* The host of any URL of ours alone: no port, no brackets. */
struct str egress_name(struct str url);

#endif
