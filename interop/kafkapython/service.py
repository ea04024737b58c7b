"""What the tests import of a file that the source archive leaves out: here the broker is always there before."""


class ExternalService:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def open(self):
        pass

    def stop(self):
        pass


class SpawnedService:
    def __init__(self, *_):
        raise RuntimeError("no test starts a broker by itself")
