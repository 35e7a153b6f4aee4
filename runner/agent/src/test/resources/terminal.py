"""A terminal for a test: runs a command as the leader of a session at a terminal of its own.

    python3 terminal.py ROWS COLUMNS COMMAND...

On standard input come lines: `type HEX`, `size ROWS COLUMNS`, `signal NUMBER` (to the command), `state`, `hangup`. On
standard output go lines: `up DEVICE PID`, `out HEX` as the terminal shows it, `state raw|cooked`, `exited CODE` (minus
the signal if one killed it). The terminal stays after the command, so that its state can be asked for, until standard
input ends.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def resize(descriptor, rows, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def state(slave):
    """As `stty` has it: cooked if lines are edited, keys echoed, and Ctrl-C is a signal."""
    local = termios.tcgetattr(slave)[3]
    output = termios.tcgetattr(slave)[1]
    bits = [bool(local & flag) for flag in (termios.ICANON, termios.ECHO, termios.ISIG)] + [bool(output & termios.OPOST)]
    return "cooked" if all(bits) else "raw" if not any(bits) else "mixed"


def leader(slave, command):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(slave, number)
    # Whoever runs the tests in the background may ignore SIGINT, which would be inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(command[0], command)


def obey(line, master, slave, child):
    words = line.split()
    if words[0] == "type":
        os.write(master, bytes.fromhex(words[1]))
    elif words[0] == "size":
        resize(slave, int(words[1]), int(words[2]))
    elif words[0] == "signal":
        os.kill(child, int(words[1]))
    elif words[0] == "state":
        say("state", state(slave))


def ended(child):
    """Whether the command has ended, and said so."""
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        say("exited", os.waitstatus_to_exitcode(status))
    return bool(done)


def main():
    master, slave = pty.openpty()
    resize(slave, int(sys.argv[1]), int(sys.argv[2]))
    child = os.fork()
    if child == 0:
        os.close(master)
        leader(slave, sys.argv[3:])
    say("up", os.ttyname(slave), child)
    alive, orders = True, b""
    while True:
        # While the command lives its end has to be noticed, too.
        ready, _, _ = select.select([master, 0], [], [], 0.02 if alive else None)
        if master in ready:
            say("out", os.read(master, 65536).hex())
        elif alive:
            alive = not ended(child)
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                break
            *lines, orders = (orders + more).split(b"\n")
            for line in lines:
                if line == b"hangup":
                    os.close(master)
                    os.waitpid(child, 0)
                    return
                obey(line.decode(), master, slave, child)
    if alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


main()
