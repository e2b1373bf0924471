"""A page that switches the lamp of a Pico W, as most tutorials have it. It works on the desk."""

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

wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect("my network", "my password")
while not wlan.isconnected():
    time.sleep(1)

server = socket.socket()
server.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
server.listen(1)
print("listening on", wlan.ifconfig()[0])

while True:
    try:
        client, address = server.accept()
        request = str(client.recv(1024))
        path = request.split()[1]
        if path == "/favicon.ico":
            continue
        if path == "/light/on":
            led.value(1)
        elif path == "/light/off":
            led.value(0)
        client.send("HTTP/1.0 200 OK\r\nContent-type: text/html\r\n\r\n")
        client.send(PAGE % ("on" if led.value() else "off"))
        client.close()
    except OSError as error:
        print("connection lost:", error)
