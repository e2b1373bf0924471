"""Wait a moment for a datagram. Nobody sends one."""

import socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(socket.getaddrinfo("127.0.0.1", 0)[0][-1])
s.settimeout(0.1)
try:
    print(s.recv(64))
except socket.timeout:
    print("nothing came")
s.close()
