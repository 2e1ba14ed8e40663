"""Raw NBD over sockets, for clients that do not keep to good manners."""
import socket
import struct

CLIENT_FLAGS = struct.pack(">I", 3)  # fixed newstyle, no zeroes
READ, WRITE = 0, 1


def option(number, data=b""):
    return b"IHAVEOPT" + struct.pack(">II", number, len(data)) + data


def name_data(name):
    return struct.pack(">I", len(name)) + name + struct.pack(">H", 0)


LIST, INFO, GO, STRUCTURED_REPLY, SET_META_CONTEXT = 3, 6, 7, 8, 10


def long_handshake(name):
    """Everything that a client may say before it has an export."""
    context = b"base:allocation"
    query = struct.pack(">II", 1, len(context)) + context
    return b"".join((
        CLIENT_FLAGS,
        option(LIST),
        option(STRUCTURED_REPLY),
        option(INFO, name_data(name)),
        option(SET_META_CONTEXT, struct.pack(">I", len(name)) + name + query),
        option(GO, name_data(name)),
    ))


def request(command, cookie, offset, length):
    return struct.pack(">IHHQQI", 0x25609513, 0, command, cookie, offset, length)


def connect(address, source=None, receive_buffer=None):
    """A blocking connection that nothing has been said on."""
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if source is not None:
        # The port is chosen at connect, so that each address has all of them.
        sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        sock.bind((source, 0))
    sock.settimeout(60)
    sock.connect(address)
    return sock


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise ConnectionError("the server closed the connection")
        data += piece
    return data


def go(sock, name):
    """From the greeting to the transmission phase, with simple replies."""
    read_exactly(sock, 18)
    sock.sendall(CLIENT_FLAGS + option(GO, name_data(name)))
    while True:
        _, _, kind, length = struct.unpack(">QIII", read_exactly(sock, 20))
        read_exactly(sock, length)
        if kind == 1:
            return
        if kind >= 1 << 31:
            raise ConnectionError(f"the server refuses the export: {kind:#x}")
