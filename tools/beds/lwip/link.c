// What a board has around lwIP: a clock, chance, an interrupt each millisecond, and an interface.
// BED_TAP names a TAP interface of the computer, whose own address is 10.77.0.1; without it there is loopback alone.

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "py/mphal.h"
#include "py/runtime.h"

#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#if LWIP_IPV6
#include "lwip/ethip6.h"
#endif

int mp_mod_network_prefer_dns_use_ip_version = 4;

// What comes over the link comes so often only, as nothing is nearer to a board.
#define LATENCY_MS 4

static struct netif wire;
static int tap = -1;
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
    netif->name[0] = 'w';
    netif->name[1] = '0';
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
    #if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
    #endif
    netif->linkoutput = output;
    return ERR_OK;
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
        struct pbuf *p = pbuf_alloc(PBUF_RAW, count, PBUF_POOL);
        if (p) {
            pbuf_take(p, frame, count);
            if (wire.input(p, &wire) != ERR_OK) {
                pbuf_free(p);
            }
        }
    }
    beat++;
    netif_poll_all();
    sys_check_timeouts();
    errno = error;
}

void link_start(void) {
    lwip_init();
    const char *name = getenv("BED_TAP");
    if (name) {
        struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
        strncpy(request.ifr_name, name, IFNAMSIZ - 1);
        tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
        if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0) {
            perror(name);
            exit(1);
        }
        ip_addr_t address, mask, gateway;
        ipaddr_aton("10.77.0.2", &address);
        ipaddr_aton("255.255.255.0", &mask);
        ipaddr_aton("10.77.0.1", &gateway);
        netif_add(&wire, ip_2_ip4(&address), ip_2_ip4(&mask), ip_2_ip4(&gateway), NULL, begin, ethernet_input);
        netif_set_default(&wire);
        netif_set_link_up(&wire);
        netif_set_up(&wire);
        #if LWIP_IPV6
        netif_create_ip6_linklocal_address(&wire, 1);
        #endif
        dns_setserver(0, &gateway);
    }
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval every = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &every, NULL);
}
