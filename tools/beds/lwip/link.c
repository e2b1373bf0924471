// What a board has around lwIP: a clock, chance, an interrupt each millisecond, and an interface.

#include <signal.h>
#include <sys/time.h>

#include "py/mphal.h"
#include "py/runtime.h"

#include "lwip/init.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "wire.h"

int mp_mod_network_prefer_dns_use_ip_version = 4;

// What comes over the link comes so often only, as nothing is nearer to a board.
#define LATENCY_MS 4

static volatile int held;

u32_t sys_now(void) {
    return mp_hal_ticks_ms();
}

unsigned int link_random(void) {
    static unsigned int seed;
    if (!seed) {
        seed = getpid() * 7919u + mp_hal_ticks_us();
    }
    return seed = seed * 1103515245u + 12345u;
}

int link_hold(void) {
    int before = held;
    held = 1;
    return before;
}

void link_release(void) {
    held = 0;
}

void link_restore(int before) {
    held = before;
}

static void tick(int number) {
    static int beat;
    if (held) {
        return;
    }
    int error = errno;
    unsigned char frame[1600];
    ssize_t count;
    while (tap >= 0 && beat % LATENCY_MS == 0 && (count = read(tap, frame, sizeof(frame))) > 0) {
        wire_give(frame, count, PBUF_POOL);
    }
    beat++;
    netif_poll_all();
    sys_check_timeouts();
    errno = error;
}

void link_start(void) {
    lwip_init();
    wire_connect(O_RDWR | O_NONBLOCK, "w0", ethernet_input);
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval every = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &every, NULL);
}
