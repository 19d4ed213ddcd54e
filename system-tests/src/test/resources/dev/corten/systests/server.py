# Answers every datagram to a port with "udp".
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", int(sys.argv[1])))
print("serves", flush=True)
while True:
    _, client = server.recvfrom(1000)
    server.sendto(b"udp", client)
