include $(VARIANT_DIR)/../common/variant.mk

# BED_LWIP is the tree of esp-lwip.
INC += -I$(VARIANT_DIR)/idf -I$(BED_LWIP)/src/include
CFLAGS += -include $(VARIANT_DIR)/numbers.h
LDFLAGS += -lpthread
SRC_THIRDPARTY_C += shared/netutils/netutils.c
SRC_THIRDPARTY_C += $(wildcard $(addprefix $(BED_LWIP)/src/,\
	core/*.c core/ipv4/*.c core/ipv6/*.c api/*.c netif/ethernet.c))
