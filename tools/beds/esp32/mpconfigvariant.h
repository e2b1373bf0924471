// MicroPython's unix port with the socket module of esp32 (ports/esp32/modsocket.c) over esp-lwip.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "variants/mpconfigvariant_common.h"

// As on the board, where select knows sockets by their ioctl alone.
#undef MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
#undef MICROPY_PY_SELECT_SELECT
#define MICROPY_PY_SELECT_SELECT (1)

#define MICROPY_PY_SOCKET_EVENTS (1)
#define MICROPY_HW_ENABLE_MDNS_QUERIES (0)

#define MICROPY_PORT_INIT_FUNC link_start()

// Where the board calls what setsockopt() has set for a socket with news: ports/esp32/mpconfigport.h.
#define MICROPY_EVENT_POLL_HOOK \
    do { \
        mp_handle_pending(MP_HANDLE_PENDING_CALLBACKS_AND_EXCEPTIONS); \
        extern void socket_events_handler(void); \
        socket_events_handler(); \
        usleep(500); \
    } while (0);
#define sleep_select link_sleep

struct timeval;
void link_start(void);
int link_sleep(int count, void *reads, void *writes, void *errors, struct timeval *time);

// Of which mpconfigport.h makes the default backlog of listen(): that of the boards.
#define SOMAXCONN 2
