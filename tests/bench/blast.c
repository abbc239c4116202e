/* blast.c - sends traps as fast as it can, or paced.
 *   blast PORT COUNT [PER-SECOND]
 * To 127.0.0.1, SNMPv2c, community "public": linkDown with its ifIndex; the
 * request-id counts. Prints how many were sent and how many a second. */
#include "bench/bench.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned char trap[] = {
	0x30, 0, 0x02, 0x01, 0x01, 0x04, 0x06, 'p', 'u', 'b', 'l', 'i', 'c',
	0xa7, 0, 0x02, 0x04, 0, 0, 0, 0, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0,
	0x30, 0x0f, 0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x43, 0x03, 0x01, 0xe2, 0x40, /* sysUpTime.0 */
	0x30, 0x17, 0x06, 0x0a, 0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0, 0x06, 0x09, 0x2b, 6, 1, 6, 3, 1, 1, 5, 3, /* linkDown */
	0x30, 0x10, 0x06, 0x0a, 0x2b, 6, 1, 2, 1, 2, 2, 1, 1, 7, 0x02, 0x02, 0x00, 0x07, /* ifIndex.7 = 7 */
};

static void pace(double due)
{
	for (double left; (left = due - now()) > 0;)
		if (left > 2e-4)
			usleep((useconds_t)((left - 1e-4) * 1e6));
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	trap[1] = sizeof trap - 2;
	trap[14] = sizeof trap - 15;
	trap[28] = sizeof trap - 29;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof a) != 0)
		return 8;
	long n = atol(argv[2]), sent = 0;
	double rate = argc > 3 ? atof(argv[3]) : 0, start = now();
	for (long i = 0; i < n; i++) {
		if (rate > 0)
			pace(start + (double)i / rate);
		for (int b = 0; b < 4; b++)
			trap[17 + b] = (unsigned char)(i >> (24 - 8 * b) & (b ? 0xff : 0x7f));
		sent += send(s, trap, sizeof trap, 0) == (ssize_t)sizeof trap;
	}
	printf("%ld %.0f\n", sent, (double)sent / (now() - start));
	return 0;
}
