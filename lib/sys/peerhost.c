/* peerhost.c - a server's certificate against its name (RFC 6125, 9525). Refuses partial
 * wildcards, and names in the subject where there are alternative names. */
#include "sys/peerhost.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

bool stream_peer_host(const struct stream *s, const char *host)
{
	struct in6_addr ip;
	X509 *x = stream_peer(s);
	if (!x)
		return false;
	if (inet_pton(AF_INET, host, &ip) == 1 || inet_pton(AF_INET6, host, &ip) == 1)
		return X509_check_ip_asc(x, host, 0) == 1;
	return X509_check_host(x, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}
