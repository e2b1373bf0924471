"""The same page from a server that stays up: no client stops it, ends it, or leaves a socket behind."""

import socket
import time

import network
from machine import Pin

led = Pin("LED", Pin.OUT)

PAGE = """<!DOCTYPE html>
<html>
<head><title>Pico W</title></head>
<body><p>The lamp is %s.</p><p><a href="/light/on">on</a> <a href="/light/off">off</a></p></body>
</html>
"""


def answer(path):
    """What is sent for a path."""
    if path not in ("/", "/light/on", "/light/off"):
        return b"HTTP/1.0 404 Not Found\r\n\r\n"
    if path != "/":
        led.value(1 if path == "/light/on" else 0)
    page = PAGE % ("on" if led.value() else "off")
    return b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + page.encode()


def handle(client):
    """Answer one client. One that has closed its connection unused has sent no request."""
    client.settimeout(5)
    words = client.readline().split()
    if len(words) != 3:
        return
    while client.readline() not in (b"", b"\r\n"):
        pass
    client.write(answer(words[1].decode()))


wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect("my network", "my password")
while not wlan.isconnected():
    time.sleep(1)

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
server.listen(4)
print("listening on", wlan.ifconfig()[0])

while True:
    client, address = server.accept()
    try:
        handle(client)
    except (OSError, ValueError) as error:
        print("lost a client:", error)
    finally:
        client.close()
