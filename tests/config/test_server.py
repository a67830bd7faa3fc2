"""What the server refuses before any long work: a port or a folder that serves already."""

import socket

import pytest

from ressort.config import server
from ressort.core.errors import Refused


def test_a_port_in_use_is_refused_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=rf"port {port} .*make run PORT={port + 1}"):
            server.claim(port)


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True)])
def test_a_folder_that_serves_is_not_prepared_again_meanwhile(tmp_path, first, second):
    folder = tmp_path / "var"
    again = server.hold(folder, alone=second)
    with server.hold(folder, alone=first), pytest.raises(Refused, match="RESSORT_DATA"):
        again.__enter__()
    with server.hold(folder, alone=True):
        assert folder.is_dir(), "given back, and held again"


def test_several_servers_share_a_folder(tmp_path):
    with server.hold(tmp_path, alone=False), server.hold(tmp_path, alone=False):
        assert (tmp_path / ".lock").exists()
