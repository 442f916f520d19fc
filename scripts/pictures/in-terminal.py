"""Runs a command on a terminal of 110 by 34 and passes on what it draws: python3 in-terminal.py PROGRAM ARGUMENT..."""
import fcntl, os, pty, struct, sys, termios

pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 34, 110, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        drawn = os.read(terminal, 65536)
    except OSError:
        break
    if not drawn:
        break
    os.write(1, drawn)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
