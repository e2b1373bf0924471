// The board's module, under the names that ESP-IDF's file system layer gives to the functions of lwIP.
#include "py/mpconfig.h"

#undef MICROPY_PY_NETWORK
#define MICROPY_PY_NETWORK (1)

#ifndef NO_QSTR
#include "lwip/sockets.h"
#define select lwip_select
#define fcntl(...) three(__VA_ARGS__, 0, 0)
#define three(file, command, value, ...) lwip_fcntl(file, command, value)
#define getsockopt lwip_getsockopt
#define ntohs lwip_ntohs
#endif

#include "ports/esp32/modsocket.c"
