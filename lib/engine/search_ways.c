/* search_ways.c - every way to the systems as three SQL texts. All of them
 * read an index in its order; CROSS JOIN keeps SQLite from turning them. */
#include "engine/search_ways.h"

#define PHONE(c) "(" c ">=:phone AND " c "<:phone||x'ff' AND (:full=0 OR " c "=:phone))"
#define BEGINS(c, p) "(" c ">=" p " AND " c "<" p "||x'ff')"
#define NAMED "(instr(k.name_fold,:customer)>0 OR k.customer=:customer_key)"

#define MATCHES \
	"(:serial IS NULL OR " BEGINS("s.serial_fold", ":serial") " OR " BEGINS("s.serial_back", ":serial_back") ") " \
	"AND (:customer IS NULL OR instr(c.name_fold,:customer)>0 OR s.customer=:customer_key) " \
	"AND (:site IS NULL OR i.site_fold=:site) AND (:region IS NULL OR i.region_fold=:region) " \
	"AND (:model IS NULL OR " BEGINS("s.model_fold", ":model") ") " \
	"AND (:phone IS NULL OR " PHONE("s.phone_back") " OR EXISTS(SELECT 1 FROM endpoints e " \
	"WHERE e.system=s.system AND " PHONE("e.phone_back") "))"

#define ROWS(where) \
	"SELECT s.system, s.serial, c.name, s.site, i.region, s.model, s.phone, " MATCHES " AND " REACH_SYSTEM \
	" FROM systems s LEFT JOIN customers c ON c.customer=s.customer LEFT JOIN sites i ON i.site=s.site " \
	"WHERE " where " AND s.system>:after ORDER BY s.system LIMIT :most"

#define DISTINCT(col, range) \
	"SELECT DISTINCT " col " FROM systems WHERE " range " AND " col ">:key ORDER BY 1 LIMIT :keys"
#define COUNT(from) "SELECT count(*) FROM (SELECT 1 FROM " from " LIMIT :cap)"
#define COUNT2(from, other) \
	"SELECT count(*) FROM (SELECT 1 FROM " from " UNION ALL SELECT 1 FROM " other " LIMIT :cap)"

/* The objects of his grants of one scope; customers in which something is his. */
#define OBJECTS(is) \
	"(SELECT g.object FROM grants g WHERE g.\"user\"=:user AND g.\"domain\" IN (:domain,'*') AND g.\"group\"='' AND " \
	"g.scope='" is "' AND " REACH_NOW " UNION SELECT g.object FROM grants g WHERE " \
	"g.\"group\" IN (SELECT value FROM json_each(:groups)) AND g.scope='" is "' AND " REACH_NOW ")"
#define TOUCHED \
	"(SELECT o.object AS customer FROM " OBJECTS("customer") " o" \
	" UNION SELECT y.customer FROM " OBJECTS("site") " o CROSS JOIN systems y ON y.site=o.object" \
	" UNION SELECT y.customer FROM " OBJECTS("system") " o CROSS JOIN systems y ON y.system=o.object)"
/* A customer of whom he may see nothing is passed by like one that there is not. */
#define HIS_NAMED "(:everything OR k.customer IN " TOUCHED ") AND " NAMED

const struct search_way search_ways[] = {
	{ 's', S_SERIAL, 'S',
	  COUNT2("systems WHERE " BEGINS("serial_fold", ":serial"), "systems WHERE " BEGINS("serial_back", ":serial_back")),
	  DISTINCT("serial_fold", BEGINS("serial_fold", ":serial")), ROWS("s.serial_fold=:key") },
	{ 'S', S_SERIAL, 0, NULL, DISTINCT("serial_back", BEGINS("serial_back", ":serial_back")),
	  ROWS("s.serial_back=:key AND NOT " BEGINS("s.serial_fold", ":serial")) },
	{ 'p', S_PHONE_BACK, 'P',
	  COUNT2("systems WHERE " PHONE("phone_back"), "endpoints WHERE " PHONE("phone_back")),
	  DISTINCT("phone_back", PHONE("phone_back")), ROWS("s.phone_back=:key") },
	/* A system by the smallest of its endpoints' numbers, unless its own number led to it. */
	{ 'P', S_PHONE_BACK, 0, NULL,
	  "SELECT DISTINCT phone_back FROM endpoints WHERE " PHONE("phone_back") " AND phone_back>:key ORDER BY 1 LIMIT :keys",
	  ROWS("s.system IN (SELECT e.system FROM endpoints e WHERE e.phone_back=:key) AND NOT " PHONE("s.phone_back")
	       " AND NOT EXISTS(SELECT 1 FROM endpoints e WHERE e.system=s.system AND e.phone_back<:key AND "
	       PHONE("e.phone_back") ")") },
	{ 'c', S_CUSTOMER, 0, COUNT("customers k CROSS JOIN systems s ON s.customer=k.customer WHERE " HIS_NAMED),
	  "SELECT k.customer FROM customers k WHERE k.customer>:key AND " HIS_NAMED " ORDER BY 1 LIMIT :keys",
	  ROWS("s.customer=:key") },
	{ 'i', S_SITE, 0, COUNT("sites k CROSS JOIN systems s ON s.site=k.site WHERE k.site_fold=:site"),
	  "SELECT site FROM sites WHERE site_fold=:site AND site>:key ORDER BY 1 LIMIT :keys", ROWS("s.site=:key") },
	{ 'g', S_REGION, 0, COUNT("sites k CROSS JOIN systems s ON s.site=k.site WHERE k.region_fold=:region"),
	  "SELECT site FROM sites WHERE region_fold=:region AND site>:key ORDER BY 1 LIMIT :keys", ROWS("s.site=:key") },
	{ 'm', S_MODEL, 0, COUNT("systems WHERE " BEGINS("model_fold", ":model")),
	  DISTINCT("model_fold", BEGINS("model_fold", ":model")), ROWS("s.model_fold=:key") },
	{ 'r', S_WORDS, 0, COUNT(TOUCHED " k CROSS JOIN systems s ON s.customer=k.customer"),
	  "SELECT k.customer FROM " TOUCHED " k WHERE k.customer>:key ORDER BY 1 LIMIT :keys", ROWS("s.customer=:key") },
	{ 'a', S_WORDS, 0, "SELECT :cap", NULL, ROWS("1") },
	{ 0 }
};

const struct search_way *search_way_of(char letter)
{
	const struct search_way *w = search_ways;
	while (w->letter && w->letter != letter)
		w++;
	return w->letter ? w : NULL;
}

bool search_way_fits(const struct search *q, const struct search_way *w)
{
	if (w->word != S_WORDS)
		return q->word[w->word].len > 0;
	return q->reach->everything == (w->letter == 'a');
}
