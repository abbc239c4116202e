/* snmp.c - the SNMP library kept small: no configuration, no MIB files, no
 * persistent state of its own; its variables as ours and back. What cannot be
 * said in our types (opaque floats) becomes bytes. */
#include "engine/snmp_impl.h"

#include <stdio.h>
#include <stdlib.h>

int snmp_begin(const struct snmp_engine *e, const char **why)
{
	static const int off[] = {
		NETSNMP_DS_LIB_DONT_READ_CONFIGS, NETSNMP_DS_LIB_DONT_PERSIST_STATE,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
		NETSNMP_DS_LIB_DISABLE_CONFIG_LOAD,
	};
	char boots[16], word[] = "engineBoots";
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
		netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, off[i], 1);
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SERVERRECVBUF, 4 << 20);
	setenv("MIBS", "", 1);
	snmp_disable_log();
	snprintf(boots, sizeof boots, "%u", e->boots - 1); /* the library adds one */
	engineBoots_conf(word, boots);
	int rc = set_exact_engineID(e->id, e->n);
	init_snmp("sp");
	snmp_disable_log(); /* it was switched on again */
	*why = rc == SNMPERR_SUCCESS ? NULL : "the engine ID is not accepted";
	return *why ? -1 : 0;
}

/* A word of the library's configuration language. */
static void quoted(struct buf *b, struct view v)
{
	buf_adds(b, " \"");
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, v.p[i]);
	}
	buf_addc(b, '"');
}

int snmp_user_add(const struct snmp_user *u, const char **why)
{
	uint8_t ours[SNMP_ENGINE_MAX];
	size_t n = u->engine_n;
	struct buf b;
	buf_init(&b, 8192);
	if (n) {
		buf_adds(&b, "-e 0x");
		for (size_t i = 0; i < n; i++)
			buf_printf(&b, "%02x", u->engine[i]);
	}
	quoted(&b, view_of(u->name));
	buf_printf(&b, " %s", u->auth);
	quoted(&b, secret_view(&u->auth_password));
	buf_printf(&b, " %s", u->priv);
	quoted(&b, secret_view(&u->priv_password));
	*why = buf_addc(&b, '\0') == 0 ? NULL : "out of memory";
	if (!*why) /* which takes no blank at the beginning */
		usm_parse_create_usmUser("createUser", b.data + (b.data[0] == ' '));
	if (b.data)
		explicit_bzero(b.data, b.cap);
	buf_clear(&b);
	size_t own = snmpv3_get_engineID(ours, sizeof ours);
	if (!*why && !usm_get_user(n ? u->engine : ours, n ? n : own, u->name))
		*why = "the user's auth= or priv= is not known here";
	return *why ? -1 : 0;
}

static void var_of(const netsnmp_variable_list *v, struct trap_var *var)
{
	*var = (struct trap_var){ .name = { v->name, v->name_length }, .type = TRAP_NONE };
	switch (v->type) {
	case ASN_INTEGER:
		var->type = TRAP_INTEGER;
		var->number = *v->val.integer;
		break;
	case ASN_GAUGE:
	case ASN_COUNTER:
	case ASN_TIMETICKS:
		var->type = v->type == ASN_TIMETICKS ? TRAP_TICKS : TRAP_UNSIGNED;
		var->number = (int64_t)(uint32_t)*v->val.integer;
		break;
	case ASN_COUNTER64:
		var->type = TRAP_UNSIGNED;
		var->number = (int64_t)(v->val.counter64->high << 32 | (v->val.counter64->low & 0xffffffff));
		break;
	case ASN_OBJECT_ID:
		var->type = TRAP_OID;
		var->oid = (struct trap_oid){ v->val.objid, v->val_len / sizeof(oid) };
		break;
	case ASN_IPADDRESS:
	case ASN_OCTET_STR:
	case ASN_OPAQUE:
		var->type = v->type == ASN_IPADDRESS ? TRAP_ADDRESS : TRAP_TEXT;
		var->bytes = (struct view){ (const char *)v->val.string, v->val_len };
		break;
	default:
		break;
	}
}

static const oid uptime_name[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
static const oid trap_name[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };

/* What an SNMPv1 trap has in its head, RFC 3584 section 3.1. */
static int head_of_v1(struct snmp_pdu *pdu, struct trap_var *var)
{
	static trap_id id[TRAP_OID_MAX];
	struct trap_oid enterprise = { pdu->enterprise, pdu->enterprise_length };
	size_t n = trap_v1_oid(pdu->trap_type, pdu->specific_type, enterprise, id);
	var[0] = (struct trap_var){ .name = { uptime_name, OID_LENGTH(uptime_name) }, .type = TRAP_TICKS,
	                            .number = (int64_t)(uint32_t)pdu->time };
	var[1] = (struct trap_var){ .name = { trap_name, OID_LENGTH(trap_name) }, .type = TRAP_OID, .oid = { id, n } };
	return 2;
}

int snmp_vars(struct snmp_pdu *pdu, struct trap_var *var)
{
	int n = pdu->command == SNMP_MSG_TRAP ? head_of_v1(pdu, var) : 0;
	for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
		if (n == SNMP_VARS_MAX)
			return -1;
		var_of(v, &var[n++]);
	}
	return n;
}

static const void *value_of(const struct trap_var *v, long *number, u_char *type, size_t *n)
{
	*number = (long)v->number;
	*n = sizeof *number;
	switch (v->type) {
	case TRAP_OID:
		*type = ASN_OBJECT_ID;
		*n = v->oid.n * sizeof(oid);
		return v->oid.id;
	case TRAP_TEXT:
	case TRAP_ADDRESS:
		*type = v->type == TRAP_TEXT ? ASN_OCTET_STR : ASN_IPADDRESS;
		*n = v->bytes.n;
		return v->bytes.n ? v->bytes.p : "";
	case TRAP_TICKS:
		*type = ASN_TIMETICKS;
		return number;
	case TRAP_UNSIGNED:
		*type = ASN_GAUGE;
		return number;
	case TRAP_INTEGER:
	case TRAP_NONE:
		break;
	}
	*type = ASN_INTEGER;
	return number;
}

int snmp_fill(struct snmp_pdu *pdu, const struct trap_var *var, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		long number;
		u_char type;
		size_t n;
		const void *p = value_of(&var[i], &number, &type, &n);
		if (!snmp_pdu_add_variable(pdu, var[i].name.id, var[i].name.n, type, p, n))
			return -1;
	}
	return 0;
}
