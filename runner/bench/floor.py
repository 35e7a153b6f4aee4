#!/usr/bin/env python3
"""The floor of a start: restore a template and run one command, with nothing else.

    floor.py TEMPLATE_DIRECTORY

prints the milliseconds from nothing to the moment the guest says that `true` runs: an overlay, QEMU, QMP, the device
state, guestd's preamble and identity, one fork and exec. No cage, no job directory, no Java. `runner bench start` runs
it in turns with whole jobs and compares. See docs/guest-protocol.md for what is spoken.
"""

import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

DATA, WINDOW, PING, GO_AWAY = 0, 1, 2, 3
SYN, ACK, FIN, RST = 1, 2, 4, 8


def connect(path, process):
    for _ in range(20000):
        if process.poll() is not None:
            raise SystemExit("QEMU ended with %d" % process.returncode)
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(path)
            return client
        except OSError:
            client.close()
            time.sleep(0.001)
    raise SystemExit("nobody listens on " + path)


class Qmp:
    def __init__(self, path, process):
        self.lines = connect(path, process).makefile("rw")
        self.lines.readline()
        self.run("qmp_capabilities")

    def read(self):
        line = self.lines.readline()
        if not line:
            raise SystemExit("QEMU closed QMP")
        return json.loads(line)

    def run(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = self.read()
            if "error" in answer:
                raise SystemExit("%s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return

    def wait_for_migration(self):
        while True:
            message = self.read()
            if message.get("event") == "MIGRATION":
                if message["data"]["status"] == "completed":
                    return
                if message["data"]["status"] == "failed":
                    raise SystemExit("the state was refused")


class Session:
    """As much of yamux as two small streams need."""

    def __init__(self, port):
        self.port = port
        preamble = b"THAW/2 %s\n" % secrets.token_hex(16).encode()
        port.sendall(preamble)
        seen = b""
        while not seen.endswith(preamble):
            seen += self.some(1)
        self.next = 1

    def some(self, length):
        data = self.port.recv(length)
        if not data:
            raise SystemExit("the guest hung up")
        return data

    def exactly(self, length):
        data = b""
        while len(data) < length:
            data += self.some(length - len(data))
        return data

    def ask(self, request, key):
        stream, self.next = self.next, self.next + 2
        line = json.dumps(request).encode() + b"\n"
        self.port.sendall(
            struct.pack(">BBHII", 0, WINDOW, SYN, stream, 0) + struct.pack(">BBHII", 0, DATA, 0, stream, len(line)) + line)
        answer = b""
        while not answer.endswith(b"\n"):
            _, kind, _, source, length = struct.unpack(">BBHII", self.exactly(12))
            payload = self.exactly(length) if kind == DATA else b""
            if kind == DATA and source == stream:
                answer += payload
        if key not in json.loads(answer.split(b"\n")[0]):
            raise SystemExit("guestd says: %s" % answer.decode())


def main(template):
    manifest = json.load(open(os.path.join(template, "manifest.json")))
    where = tempfile.mkdtemp(prefix="thaw-floor-")
    process = None
    try:
        began = time.monotonic()
        overlay = os.path.join(where, "overlay.qcow2")
        subprocess.run(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", os.path.join(template, "disk.raw"), overlay],
            check=True)
        words = [word.replace("path=/run/", "path=%s/" % where).replace("unix:/run/", "unix:%s/" % where)
                 for word in manifest["machine"]]
        words += ["-object", "memory-backend-file,id=mem,share=off,mem-path=%s,size=%d"
                  % (os.path.join(template, "memory"), manifest["memory"])]
        words += ["-drive", "id=disk,if=none,format=qcow2,cache=unsafe,discard=unmap,file=" + overlay]
        words += ["-S", "-incoming", "defer"]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
        qmp = Qmp(os.path.join(where, "qmp"), process)
        qmp.run("migrate-set-capabilities", capabilities=[
            {"capability": "x-ignore-shared", "state": True}, {"capability": "events", "state": True}])
        incoming = os.path.join(where, "incoming")
        qmp.run("migrate-incoming", uri="unix:" + incoming)
        state = connect(incoming, process)
        state.sendall(open(os.path.join(template, "state"), "rb").read())
        state.close()
        qmp.wait_for_migration()
        qmp.run("cont")
        guest = Session(connect(os.path.join(where, "guest"), process))
        guest.ask({"op": "identity", "time_ns": time.time_ns(), "entropy": secrets.token_hex(64),
                   "machine_id": secrets.token_hex(16), "hostname": "thaw-floor"}, "ok")
        guest.ask({"op": "exec", "exec": "e1", "argv": ["/bin/true"], "env": [], "cwd": "/", "user": "root"}, "started")
        print("%.1f" % ((time.monotonic() - began) * 1000))
    finally:
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(where)


main(sys.argv[1])
