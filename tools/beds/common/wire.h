// The interface of a board over a TAP interface of the computer, whose own address is 10.77.0.1.
// BED_TAP in the environment names that; without it there is loopback alone.

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/netif.h"
#if LWIP_IPV6
#include "lwip/ethip6.h"
#endif

static struct netif wire;
static int tap = -1;

static err_t wire_output(struct netif *netif, struct pbuf *p) {
    unsigned char frame[1600];
    pbuf_copy_partial(p, frame, p->tot_len, 0);
    return write(tap, frame, p->tot_len) < 0 ? ERR_IF : ERR_OK;
}

// `state` of the interface is its name, of two letters.
static err_t wire_begin(struct netif *netif) {
    static const unsigned char address[6] = {2, 0, 0, 0, 0, 2};
    memcpy(netif->hwaddr, address, 6);
    netif->hwaddr_len = 6;
    netif->mtu = 1500;
    memcpy(netif->name, netif->state, 2);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
    #if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
    #endif
    netif->linkoutput = wire_output;
    return ERR_OK;
}

// Passes a frame that was read from the TAP interface to lwIP, in a buffer of this type; drops it if there is none.
static void wire_give(const unsigned char *frame, u16_t count, pbuf_type type) {
    struct pbuf *p = pbuf_alloc(PBUF_RAW, count, type);
    if (p) {
        pbuf_take(p, frame, count);
        if (wire.input(p, &wire) != ERR_OK) {
            pbuf_free(p);
        }
    }
}

// Opens the TAP interface of BED_TAP with these flags, and adds the board's own with this name and input function.
// False if BED_TAP is not set; ends the process if there is no such interface.
static int wire_connect(int flags, const char *letters, netif_input_fn input) {
    const char *name = getenv("BED_TAP");
    if (!name) {
        return 0;
    }
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    tap = open("/dev/net/tun", flags);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0) {
        perror(name);
        exit(1);
    }
    ip_addr_t address, mask, gateway;
    ipaddr_aton("10.77.0.2", &address);
    ipaddr_aton("255.255.255.0", &mask);
    ipaddr_aton("10.77.0.1", &gateway);
    netif_add(&wire, ip_2_ip4(&address), ip_2_ip4(&mask), ip_2_ip4(&gateway), (void *)letters, wire_begin, input);
    netif_set_default(&wire);
    netif_set_link_up(&wire);
    netif_set_up(&wire);
    #if LWIP_IPV6
    netif_create_ip6_linklocal_address(&wire, 1);
    #endif
    dns_setserver(0, &gateway);
    return 1;
}
