// MicroPython's unix port with the socket module of esp32 (ports/esp32/modsocket.c) over esp-lwip.

#include "../common/variant.h"

#define MICROPY_PY_SOCKET_EVENTS (1)
#define MICROPY_HW_ENABLE_MDNS_QUERIES (0)

// The period of FreeRTOS on the board: CONFIG_FREERTOS_HZ is 100.
#define TICK_MS 10

// Where the board calls what setsockopt() has set for a socket with news: ports/esp32/mpconfigport.h.
#define MICROPY_EVENT_POLL_HOOK \
    do { \
        mp_handle_pending(MP_HANDLE_PENDING_CALLBACKS_AND_EXCEPTIONS); \
        extern void socket_events_handler(void); \
        socket_events_handler(); \
        usleep(TICK_MS * 1000); \
    } while (0);

// time.sleep() as on the board.
#undef MICROPY_PY_TIME_CUSTOM_SLEEP
#define mp_hal_delay_ms link_delay_ms
void link_delay_ms(unsigned int time);
