// MicroPython's unix port with the socket module of boards that run lwIP themselves (extmod/modlwip.c).

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "variants/mpconfigvariant_common.h"

// As on the boards, where no socket has a descriptor of the system.
#undef MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
#undef MICROPY_PY_SELECT_SELECT
#define MICROPY_PY_SELECT_SELECT (1)

#define MICROPY_PY_LWIP_SOCK_RAW (1)

#define MICROPY_PORT_INIT_FUNC link_start()

// lwIP runs in an interrupt, here in a signal's handler, which these hold back.
#define MICROPY_PY_LWIP_ENTER link_hold();
#define MICROPY_PY_LWIP_REENTER link_hold();
#define MICROPY_PY_LWIP_EXIT link_release();
#define MICROPY_BEGIN_ATOMIC_SECTION() link_hold()
#define MICROPY_END_ATOMIC_SECTION(held) link_restore(held)

void link_start(void);
int link_hold(void);
void link_release(void);
void link_restore(int held);

// Of which mpconfigport.h makes the default backlog of listen(): that of the boards.
#define SOMAXCONN 2
