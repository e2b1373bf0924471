// The numbers that newlib, the C library of the board, has for errors, where they are not those of Linux.

#pragma once
#include <errno.h>

#undef ENOBUFS
#undef ENOPROTOOPT
#undef EPROTOTYPE
#undef EPROTONOSUPPORT
#undef EADDRINUSE
#undef EADDRNOTAVAIL
#undef EAFNOSUPPORT
#undef EPFNOSUPPORT
#undef ECONNABORTED
#undef ENETDOWN
#undef ENETUNREACH
#undef EHOSTDOWN
#undef EHOSTUNREACH
#undef EINPROGRESS
#undef EALREADY
#undef ETIMEDOUT
#undef EMSGSIZE
#undef EISCONN
#undef ENOTCONN
#undef EDESTADDRREQ
#undef ENOSYS

#define ENOSYS 88
#define EPFNOSUPPORT 96
#define ENOBUFS 105
#define EAFNOSUPPORT 106
#define EPROTOTYPE 107
#define ENOPROTOOPT 109
#define EADDRINUSE 112
#define ECONNABORTED 113
#define ENETUNREACH 114
#define ENETDOWN 115
#define ETIMEDOUT 116
#define EHOSTDOWN 117
#define EHOSTUNREACH 118
#define EINPROGRESS 119
#define EALREADY 120
#define EDESTADDRREQ 121
#define EMSGSIZE 122
#define EPROTONOSUPPORT 123
#define EADDRNOTAVAIL 125
#define EISCONN 127
#define ENOTCONN 128
