"""Klamm for the suites: in a temporary folder on a free port, or on any folder with a properties file."""
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


class Klamm:
    """A process of Klamm: `start`, `stop`, `kill`, and `start` again."""

    def __init__(self, port, log_file):
        self.binary = os.environ["KLAMM_BIN"]
        self.port, self.log_file = port, log_file
        self.process = None

    def line(self):
        raise NotImplementedError

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def launch(self):
        """Starts the process and does not wait for it."""
        with open(self.log_file, "a") as log:
            self.process = subprocess.Popen(self.line(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        self.launch()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"klamm ended at once:\n{self.log()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"klamm does not answer within 60 s:\n{self.log()}")

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """A clean stop; returns its exit code."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise RuntimeError(f"klamm did not stop within 60 s:\n{self.log()}")
        return self.process.returncode


class Serve(Klamm):
    """`klamm serve` on what a properties file says; the folder must be formatted."""

    def __init__(self, properties, port, log_file):
        super().__init__(port, log_file)
        self.properties = properties

    def line(self):
        return [self.binary, "serve", str(self.properties)]


class Broker(Klamm):
    """`klamm dev`: `with Broker() as broker:` starts one; `kill` and `start` again for a crash."""

    def __init__(self, overrides=()):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="klamm-interop-"))
        self.data = self.home / "data"
        self.overrides = list(overrides)
        super().__init__(free_port(), self.home / "klamm.log")

    def line(self):
        line = [self.binary, "dev", "--dir", str(self.data), "--port", str(self.port)]
        for override in self.overrides:
            line += ["--override", override]
        return line

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
            if self.is_running():
                self.process.kill()
            shutil.rmtree(self.home, ignore_errors=True)
