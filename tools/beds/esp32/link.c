// The interface of the board, and where its sockets call back.

#include <poll.h>
#include <signal.h>

#include "py/runtime.h"

#include "lwip/tcpip.h"
#include "wire.h"

// How long each frame takes over the link, as nothing is nearer to a board.
#define LATENCY_MS 2

static struct bed_queue *ready;

// The interface with this address; else lwIP looks for one by the destination.
struct netif *bed_route(const void *source, const void *destination) {
    const ip4_addr_t *from = source;
    struct netif *netif;
    NETIF_FOREACH(netif) {
        if (from && !ip4_addr_isany(from) && netif_is_up(netif) && ip4_addr_cmp(from, netif_ip4_addr(netif))) {
            break;
        }
    }
    return netif;
}

static void hear(void *argument) {
    unsigned char frame[1600];
    ssize_t count;
    while ((count = read(tap, frame, sizeof(frame))) > 0) {
        usleep(LATENCY_MS * 1000);
        wire_give(frame, count, PBUF_RAM);
    }
}

static void started(void *sem) {
    if (wire_connect(O_RDWR, "st", tcpip_input)) {
        sys_thread_new("wire", hear, NULL, 0, 0);
    }
    sys_sem_signal(&ready);
}

void link_start(void) {
    sigset_t all, before;  // signals are for MicroPython's own thread
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    sys_sem_new(&ready, 0);
    tcpip_init(started, NULL);
    sys_arch_sem_wait(&ready, 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

void socket_events_handler(void);

// mp_hal_delay_ms() of ports/esp32/mphalport.c.
void link_delay_ms(unsigned int time) {
    u32_t since = sys_now(), spent;
    do {
        mp_handle_pending(MP_HANDLE_PENDING_CALLBACKS_AND_EXCEPTIONS);
        socket_events_handler();
        spent = sys_now() - since;
        poll(NULL, 0, spent + TICK_MS < time ? TICK_MS : spent < time ? time - spent : 0);
    } while (spent + TICK_MS < time);
}
