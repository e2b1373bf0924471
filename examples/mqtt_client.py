"""Publish to and subscribe at an MQTT 3.1.1 broker, with QoS 0 and 1.

    mqtt_client.py HOST PORT pub TOPIC MESSAGE [QOS]   publishes
    mqtt_client.py HOST PORT sub TOPIC [COUNT]         prints what is published, COUNT messages or for ever

In a program:

    client = Client("192.168.1.10", client_id="kitchen", keepalive=30)
    client.on_message = lambda topic, message: print(topic, message)
    client.connect()
    client.subscribe("home/+/light", qos=1)
    while True:
        client.wait(1000)  # milliseconds; calls on_message and keeps the connection alive
"""

# usock-lint: target=docs, unix, esp32, esp8266, rp2, stm32, mimxrt, renesas-ra, samd, alif

import select
import socket
import struct
import sys
import time

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 12, 13, 14


class MQTTError(Exception):
    """The broker refused something, or broke the rules."""


def text(value):
    """A str, or bytes, with its length before it."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(data)) + data


def size(number):
    """The length of a packet: seven bits a byte, the lowest first."""
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)


class Client:
    """One connection. Its methods raise OSError when the network fails, and MQTTError."""

    def __init__(self, host, port=1883, client_id="micropython", keepalive=60, timeout=10):
        self.place = host, port
        self.client_id = client_id
        self.keepalive = keepalive  # seconds; 0 for none
        self.timeout = timeout  # seconds that the broker may take for an answer
        self.on_message = None
        self.sock = self.stream = self.poll = None
        self.last_sent = 0
        self.waiting = False  # for the answer to a ping
        self.number = 0

    def connect(self, user=None, password=None, clean=True):
        """Connect; whether the broker still knew the session."""
        family, kind, protocol, _, address = socket.getaddrinfo(*self.place)[0]
        self.sock = socket.socket(family, kind, protocol)
        try:
            self.sock.settimeout(self.timeout)
            self.sock.connect(address)
            self.stream = self.sock.makefile("rwb", 0)
            self.poll = select.poll()
            self.poll.register(self.sock, select.POLLIN)
            self.waiting = False
            self._send(CONNECT << 4, self._greeting(user, password, clean))
            kind, answer = self._expect(CONNACK)
            if answer[1]:
                raise MQTTError("refused: %d" % answer[1])
        except Exception:
            self.close()
            raise
        return bool(answer[0] & 1)

    def _greeting(self, user, password, clean):
        flags = (2 if clean else 0) | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
        fields = [one for one in (self.client_id, user, password) if one is not None]
        return text("MQTT") + struct.pack("!BBH", 4, flags, self.keepalive) + b"".join([text(one) for one in fields])

    def publish(self, topic, message, qos=0, retain=False):
        """Send a message; with QoS 1 until the broker has confirmed it."""
        data = message.encode() if isinstance(message, str) else message
        number = self._next_number() if qos else 0
        identifier = struct.pack("!H", number) if qos else b""
        self._send(PUBLISH << 4 | qos << 1 | int(retain), text(topic) + identifier + data)
        if qos:
            self._confirmed(PUBACK, number)

    def subscribe(self, topic, qos=0):
        """Subscribe; the QoS that the broker grants."""
        number = self._next_number()
        self._send(SUBSCRIBE << 4 | 2, struct.pack("!H", number) + text(topic) + bytes([qos]))
        granted = self._confirmed(SUBACK, number)[2]
        if granted == 0x80:
            raise MQTTError("the subscription was refused")
        return granted

    def wait(self, milliseconds):
        """Wait that long for a message, and ping when it is time to; whether one came."""
        start = time.ticks_ms()
        while True:
            rest = milliseconds - time.ticks_diff(time.ticks_ms(), start)
            due = self._due()
            if self.poll.poll(max(0, min(rest, due))):
                if self._handle(*self._receive()):
                    return True
            elif due <= rest:
                self._ping()
            elif rest <= 0:
                return False

    def _due(self):
        """In how many milliseconds to ping, or to give up waiting for the answer."""
        if not self.keepalive:
            return 1 << 29  # ticks can count no further
        limit = self.timeout * 1000 if self.waiting else self.keepalive * 750
        return max(0, limit - time.ticks_diff(time.ticks_ms(), self.last_sent))

    def _ping(self):
        if self.waiting:
            raise MQTTError("the broker does not answer")
        self._send(PINGREQ << 4, b"")
        self.waiting = True

    def disconnect(self):
        """Say goodbye and close."""
        try:
            self._send(DISCONNECT << 4, b"")
        finally:
            self.close()

    def close(self):
        """Close without a goodbye: the broker publishes the will, if there was one."""
        if self.sock:
            self.sock.close()
            self.sock = self.stream = None

    def _next_number(self):
        self.number = self.number % 0xFFFF + 1
        return self.number

    def _send(self, kind, body):
        data = bytes([kind]) + size(len(body)) + body
        if self.stream.write(data) != len(data):
            raise MQTTError("not everything could be sent")
        self.last_sent = time.ticks_ms()

    def _read(self, count):
        data = self.stream.read(count) if count else b""
        # A file gives None, where a socket raises OSError, when the timeout expires.
        if data is None or len(data) < count:
            raise MQTTError("the connection ended")
        return data

    def _receive(self):
        """The first byte of a packet, and the rest of it after its length."""
        first = self._read(1)[0]
        length = shift = 0
        while True:
            byte = self._read(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return first, self._read(length)

    def _handle(self, first, body):
        """Take note of a packet that was not waited for; whether it was a message."""
        if first >> 4 == PINGRESP:
            self.waiting = False
        elif first >> 4 == PUBLISH:
            self._deliver(first >> 1 & 3, body)
            return True
        return False

    def _deliver(self, qos, body):
        end = 2 + struct.unpack("!H", body[:2])[0]
        start = end + 2 if qos else end
        if self.on_message:
            self.on_message(body[2:end].decode(), body[start:])
        if qos:
            self._send(PUBACK << 4, body[end:start])

    def _expect(self, kind):
        """The next packet of a kind; what comes before it is handled."""
        while True:
            first, body = self._receive()
            if first >> 4 == kind:
                return first, body
            self._handle(first, body)

    def _confirmed(self, kind, number):
        """The packet that confirms the one of this number."""
        while True:
            body = self._expect(kind)[1]
            if struct.unpack("!H", body[:2])[0] == number:
                return body


def main(host, port, action, topic, *rest):
    """Publish one message, or print what is published."""
    client = Client(host, int(port), keepalive=10)
    client.connect()
    try:
        if action == "pub":
            client.publish(topic, rest[0], int(rest[1]) if len(rest) > 1 else 0)
        else:
            client.on_message = lambda topic, message: print(topic, message.decode())
            print("subscribed to", topic, "with QoS", client.subscribe(topic, 1))
            count = int(rest[0]) if rest else -1
            while count:
                count -= client.wait(1000)
    finally:
        client.disconnect()


if __name__ == "__main__":
    main(*sys.argv[1:])
