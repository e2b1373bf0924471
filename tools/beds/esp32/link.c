// The interface of the board, and where its sockets call back.

#include <poll.h>
#include <signal.h>
#include <sys/time.h>

#include "lwip/tcpip.h"
#include "wire.h"

// How long each frame takes over the link, as nothing is nearer to a board.
#define LATENCY_MS 2

static struct bed_queue *ready;

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

int link_sleep(int count, void *reads, void *writes, void *errors, struct timeval *time) {
    u32_t since = sys_now(), whole = time->tv_sec * 1000 + time->tv_usec / 1000;
    while (sys_now() - since < whole) {
        socket_events_handler();
        poll(NULL, 0, 1);
    }
    return 0;
}
