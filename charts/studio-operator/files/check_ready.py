"""Whether each instance of the operator is ready: `helm test` runs it with the Service's name."""

import socket
import sys
import urllib.request

PORT = 8080

service = sys.argv[1]
found = {
    str(address[4][0]) for address in socket.getaddrinfo(service, PORT, type=socket.SOCK_STREAM)
}
for address in sorted(found):
    host = f"[{address}]" if ":" in address else address
    # An answer other than 200 is an exception, and fails the test.
    with urllib.request.urlopen(f"http://{host}:{PORT}/readyz", timeout=10) as answer:
        sys.stdout.write(f"{address} is ready:\n{answer.read().decode()}")
