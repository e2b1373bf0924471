// The interface of the board, and where its sockets call back.
// BED_TAP names a TAP interface of the computer, whose own address is 10.77.0.1; without it there is loopback alone.

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/netif.h"
#include "lwip/tcpip.h"
#include "netif/ethernet.h"

// How long each frame takes over the link, as nothing is nearer to a board.
#define LATENCY_MS 2

static struct netif wire;
static int tap = -1;
static struct bed_queue *ready;

static err_t output(struct netif *netif, struct pbuf *p) {
    unsigned char frame[1600];
    pbuf_copy_partial(p, frame, p->tot_len, 0);
    return write(tap, frame, p->tot_len) < 0 ? ERR_IF : ERR_OK;
}

static err_t begin(struct netif *netif) {
    static const unsigned char address[6] = {2, 0, 0, 0, 0, 2};
    memcpy(netif->hwaddr, address, 6);
    netif->hwaddr_len = 6;
    netif->mtu = 1500;
    netif->name[0] = 's';
    netif->name[1] = 't';
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = output;
    return ERR_OK;
}

static void hear(void *argument) {
    unsigned char frame[1600];
    ssize_t count;
    while ((count = read(tap, frame, sizeof(frame))) > 0) {
        usleep(LATENCY_MS * 1000);
        struct pbuf *p = pbuf_alloc(PBUF_RAW, count, PBUF_RAM);
        pbuf_take(p, frame, count);
        if (wire.input(p, &wire) != ERR_OK) {
            pbuf_free(p);
        }
    }
}

static void connect_wire(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    tap = open("/dev/net/tun", O_RDWR);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0) {
        perror(name);
        exit(1);
    }
    ip_addr_t address, mask, gateway;
    ipaddr_aton("10.77.0.2", &address);
    ipaddr_aton("255.255.255.0", &mask);
    ipaddr_aton("10.77.0.1", &gateway);
    netif_add(&wire, ip_2_ip4(&address), ip_2_ip4(&mask), ip_2_ip4(&gateway), NULL, begin, tcpip_input);
    netif_set_default(&wire);
    netif_set_link_up(&wire);
    netif_set_up(&wire);
    netif_create_ip6_linklocal_address(&wire, 1);
    dns_setserver(0, &gateway);
    sys_thread_new("wire", hear, NULL, 0, 0);
}

static void started(void *sem) {
    const char *name = getenv("BED_TAP");
    if (name) {
        connect_wire(name);
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
