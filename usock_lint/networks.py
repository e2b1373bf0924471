"""The modules for networks. A file that imports none of them is not linted, unless the settings ask for every file."""

from __future__ import annotations

NETWORKS = frozenset(
    (
        "socket ssl tls select selectors asyncio socketserver network requests http urllib mqtt umqtt websocket "
        "websockets uwebsockets aiohttp uaiohttpclient httplib httpx ftplib smtplib poplib imaplib nntplib telnetlib "
        "asyncore asynchat xmlrpc ntptime mip umip microdot picoweb tinyweb uhttplib urllib2 urllib3 SocketServer "
        "BaseHTTPServer SimpleHTTPServer usocket ussl uselect uasyncio unetwork urequests uwebsocket mqtt_as "
        "webrepl microWebSrv MicroWebSrv2 paho wsgiref netifaces scapy"
    ).split()
)
"""Top-level modules of MicroPython, CPython and of well-known libraries."""

SIGNS = tuple(
    (
        b"socket ssl tls select asyncio network requests http mqtt ftplib smtplib poplib imaplib nntplib telnetlib "
        b"asyncore asynchat xmlrpc ntptime mip microdot picoweb tinyweb urllib webrepl paho wsgiref netifaces scapy "
        b"SocketServer HTTPServer icroWebSrv"
    ).split()
)
"""Substrings of these names, at least one of each: a line without any of them imports none of the modules."""
