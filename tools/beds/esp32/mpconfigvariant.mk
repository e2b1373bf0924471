FROZEN_MANIFEST ?= variants/standard/manifest.py

MICROPY_FORCE_32BIT = 1
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_JNI = 0
MICROPY_PY_SOCKET = 0
MICROPY_PY_THREAD = 0

# BED_LWIP is the tree of esp-lwip.
INC += -I$(VARIANT_DIR)/idf -I$(BED_LWIP)/src/include
CFLAGS += -include $(VARIANT_DIR)/numbers.h
LDFLAGS += -lpthread
SRC_THIRDPARTY_C += shared/netutils/netutils.c
SRC_THIRDPARTY_C += $(wildcard $(addprefix $(BED_LWIP)/src/,\
	core/*.c core/ipv4/*.c core/ipv6/*.c api/*.c netif/ethernet.c))
