// The interface for what a socket sends that is bound to this address, as ip4_route_src_hook() of ESP-IDF has it.
struct netif *bed_route(const void *source, const void *destination);
