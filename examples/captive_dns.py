"""Answer every DNS question with one address: `captive_dns.py [ANSWER [HOST [PORT]]]`.

A board that is its own access point sends everybody to its own web server so, and phones show its page by themselves.
There ANSWER is `network.WLAN(network.WLAN.IF_AP).ifconfig()[0]`.
"""

# usock-lint: target=docs, unix, esp32, esp8266, rp2, stm32, mimxrt, renesas-ra, samd, alif, cc3200

import socket
import struct
import sys

A = 1  # the type of a question for an IPv4 address
IN = 1  # the class of the internet
SECONDS = 30  # how long the answer may be remembered

RESPONSE = 0x8180  # the flags of an answer: recursion was desired, and is available
QUERY_MASK = 0xF800  # the bits that are 0 in a standard query


def end_of_question(query):
    """Where the one question ends; ValueError when there is none."""
    position = 12
    while query[position]:
        position += 1 + query[position]
    end = position + 5
    if len(query) < end:
        raise ValueError("the question is cut off")
    return end


def reply(query, address):
    """The answer to a query, with these four bytes for an address; None to a datagram that is no query."""
    try:
        number, flags, questions = struct.unpack("!HHH", query[:6])
        end = end_of_question(query)
    except (ValueError, IndexError):
        return None
    if flags & QUERY_MASK or questions != 1:
        return None
    question = query[12:end]
    found = struct.unpack("!HH", question[-4:]) == (A, IN)
    head = struct.pack("!HHHHHH", number, RESPONSE, 1, 1 if found else 0, 0, 0)
    if not found:
        return head + question
    # 0xC00C: the name is the one 12 bytes from the start.
    return head + question + struct.pack("!HHHIH", 0xC00C, A, IN, SECONDS, 4) + address


def listening(host, port):
    """A socket that gets the questions."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind(socket.getaddrinfo(host, port)[0][-1])
    except OSError:
        sock.close()
        raise
    return sock


def main(answer="192.168.4.1", host="0.0.0.0", port=53):
    """Answer until interrupted."""
    address = bytes(map(int, answer.split(".")))
    sock = listening(host, int(port))
    print("answering on", host, port)
    try:
        while True:
            query, client = sock.recvfrom(512)
            if not query and sys.platform == "esp32":  # it takes an empty datagram for the end, and reads no more
                sock.close()
                sock = listening(host, int(port))
                continue
            answered = reply(query, address)
            if answered:
                sock.sendto(answered, client)
    finally:
        sock.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
