// MicroPython's unix port with the socket module of esp32 (ports/esp32/modsocket.c) over esp-lwip.

#include "../common/variant.h"

#define MICROPY_PY_SOCKET_EVENTS (1)
#define MICROPY_HW_ENABLE_MDNS_QUERIES (0)

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
int link_sleep(int count, void *reads, void *writes, void *errors, struct timeval *time);
