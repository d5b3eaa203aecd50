"""The servers of all pods and outside hosts, in one process: a socket stays in the namespace where
it was made, so one loop can answer everywhere. Every answer names who gives it.

TCP and SCTP: says its name, then echoes. UDP: answers each datagram with its name. Both families.

Runs as a program: listeners.py STATE_DIR. It reads STATE_DIR/listeners.json, again on SIGHUP, opens
what is new and closes what has gone, and writes the generation it serves to listeners.ack there.
"""

import json
import os
import resource
import selectors
import signal
import socket
import sys

import netns
import raw_sctp
import sctp


def name_of(who, protocol, port):
    return f"{who} {protocol} {port}"


def answer_of(who, protocol, port):
    return name_of(who, protocol, port).encode() + b"\n"


class Listeners:
    def __init__(self, state_dir):
        self.config = os.path.join(state_dir, "listeners.json")
        self.ack = os.path.join(state_dir, "listeners.ack")
        self.selector = selectors.DefaultSelector()
        # (netns path, namespace inode, protocol, port) -> socket; SCTP: family in place of the port
        self.sockets = {}
        self.families = (4, 6) if netns.has_ipv6() else (4,)
        self.connections = {}  # socket -> the key of its listener

    def reload(self):
        with open(self.config, encoding="utf-8") as file:
            config = json.load(file)
        wanted = {}
        for path, server in config["servers"].items():
            try:
                inode = os.stat(path).st_ino
            except OSError:
                continue
            who = server["who"]
            for protocol in ("tcp", "udp"):
                for port in server["ports"]:
                    wanted[(path, inode, protocol, port)] = answer_of(who, protocol, port)
            names = {port: answer_of(who, "sctp", port) for port in server["ports"]}
            for family in self.families:
                wanted[(path, inode, "sctp", family)] = names
        for key in [key for key in self.sockets if key not in wanted]:
            self._close(key)
        inside = None
        for key in sorted(wanted):
            if key not in self.sockets:
                if inside != key[0]:
                    netns.enter(key[0])
                    inside = key[0]
                self._open(key, wanted[key])
            elif key[2] == "sctp":
                self.selector.get_key(self.sockets[key]).data[2].names = wanted[key]
        temporary = self.ack + ".new"
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(str(config["generation"]))
        os.rename(temporary, self.ack)

    def _open(self, key, answer):
        path, _, protocol, number = key
        try:
            if protocol == "sctp":
                listener, answer = raw_sctp.open_socket(number), sctp.Server(answer)
            else:
                listener = self._bound(protocol, number)
        except OSError as error:
            print(f"{path} {protocol} {number}: {error}", flush=True)
            return
        self.sockets[key] = listener
        action = {"tcp": self._accept, "udp": self._answer, "sctp": self._associate}[protocol]
        self.selector.register(listener, selectors.EVENT_READ, (action, key, answer))

    def _bound(self, protocol, port):
        """One socket for both families."""
        dual = 6 in self.families
        tcp = protocol == "tcp"
        listener = socket.socket(socket.AF_INET6 if dual else socket.AF_INET,
                                 socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        try:
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if dual:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(("::" if dual else "0.0.0.0", port))
            if tcp:
                listener.listen(128)
        except OSError:
            listener.close()
            raise
        return listener

    def _close(self, key):
        listener = self.sockets.pop(key)
        self.selector.unregister(listener)
        listener.close()
        for connection in [c for c, owner in self.connections.items() if owner == key]:
            self._hang_up(connection)

    def _accept(self, listener, key, answer):
        connection, _ = listener.accept()
        connection.setblocking(False)
        self.connections[connection] = key
        self.selector.register(connection, selectors.EVENT_READ, (self._echo, key, answer))
        connection.send(answer)

    def _answer(self, listener, _key, answer):
        _, peer = listener.recvfrom(2048)
        listener.sendto(answer, peer)

    def _associate(self, raw, _key, server):
        while True:  # until there is nothing more: BlockingIOError
            packet, peer = raw_sctp.receive(raw)
            for reply in server.answer(packet, peer) if packet else ():
                raw_sctp.send(raw, reply, peer)

    def _echo(self, connection, _key, _answer):
        data = connection.recv(65536)
        if data:
            connection.send(data)
        else:
            self._hang_up(connection)

    def _hang_up(self, connection):
        self.connections.pop(connection, None)
        self.selector.unregister(connection)
        connection.close()

    def serve(self, wake):
        self.selector.register(wake, selectors.EVENT_READ, None)
        while True:
            for ready, _ in self.selector.select():
                if ready.data is None:
                    wake.recv(4096)
                    self.reload()
                    continue
                action, key, answer = ready.data
                try:
                    action(ready.fileobj, key, answer)
                except (BlockingIOError, InterruptedError):
                    pass
                except OSError:
                    if ready.fileobj in self.connections:
                        self._hang_up(ready.fileobj)


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    listeners = Listeners(sys.argv[1])
    # A signal becomes a byte in the loop's own socket: nothing runs inside the handler.
    wake, bell = socket.socketpair()
    wake.setblocking(False)
    bell.setblocking(False)
    signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGHUP, lambda *_: None)
    listeners.reload()
    listeners.serve(wake)


if __name__ == "__main__":
    main()
