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

// How long each frame that comes takes over the link, as nothing is nearer to a board, and how many can be on it.
#define LATENCY_MS 4
#define FRAMES 64

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

static struct {
    u32_t at;
    int count;
    unsigned char bytes[1600];
} link_frames[FRAMES];

static unsigned int taken, given;

static void tick(int number) {
    if (held) {
        return;
    }
    int error = errno;
    u32_t now = sys_now();
    for (; given != taken && now - link_frames[given % FRAMES].at >= LATENCY_MS; given++) {
        wire_give(link_frames[given % FRAMES].bytes, link_frames[given % FRAMES].count, PBUF_POOL);
    }
    ssize_t count;
    while (tap >= 0 && taken - given < FRAMES && (count = read(tap, link_frames[taken % FRAMES].bytes, 1600)) > 0) {
        link_frames[taken % FRAMES].count = count;
        link_frames[taken++ % FRAMES].at = now;
    }
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
