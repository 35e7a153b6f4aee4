#!/usr/bin/env python3
"""The host's side of `runner bench io`.

    io.py make TREE            writes 20,000 files in 200 directories, 1 GB in all, the same ones every time
    io.py measure TREE WORK    prints one JSON object of what this host does with them, by itself

`measure` copies TREE into WORK with `tar c | tar x`, reads every file of the copy, and sends bytes and lines through a
pipe. It begins and ends with nothing left to be written to the disk, as each measurement in a guest does.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time

DIRECTORIES, FILES = 200, 100
SHORTEST, LONGEST = 1000, 106000
BYTES = 1 << 30
LOG_BYTES = 256 << 20
LINE = "[INFO] a line of a build's log, as long as most of them are, with the name of a file: src/main/A.java"


def make(tree):
    numbers = random.Random(1)
    block = numbers.randbytes(1 << 20)
    for i in range(DIRECTORIES):
        directory = os.path.join(tree, "dir%03d" % i)
        os.makedirs(directory)
        for j in range(FILES):
            length = numbers.randint(SHORTEST, LONGEST)
            begin = numbers.randint(0, len(block) - length)
            with open(os.path.join(directory, "file%03d.dat" % j), "wb") as file:
                file.write(block[begin : begin + length])


def pipeline(*commands):
    """Runs commands one into the next; the seconds until all have ended."""
    began = time.monotonic()
    processes = []
    for command in commands:
        source = processes[-1].stdout if processes else subprocess.DEVNULL
        sink = subprocess.DEVNULL if command is commands[-1] else subprocess.PIPE
        processes.append(subprocess.Popen(command, stdin=source, stdout=sink))
        if len(processes) > 1:
            source.close()
    codes = [process.wait() for process in processes]
    # `yes` ends by SIGPIPE, as it is meant to.
    if any(code not in (0, -13) for code in codes):
        raise SystemExit("%s ended with %s" % (commands, codes))
    return time.monotonic() - began


def measure(tree, work):
    copy = os.path.join(work, "copy")
    os.mkdir(copy)
    os.sync()
    write = pipeline(["tar", "-c", "-C", tree, "."], ["tar", "-x", "-C", copy])
    read = pipeline(["find", copy, "-type", "f", "-print0"], ["xargs", "-0", "-n", "500", "-P", "2", "cat"])
    shutil.rmtree(copy)
    pipe = pipeline(["head", "-c", str(BYTES), "/dev/zero"], ["cat"])
    log = pipeline(["yes", LINE], ["head", "-c", str(LOG_BYTES)], ["cat"])
    os.sync()
    print(json.dumps({"write_s": write, "read_s": read, "pipe_mb_s": BYTES / 1e6 / pipe, "log_mb_s": LOG_BYTES / 1e6 / log}))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "make":
        make(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "measure":
        measure(sys.argv[2], sys.argv[3])
    else:
        raise SystemExit(__doc__)
