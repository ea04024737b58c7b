"""A Klamm broker in a temporary folder on a free port, for the suites."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Broker:
    """`with Broker() as broker:` starts one; `kill` and `start` again for a crash."""

    def __init__(self, overrides=()):
        self.binary = os.environ["KLAMM_BIN"]
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="klamm-interop-"))
        self.data = self.home / "data"
        self.port = free_port()
        self.overrides = list(overrides)
        self.process = None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        line = [self.binary, "dev", "--dir", str(self.data), "--port", str(self.port)]
        for override in self.overrides:
            line += ["--override", override]
        log = open(self.home / "klamm.log", "a")
        self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"klamm ended at once:\n{self.log()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"klamm does not answer within 30 s:\n{self.log()}")

    def log(self):
        return (self.home / "klamm.log").read_text()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """A clean stop; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise RuntimeError(f"klamm did not stop within 30 s:\n{self.log()}")
        return self.process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            code = self.stop()
            if kind is None and code != 0:
                raise RuntimeError(f"klamm stopped with exit code {code}:\n{self.log()}")
            if kind is not None:
                print(self.log()[-4000:])
        finally:
            if self.process.poll() is None:
                self.process.kill()
            shutil.rmtree(self.home, ignore_errors=True)
