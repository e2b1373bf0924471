#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>

#define iovec iovec  // which says that the system has it

#define LWIP_NO_CTYPE_H 1
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) do { } while (0)
#define LWIP_RAND() ((u32_t)rand())
typedef int sys_prot_t;

#ifndef __containerof
#define __containerof(field, whole, name) ((whole *)((char *)(field) - offsetof(whole, name)))
#endif
