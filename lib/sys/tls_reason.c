/* tls_reason.c - why TLS failed, in words: what the other end says of us, or we of it. */
#include "sys/tls_impl.h"

#include <openssl/err.h>

/* What the other end says of our certificate, or the lack of one (RFC 8446, 6.2). */
static const char *alert_reason(unsigned long e)
{
	switch (ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0) {
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return "the other side wants a certificate";
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
		return "the other side says that our certificate is revoked";
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
		return "the other side says that our certificate has expired";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		return "the other side does not accept our certificate";
	default:
		return NULL;
	}
}

const char *tls_reason(const SSL *ssl, const char *unready, bool *denied)
{
	unsigned long e = ERR_peek_last_error();
	const char *why = unready ? unready : tls_refused(ssl), *alert = alert_reason(e);
	bool none = ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
	*denied |= why || alert || none;
	if (!why)
		why = alert ? alert : none ? "no certificate" : e ? ERR_reason_error_string(e) : NULL;
	ERR_clear_error();
	return why ? why : "TLS handshake failed";
}
