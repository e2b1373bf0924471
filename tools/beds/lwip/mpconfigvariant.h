// MicroPython's unix port with the socket module of boards that run lwIP themselves (extmod/modlwip.c).

#include "../common/variant.h"

#define MICROPY_PY_LWIP_SOCK_RAW (1)

// lwIP runs in an interrupt, here in a signal's handler, which these hold back.
#define MICROPY_PY_LWIP_ENTER link_hold();
#define MICROPY_PY_LWIP_REENTER link_hold();
#define MICROPY_PY_LWIP_EXIT link_release();
#define MICROPY_BEGIN_ATOMIC_SECTION() link_hold()
#define MICROPY_END_ATOMIC_SECTION(held) link_restore(held)

int link_hold(void);
void link_release(void);
void link_restore(int held);
