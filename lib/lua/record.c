/* record.c - sp.core.record: lines and records, sp-record(5).
 * parse(line) table {key, key, ..., key=value} in the line's order, or nil and
 * the reason · format(table[, json]) the line with its LF, or as JSON; keys that the
 * list does not name are not written (lua/sp/record.lua keeps the list) · secret(key) bool ·
 * shorten(text). reader(fd, name) handle: :next() table, nil (fill first), or
 * false and the reason with NAME and line · :fill() true, false at the end. */
#include "lua/bind.h"

#include "base/recio.h"
#include "base/secret.h"

#include <errno.h>

#define READER "sp.reader"

struct work { /* C storage that Lua collects, so that an error leaks nothing */
	struct record r;
	struct buf out;
};

static int work_gc(lua_State *L)
{
	struct work *w = luaL_checkudata(L, 1, "sp.record.work");

	record_clear(&w->r);
	buf_clear(&w->out);
	return 0;
}

static struct work *work_new(lua_State *L)
{
	static const luaL_Reg none[] = { { NULL, NULL } };
	struct work *w = lua_newuserdatauv(L, sizeof *w, 0);

	record_init(&w->r);
	buf_init(&w->out, RECORD_LINE_MAX + 1);
	bind_type(L, "sp.record.work", none, work_gc);
	lua_setmetatable(L, -2);
	return w;
}

static void push_record(lua_State *L, struct record *r)
{
	size_t i;

	lua_createtable(L, (int)r->n, (int)r->n);
	for (i = 0; i < r->n; i++) {
		struct field *f = &r->field[i];
		struct view v = field_value(r, f);

		lua_pushlstring(L, f->key.p, f->key.n);
		lua_pushvalue(L, -1);
		lua_seti(L, -3, (lua_Integer)i + 1);
		lua_pushlstring(L, v.n ? v.p : "", v.n);
		lua_settable(L, -3);
	}
}

static int rec_parse(lua_State *L)
{
	struct view line;
	struct work *w;
	const char *why = "";

	line.p = luaL_checklstring(L, 1, &line.n);
	w = work_new(L);
	if (record_parse(&w->r, line, &why) < 0) {
		lua_pushnil(L);
		lua_pushstring(L, why);
		return 2;
	}
	push_record(L, &w->r);
	return 1;
}

static int rec_format(lua_State *L)
{
	struct work *w;
	lua_Integer i, n;

	luaL_checktype(L, 1, LUA_TTABLE);
	w = work_new(L);
	n = luaL_len(L, 1);
	for (i = 1; i <= n; i++) {
		struct view key, value;

		lua_geti(L, 1, i);
		key.p = luaL_checklstring(L, -1, &key.n);
		lua_pushvalue(L, -1);
		lua_rawget(L, 1);
		value.p = lua_tolstring(L, -1, &value.n);
		if (value.p && record_setv(&w->r, key, value))
			return luaL_error(L, "%s cannot stand in a record", key.p);
		lua_pop(L, 2);
	}
	if (lua_toboolean(L, 2) ? json_of_record(&w->r, &w->out) : record_write(&w->r, &w->out))
		return bind_fail(L, "write a record", NULL);
	lua_pushlstring(L, w->out.data, w->out.len);
	return 1;
}

static int rec_secret(lua_State *L)
{
	struct view key;

	key.p = luaL_checklstring(L, 1, &key.n);
	lua_pushboolean(L, record_key_secret(key));
	return 1;
}

static int rec_shorten(lua_State *L)
{
	struct view v;
	char text[16];

	v.p = luaL_checklstring(L, 1, &v.n);
	secret_shorten(v, text);
	lua_pushstring(L, text);
	return 1;
}

struct reader {
	struct recin in;
	struct record r;
	char name[64];
};

static int reader_new(lua_State *L)
{
	int fd = bind_fd(L, 1);
	const char *name = luaL_checkstring(L, 2);
	struct reader *rd = lua_newuserdatauv(L, sizeof *rd, 1);

	if (!view_str(view_of(name), rd->name, sizeof rd->name))
		return luaL_argerror(L, 2, "name is too long");
	recin_init(&rd->in, fd, rd->name);
	record_init(&rd->r);
	luaL_setmetatable(L, READER);
	lua_pushvalue(L, 1); /* keeps the descriptor's handle alive */
	lua_setiuservalue(L, -2, 1);
	return 1;
}

static int reader_gc(lua_State *L)
{
	struct reader *rd = luaL_checkudata(L, 1, READER);

	recin_clear(&rd->in);
	record_clear(&rd->r);
	recin_init(&rd->in, -1, rd->name);
	return 0;
}

static int reader_next(lua_State *L)
{
	struct reader *rd = luaL_checkudata(L, 1, READER);
	const char *why = "";
	int got = recin_next(&rd->in, &rd->r, &why);

	if (got > 0) {
		push_record(L, &rd->r);
		return 1;
	}
	if (got == 0) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushboolean(L, 0);
	lua_pushfstring(L, "%s line %d: %s", rd->in.name, (int)rd->in.line, why);
	return 2;
}

static int reader_fill(lua_State *L)
{
	struct reader *rd = luaL_checkudata(L, 1, READER);
	int got = recin_fill(&rd->in);

	if (got < 0 && errno != EAGAIN && errno != EINTR)
		return bind_fail(L, "read", NULL);
	lua_pushboolean(L, got != 0);
	return 1;
}

int open_record(lua_State *L)
{
	static const luaL_Reg verb[] = {
		{ "parse", rec_parse },     { "format", rec_format }, { "secret", rec_secret },
		{ "shorten", rec_shorten }, { "reader", reader_new }, { NULL, NULL },
	};
	static const luaL_Reg method[] = { { "next", reader_next }, { "fill", reader_fill }, { NULL, NULL } };

	bind_type(L, READER, method, reader_gc);
	luaL_newlib(L, verb);
	return 1;
}
