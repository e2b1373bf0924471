# What the beds have in common: the unix port in 32 bits, without its own sockets.
FROZEN_MANIFEST ?= variants/standard/manifest.py

MICROPY_FORCE_32BIT = 1
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_JNI = 0
MICROPY_PY_SOCKET = 0
MICROPY_PY_THREAD = 0

INC += -I$(VARIANT_DIR)/../common
