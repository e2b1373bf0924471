typedef int esp_interface_t;
