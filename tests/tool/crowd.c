/* crowd.c - crowd ADDRESS PORT N: opens so many connections, says N when all are
 * there, keeps them until it is killed. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	if (argc != 4 || inet_pton(AF_INET, argv[1], &a.sin_addr) != 1)
		return 2;
	a.sin_port = htons((uint16_t)atoi(argv[2]));
	int want = atoi(argv[3]);
	for (int i = 0; i < want; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (fd < 0)
			return 1;
		connect(fd, (struct sockaddr *)&a, sizeof a);
	}
	printf("%d\n", want);
	fflush(stdout);
	pause();
	return 0;
}
