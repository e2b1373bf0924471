#include <sys/select.h>
#define ESP_OK 0
#define ESP_IDF_VERSION 0
#define ESP_IDF_VERSION_VAL(...) 1
typedef int esp_err_t;
typedef struct esp_netif esp_netif_t;
static inline int esp_netif_init(void) {
    return ESP_OK;
}
