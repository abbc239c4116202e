/* tls_verify.c - who is at the other end: the chain of his certificates against the
 * authorities and the lists of what is revoked (RFC 5280, section 6), then what they say
 * of him. Refuses a list that has ended, statements that are malformed, long chains. */
#include "sys/tls_impl.h"

#include "sys/cert.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static bool changed(const struct tls_file *f, struct stat *now)
{
	if (stat(f->path, now) != 0)
		memset(now, 0, sizeof *now);
	return now->st_mtim.tv_sec != f->st.st_mtim.tv_sec || now->st_mtim.tv_nsec != f->st.st_mtim.tv_nsec ||
	       now->st_ino != f->st.st_ino || now->st_size != f->st.st_size || !now->st_ino;
}

static bool add_crls(X509_STORE *store, const char *path)
{
	X509_LOOKUP *l = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	return l && X509_load_crl_file(l, path, X509_FILETYPE_PEM) > 0 &&
	       X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1;
}

const char *tls_refresh(SSL_CTX *ctx)
{
	struct tls_own *own = tls_own_of(ctx);
	struct stat ca, crl = { 0 };
	if (!*own->ca.path)
		return NULL;
	bool other = changed(&own->ca, &ca);
	other |= *own->crl.path && changed(&own->crl, &crl);
	if (!other)
		return NULL;
	X509_STORE *store = X509_STORE_new();
	const char *why = !store ? "out of memory"
	                  : X509_STORE_load_file(store, own->ca.path) != 1 ? "unable to read the authority's certificate"
	                  : *own->crl.path && !add_crls(store, own->crl.path) ? "unable to read the list of what is revoked" : NULL;
	ERR_clear_error();
	if (why) {
		X509_STORE_free(store);
		return why;
	}
	SSL_CTX_set_cert_store(ctx, store);
	own->ca.st = ca;
	own->crl.st = crl;
	own->turn++;
	return NULL;
}

static struct tls_own *own_of_verify(X509_STORE_CTX *x)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	return tls_own_of(SSL_get_SSL_CTX(ssl));
}

/* The list of an authority below another may be missing, and a peer late. */
static int forgive(int ok, X509_STORE_CTX *x)
{
	int error = X509_STORE_CTX_get_error(x), depth = X509_STORE_CTX_get_error_depth(x);
	if (ok)
		return 1;
	if (error == X509_V_ERR_UNABLE_TO_GET_CRL) {
		X509 *issuer = sk_X509_value(X509_STORE_CTX_get0_chain(x), depth + 1);
		ok = issuer && !(X509_get_extension_flags(issuer) & EXFLAG_SI);
	} else if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
		ok = depth == 0 && own_of_verify(x)->late;
	}
	if (ok)
		X509_STORE_CTX_set_error(x, X509_V_OK);
	return ok;
}

/* The statements of all of the chain, one behind the other in text. Their number, or 0. */
static unsigned statements(STACK_OF(X509) *chain, struct buf *text, struct view *statement)
{
	size_t at[CERT_CHAIN_MAX + 1];
	unsigned n = (unsigned)sk_X509_num(chain);
	if (n > CERT_CHAIN_MAX)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		at[i] = text->len;
		if (cert_statement(sk_X509_value(chain, (int)i), text) < 0)
			return 0;
	}
	at[n] = text->len;
	for (unsigned i = 0; i < n; i++)
		statement[i] = (struct view){ text->data + at[i], at[i + 1] - at[i] };
	return n;
}

static const char *judged(const SSL *ssl, STACK_OF(X509) *chain)
{
	const struct tls_own *own = tls_own_of(SSL_get_SSL_CTX(ssl));
	struct view statement[CERT_CHAIN_MAX];
	struct buf text;
	if (!own->judge)
		return NULL;
	buf_init(&text, CERT_CHAIN_MAX * CERT_STATEMENT_MAX);
	unsigned n = statements(chain, &text, statement);
	const char *why = n ? own->judge(own->roles, tls_expected(ssl), statement, n)
	                    : "the certificate's statement is malformed";
	buf_clear(&text);
	return why;
}

static int shown_index = -1;

static void shown_free(void *parent, void *shown, CRYPTO_EX_DATA *data, int index, long l, void *p)
{
	(void)parent, (void)data, (void)index, (void)l, (void)p;
	X509_free(shown);
}

/* Why, and whose certificate it was: OpenSSL keeps none that it refuses. */
static int refuse(SSL *ssl, X509_STORE_CTX *x, const char *why)
{
	X509 *shown = X509_STORE_CTX_get0_cert(x);
	SSL_set_app_data(ssl, why);
	if (shown_index < 0)
		shown_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, shown_free);
	if (shown && shown_index >= 0 && !SSL_get_ex_data(ssl, shown_index) && X509_up_ref(shown) == 1 &&
	    SSL_set_ex_data(ssl, shown_index, shown) != 1)
		X509_free(shown);
	return 0;
}

X509 *tls_shown(const SSL *ssl)
{
	X509 *shown = shown_index < 0 ? NULL : SSL_get_ex_data(ssl, shown_index);
	return shown ? shown : SSL_get0_peer_certificate(ssl);
}

int tls_verify(X509_STORE_CTX *x, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	(void)arg;
	X509_STORE_CTX_set_verify_cb(x, forgive);
	if (X509_verify_cert(x) != 1)
		return refuse(ssl, x, X509_verify_cert_error_string(X509_STORE_CTX_get_error(x)));
	const char *why = judged(ssl, X509_STORE_CTX_get0_chain(x));
	if (!why)
		return 1;
	/* The peer gets the alert of another authority's certificate: a role is nothing to be guessed. */
	X509_STORE_CTX_set_error(x, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	return refuse(ssl, x, why);
}

const char *tls_again(SSL *ssl, unsigned long *judged)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	const struct tls_own *own = tls_own_of(ctx);
	X509 *peer = SSL_get0_peer_certificate(ssl);
	if (peer)
		tls_refresh(ctx); /* a list that cannot be read lets in nobody new; who is in stays by the last one */
	if (!peer || own->turn == *judged)
		return NULL;
	X509_STORE_CTX *x = X509_STORE_CTX_new();
	const char *why = "out of memory";
	if (x && X509_STORE_CTX_init(x, SSL_CTX_get_cert_store(ctx), peer, SSL_get_peer_cert_chain(ssl)) == 1 &&
	    X509_STORE_CTX_set_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx(), ssl) == 1 &&
	    X509_STORE_CTX_set_default(x, SSL_is_server(ssl) ? "ssl_client" : "ssl_server") == 1) {
		X509_STORE_CTX_set_flags(x, X509_V_FLAG_NO_CHECK_TIME);
		why = tls_verify(x, NULL) == 1 ? NULL : tls_refused(ssl);
	}
	X509_STORE_CTX_free(x);
	ERR_clear_error();
	if (!why)
		*judged = own->turn;
	return why;
}

const char *tls_refused(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}
