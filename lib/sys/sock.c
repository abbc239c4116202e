/* sock.c - sockets from address texts. Names are resolved blocking: vendors'
 * configurations hold addresses, and a resolver has a deadline of its own. */
#include "sys/sock.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

static bool over_udp(const struct addr *a)
{
	return a->kind == ADDR_UDP || a->kind == ADDR_DTLS;
}

static struct addrinfo *resolve(const struct addr *a, bool passive, const char **why)
{
	struct addrinfo hints = { .ai_socktype = over_udp(a) ? SOCK_DGRAM : SOCK_STREAM,
		                  .ai_flags = passive ? AI_PASSIVE : 0 };
	struct addrinfo *res = NULL;
	int rc = getaddrinfo(a->host[0] ? a->host : NULL, a->port, &hints, &res);
	if (rc == 0)
		return res;
	*why = gai_strerror(rc);
	errno = rc == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
	return NULL;
}

static void close_keep(int fd)
{
	int e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
}

static bool unix_name(const struct addr *a, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	size_t n = strlen(a->path);
	if (n >= sizeof sun->sun_path) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(sun->sun_path, a->path, n + 1);
	return true;
}

/* A socket file that nobody listens on any more is removed. */
static void unix_clear_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	if (lstat(sun->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)sun, sizeof *sun) != 0 && errno == ECONNREFUSED)
		unlink(sun->sun_path);
	close_keep(fd);
}

static int listen_unix(const struct addr *a, const char **why)
{
	struct sockaddr_un sun;
	*why = "unable to listen";
	if (!unix_name(a, &sun))
		return -1;
	unix_clear_stale(&sun);
	int fd = socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);
	mode_t was = umask(0177);
	int rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&sun, sizeof sun);
	umask(was);
	if (rc == 0 && listen(fd, 128) == 0)
		return fd;
	close_keep(fd);
	return -1;
}

static int listen_inet(const struct addrinfo *ai)
{
	int one = 1, fd = socket(ai->ai_family, ai->ai_socktype | FLAGS, ai->ai_protocol);
	if (fd < 0)
		return -1;
	if (ai->ai_socktype == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    (ai->ai_socktype == SOCK_DGRAM || listen(fd, SOMAXCONN) == 0))
		return fd;
	close_keep(fd);
	return -1;
}

int sock_listen(const struct addr *a, char *bound, size_t size, const char **why)
{
	int fd = -1;
	*why = "this kind of address cannot be listened on";
	errno = EINVAL;
	if (a->kind == ADDR_UNIX) {
		fd = listen_unix(a, why);
		snprintf(bound, size, "%s", a->path);
	} else if (a->kind == ADDR_TCP || a->kind == ADDR_TLS || over_udp(a)) {
		struct addrinfo *res = resolve(a, true, why);
		if (!res)
			return -1;
		*why = "unable to listen";
		for (struct addrinfo *ai = res; ai && fd < 0; ai = ai->ai_next)
			fd = listen_inet(ai);
		int e = errno;
		freeaddrinfo(res);
		errno = e;
		if (fd >= 0)
			sock_own_text(fd, bound, size);
	}
	return fd;
}

static int connect_one(int family, int type, const struct sockaddr *sa, socklen_t n, const char *device)
{
	int one = 1, fd = socket(family, type | FLAGS, 0);
	if (fd < 0)
		return -1;
	if (family != AF_UNIX && type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	bool bound = !device || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) == 0;
	if (bound && (connect(fd, sa, n) == 0 || errno == EINPROGRESS))
		return fd;
	close_keep(fd);
	return -1;
}

int sock_connect(const struct addr *a, unsigned *next, const char **why)
{
	return sock_connect_over(a, NULL, next, why);
}

int sock_connect_over(const struct addr *a, const char *device, unsigned *next, const char **why)
{
	unsigned i = 0;
	int fd = -1;
	*why = "unable to connect";
	if (a->kind == ADDR_UNIX) {
		struct sockaddr_un sun;
		errno = ENOENT;
		if ((*next)++ || !unix_name(a, &sun))
			return -1;
		return connect_one(AF_UNIX, SOCK_STREAM, (struct sockaddr *)&sun, sizeof sun, NULL);
	}
	errno = EINVAL;
	if (a->kind != ADDR_TCP && a->kind != ADDR_TLS && !over_udp(a))
		return -1;
	struct addrinfo *res = resolve(a, false, why);
	if (!res)
		return -1;
	errno = ENOENT;
	for (struct addrinfo *ai = res; ai && fd < 0; ai = ai->ai_next)
		if (i++ >= *next) {
			++*next;
			fd = connect_one(ai->ai_family, ai->ai_socktype, ai->ai_addr, ai->ai_addrlen, device);
		}
	int e = errno;
	freeaddrinfo(res);
	errno = e;
	return fd;
}

int sock_connected(int fd)
{
	int e = 0;
	socklen_t n = sizeof e;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) == 0 ? e : errno;
}

static int wait_one(int fd, int64_t deadline)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		int64_t left = deadline == CLOCK_NEVER ? 60000 : deadline - clock_ms();
		int n = poll(&p, 1, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
		if (n > 0)
			return sock_connected(fd);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0 && deadline != CLOCK_NEVER && clock_ms() >= deadline)
			return ETIMEDOUT;
	}
}

int sock_connect_wait(const struct addr *a, int64_t deadline, const char **why)
{
	int last = ENOENT;
	for (unsigned next = 0;;) {
		int fd = sock_connect(a, &next, why);
		if (fd < 0) {
			if (errno == ENOENT && last != ENOENT)
				errno = last;
			return -1;
		}
		last = wait_one(fd, deadline);
		if (last == 0)
			return fd;
		close(fd);
	}
}

/* Kept for the time when there is no descriptor left: a connection that nobody can
 * take wakes every loop again and again, so it is taken and hung up on. */
static int spare = -1;

static void spare_keep(void)
{
	if (spare < 0)
		spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void hang_up(int fd)
{
	int e = errno;
	if (spare >= 0) {
		close(spare);
		spare = -1;
		int c = accept4(fd, NULL, NULL, FLAGS);
		if (c >= 0)
			close(c);
		spare_keep();
	}
	errno = e;
}

int sock_accept(int fd)
{
	spare_keep();
	int one = 1, c = accept4(fd, NULL, NULL, FLAGS);
	if (c >= 0)
		setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* a unix socket says no */
	else if (errno == EMFILE || errno == ENFILE)
		hang_up(fd);
	return c;
}

static void name_text(const struct sockaddr_storage *ss, socklen_t n, char *out, size_t size, bool port)
{
	char h[NI_MAXHOST], p[NI_MAXSERV];
	if (ss->ss_family == AF_UNIX ||
	    getnameinfo((const struct sockaddr *)ss, n, h, sizeof h, p, sizeof p,
	                NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, size, "%s", port ? "unix" : "");
	else if (!port)
		snprintf(out, size, "%s", h);
	else
		snprintf(out, size, ss->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", h, p);
}

static void end_text(int fd, bool peer, char *out, size_t size, bool port)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof ss;
	int rc = peer ? getpeername(fd, (struct sockaddr *)&ss, &n) : getsockname(fd, (struct sockaddr *)&ss, &n);
	if (rc != 0)
		snprintf(out, size, "%s", "");
	else
		name_text(&ss, n, out, size, port);
}

void sock_peer_text(int fd, char *out, size_t size) { end_text(fd, true, out, size, true); }
void sock_own_text(int fd, char *out, size_t size) { end_text(fd, false, out, size, true); }
void sock_peer_host(int fd, char *out, size_t size) { end_text(fd, true, out, size, false); }
void sock_own_host(int fd, char *out, size_t size) { end_text(fd, false, out, size, false); }

bool sock_nonblock(int fd, bool on)
{
	int f = fcntl(fd, F_GETFL);
	return f >= 0 && fcntl(fd, F_SETFL, on ? f | O_NONBLOCK : f & ~O_NONBLOCK) == 0;
}

static bool same_address(const struct sockaddr *a, const struct sockaddr_storage *b)
{
	union { const struct sockaddr *any; const struct sockaddr_in *in; const struct sockaddr_in6 *in6; } one = { a };
	union { const struct sockaddr_storage *any; const struct sockaddr_in *in; const struct sockaddr_in6 *in6; } other = { b };
	if (!a || a->sa_family != b->ss_family)
		return false;
	if (a->sa_family == AF_INET)
		return one.in->sin_addr.s_addr == other.in->sin_addr.s_addr;
	return a->sa_family == AF_INET6 && memcmp(&one.in6->sin6_addr, &other.in6->sin6_addr, sizeof(struct in6_addr)) == 0;
}

int sock_keep_device(int fd)
{
	struct sockaddr_storage own = { 0 };
	struct ifaddrs *all = NULL;
	socklen_t n = sizeof own;
	int rc = 0;
	if (getsockname(fd, (struct sockaddr *)&own, &n) != 0 || getifaddrs(&all) != 0)
		return -1;
	const struct ifaddrs *i = all;
	while (i && !same_address(i->ifa_addr, &own))
		i = i->ifa_next;
	if (i)
		rc = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, i->ifa_name, (socklen_t)strlen(i->ifa_name));
	freeifaddrs(all);
	return rc;
}

void sock_keepalive(int fd)
{
	static const struct { int level, name, value; } options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },  { IPPROTO_TCP, TCP_KEEPIDLE, 5 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 3 }, { IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 14000 },
	};
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}
