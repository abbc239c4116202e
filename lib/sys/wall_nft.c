/* wall_nft.c - commands to nftables by its own library, which makes one transaction of them. */
#include "sys/wall_impl.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <unistd.h>

static char reason[256];

int wall_fails(const char **why, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	*why = reason;
	return -1;
}

/* The library exits when it gets no socket. */
static bool reachable(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The first line of what it says, which is long. */
static int said(struct nft_ctx *nft, const char **why)
{
	const char *text = nft_ctx_get_error_buffer(nft), *error = strstr(text, "Error: ");
	if (error)
		text = error + strlen("Error: ");
	return wall_fails(why, "nftables: %.*s", text[0] ? (int)strcspn(text, "\n") : 7, text[0] ? text : "no word");
}

static int run(struct nft_ctx *nft, const char *commands, struct buf *out, const char **why)
{
	if (nft_ctx_buffer_output(nft) != 0 || nft_ctx_buffer_error(nft) != 0)
		return wall_fails(why, "out of memory");
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_NUMERIC_ALL);
	if (nft_run_cmd_from_buffer(nft, commands) != 0)
		return said(nft, why);
	if (out && (buf_adds(out, nft_ctx_get_output_buffer(nft)) != 0 || buf_addc(out, '\0') != 0))
		return wall_fails(why, "out of memory");
	return 0;
}

int wall_run(struct wall_text *t, struct buf *out, const char **why)
{
	int rc = -1;
	if (!reachable())
		return wall_fails(why, "nftables is missing: %s", strerror(errno));
	if (t->bad || buf_addc(&t->b, '\0') != 0)
		return wall_fails(why, "out of memory");
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft)
		return wall_fails(why, "out of memory");
	rc = run(nft, t->b.data, out, why);
	nft_ctx_free(nft);
	return rc;
}
