/* snmp_impl.h - the SNMP library's headers, for lib/engine alone. */
#ifndef SP_ENGINE_SNMP_IMPL_H
#define SP_ENGINE_SNMP_IMPL_H

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>

#include "engine/snmp.h"

#endif
