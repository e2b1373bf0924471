// What the beds have in common: MicroPython's unix port with the socket module of a board.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "variants/mpconfigvariant_common.h"

// As on the boards, where select knows sockets by their ioctl alone, as none has a descriptor of the system.
#undef MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
#undef MICROPY_PY_SELECT_SELECT
#define MICROPY_PY_SELECT_SELECT (1)

#define MICROPY_PORT_INIT_FUNC link_start()
void link_start(void);

// Of which mpconfigport.h makes the default backlog of listen(): that of the boards.
#define SOMAXCONN 2
