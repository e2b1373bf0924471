#define ESP_LOGE(...) (void)TAG
#define ESP_LOGI(...) (void)TAG
