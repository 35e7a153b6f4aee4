#!/usr/bin/env python3
"""Writes the seed corpus: run it after a change of the protocol, and commit what it wrote."""
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
PREAMBLE = b"THAW/2 " + b"0123456789abcdef" * 2 + b"\n"
SYN, ACK, FIN, RST = 1, 2, 4, 8
IDENTITY = {
    "op": "identity",
    "time_ns": 1700000000123456789,
    "entropy": "00112233445566778899aabbccddeeff" * 4,
    "machine_id": "0123456789abcdef" * 2,
    "hostname": "thaw-3f9c",
}
WARMING = {"op": "identity", "warming": True}
FREEZE = {"op": "freeze", "nonce": "0123456789abcdef" * 2}


def frame(kind, flags, stream, value, payload=b""):
    return struct.pack(">BBHII", 0, kind, flags, stream, value) + payload


def data(stream, payload, flags=0):
    return frame(0, flags, stream, len(payload), payload)


def opened(stream, request, flags=0):
    return data(stream, json.dumps(request).encode() + b"\n", SYN | flags)


def stdio(stream, name, fd):
    return opened(stream, {"op": "stdio", "exec": name, "fd": fd})


def execute(stream, name, **more):
    return opened(stream, {"op": "exec", "exec": name, "argv": ["true"], "env": ["PATH=/bin"], "cwd": "/", **more})


SESSIONS = {
    "identity-then-exec": opened(1, IDENTITY, FIN) + stdio(3, "e1", 0) + stdio(5, "e1", 1) + stdio(7, "e1", 2)
    + data(3, b"input" * 40, FIN) + execute(9, "e1", user="build") + data(9, b'{"signal":15}\n'),
    "terminal": opened(1, IDENTITY, FIN) + stdio(3, "t", 0) + stdio(5, "t", 1) + data(3, b"typed\n\x03", FIN)
    + execute(7, "t", rows=24, cols=80) + data(7, b'{"rows":50,"cols":132}\n'),
    "terminal-refused": opened(1, WARMING, FIN) + stdio(3, "t", 2) + execute(5, "t", rows=24, cols=80),
    "warming-then-freeze": opened(1, WARMING, FIN) + opened(3, FREEZE, FIN),
    "freeze-then-new-session": opened(1, WARMING, FIN) + opened(3, FREEZE) + PREAMBLE + opened(1, IDENTITY, FIN),
    "dial": opened(1, WARMING, FIN) + opened(3, {"op": "dial", "unix": "/run/docker.sock"})
    + data(3, b"GET / HTTP/1.1\r\n\r\n") + opened(5, {"op": "dial", "tcp": "127.0.0.1:8080"}) + frame(1, FIN, 3, 0),
    "poweroff": opened(1, {"op": "poweroff"}, FIN),
    "line-in-pieces": frame(1, SYN, 1, 4096) + data(1, b'{"op":"iden') + data(1, b'tity","warming":true}\n', FIN),
    "resets": stdio(1, "a", 0) + stdio(3, "a", 1) + frame(1, RST, 1, 0) + data(1, b"late") + frame(1, FIN, 3, 9)
    + execute(5, "a") + frame(1, RST, 5, 0),
    "errors": opened(1, {"op": "nothing"}) + opened(3, {}) + data(5, b"not json\n", SYN | FIN) + data(7, b"{", SYN | FIN),
    "ping-and-go-away": frame(2, SYN, 0, 7) + frame(2, ACK, 0, 7) + frame(3, 0, 0, 0),
    "window-at-its-end": frame(1, SYN, 1, 16 * 1024 * 1024 - 256 * 1024) + frame(1, 0, 1, 1),
    "new-preamble-inside": stdio(1, "e", 1) + PREAMBLE + opened(1, WARMING, FIN) + execute(3, "e"),
    "never-existed": data(99, b"x"),
    "big-payload": data(1, b'{"op":"stdio","exec":"b","fd":0}\n' + bytes(9000), SYN) + data(1, bytes(4000), FIN),
}

LINES = {
    "identity": json.dumps(IDENTITY),
    "warming": json.dumps(WARMING),
    "freeze": json.dumps(FREEZE),
    "exec": json.dumps({"op": "exec", "exec": "e1", "argv": ["make", "-j2", ""], "env": ["A=b", "PATH=/bin:/usr/bin"],
                        "cwd": "/workspace", "user": "build"}),
    "exec-terminal": json.dumps({"op": "exec", "exec": "e1", "argv": ["bash"], "env": [], "cwd": "/", "rows": 24,
                                 "cols": 80}),
    "resize": '{"rows":50,"cols":132}',
    "stdio": '{"op":"stdio","exec":"e1","fd":2}',
    "dial-unix": '{"op":"dial","unix":"/run/docker.sock"}',
    "dial-tcp": ' { "op" : "dial" , "tcp" : "127.0.0.1:8080" } ',
    "poweroff": '{"op":"poweroff"}',
    "signal": '{"signal":15}',
    "escapes": '{"op":"\\u0041\\ud83d\\ude00\\n\\"\\\\\\/\\t","x":"é€😀"}',
    "numbers": '{"a":-9223372036854775808,"b":9223372036854775807,"c":0,"d":-0}',
    "values": '{"a":[],"b":["x","y"],"c":true,"d":false,"e":""}',
}


def write(folder, seeds):
    target = HERE / "corpus" / folder
    target.mkdir(parents=True, exist_ok=True)
    for name, content in seeds.items():
        (target / name).write_bytes(content)


# The first byte says in which pieces the port gives the rest.
write("session", {name: bytes([3 * i + 1]) + b"left over" + PREAMBLE + body
                  for i, (name, body) in enumerate(SESSIONS.items())})
write("json", {name: line.encode() for name, line in LINES.items()})
