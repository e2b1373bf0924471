// The options of rp2, or of stm32 without BED_IPV6, and a loopback interface.

#define LWIP_NETIF_EXT_STATUS_CALLBACK 1

#define LWIP_IPV4 1
#define LWIP_IPV6 BED_IPV6
#if BED_IPV6
#define LWIP_ND6_NUM_DESTINATIONS 4
#define LWIP_ND6_QUEUEING 0
#endif

#define LWIP_LOOPIF_MULTICAST 0
#define LWIP_LOOPBACK_MAX_PBUFS 8
#define LWIP_HAVE_LOOPIF 1

unsigned int link_random(void);
#define LWIP_RAND() link_random()

#include "extmod/lwip-include/lwipopts_common.h"
