"""Passes TCP connections on. usage: relay.py PORT HOST PORT [SOURCE-ADDRESS]"""
import socket
import sys
import threading


def copy(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main(port, host, target_port, source=None):
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(
                (host, int(target_port)), source_address=(source, 0) if source else None)
            for pair in ((client, server), (server, client)):
                threading.Thread(target=copy, args=pair, daemon=True).start()


main(*sys.argv[1:])
