"""Send what a sensor says to a server, each minute."""

import json
import logging
import socket
import threading
import time

HOST, PORT = "192.168.1.10", 8125

log = logging.getLogger("report")


def send(value):
    start = time.perf_counter()
    s = socket.create_connection((HOST, PORT), timeout=5)
    try:
        s.sendall(json.dumps({"value": value}).encode(encoding="utf-8"))
        s.shutdown(socket.SHUT_WR)
        log.info("sent by %s", socket.gethostbyname(HOST))
    except socket.timeout:
        log.warning("nobody answers after %d s", time.perf_counter() - start)
    finally:
        s.close()


if __name__ == "__main__":
    threading.Thread(target=send, args=(21,)).start()
