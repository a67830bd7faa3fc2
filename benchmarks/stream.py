"""Five hundred screens on one process at ten events a second: what arrives, how late, at what cost.

Run: ``.venv/bin/python benchmarks/stream.py [screens] [events a second] [seconds]``. The server runs in this process
on a scratch folder; the screens are plain sockets in another. Prints events received, delay p50 and p99, CPU share.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

SCREENS, RATE, SECONDS = (int(x) for x in (*sys.argv[1:4], *("500", "10", "20")[len(sys.argv) - 1 :]))


async def watch(port: int, token: str, delays: list[float], ready: asyncio.Semaphore) -> None:
    """Follow the stream as a browser does and note how late each event comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /stream/?topics={token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await writer.drain()
    await reader.readuntil(b"retry: 2000")
    ready.release()
    while line := await reader.readline():
        if line.startswith(b"data: ") and b'"bench.tick"' in line:
            delays.append(time.time() - json.loads(line[6:])["payload"]["sent"])


async def screens(port: int, token: str) -> None:
    """Open every screen, say when they are all there, and count until told to stop."""
    delays: list[float] = []
    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(watch(port, token, delays, ready)) for _ in range(SCREENS)]
    for _ in range(SCREENS):
        await ready.acquire()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    for task in tasks:
        task.cancel()
    delays.sort()
    found = {
        "received": len(delays),
        "p50_ms": round(1000 * delays[len(delays) // 2], 1),
        "p99_ms": round(1000 * delays[int(0.99 * len(delays))], 1),
    }
    print(json.dumps(found), flush=True)


def main() -> None:
    """Serve, send and sum up."""
    if os.environ.get("BENCH_SCREENS"):
        port, token = os.environ["BENCH_SCREENS"].split(" ", 1)
        asyncio.run(screens(int(port), token))
        return
    os.environ |= {"RESSORT_DATA": tempfile.mkdtemp(), "DJANGO_SETTINGS_MODULE": "ressort.config.settings"}
    import django

    django.setup()
    import uvicorn
    from django.core.management import call_command
    from django.db import transaction

    from ressort.config.asgi import application
    from ressort.core.journal import declare, record
    from ressort.core.live import tokens

    call_command("migrate", verbosity=0)
    declare("bench.tick", "Tic.", "sent")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(application, port=port, log_level="error", http="h11", timeout_graceful_shutdown=2)
    )
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    env = {**os.environ, "BENCH_SCREENS": f"{port} {tokens.sign('kind:bench')}"}
    child = subprocess.Popen(
        [sys.executable, *sys.argv], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    cpu, start = time.process_time(), time.monotonic()
    for n in range(RATE * SECONDS):
        with transaction.atomic():
            record("bench.tick", actor="system:bench", payload={"sent": time.time()})
        time.sleep(max(0.0, start + (n + 1) / RATE - time.monotonic()))
    share = (time.process_time() - cpu) / (time.monotonic() - start)
    time.sleep(1)
    child.stdin.write("\n")
    child.stdin.flush()
    found = json.loads(child.stdout.readline())
    expected = SCREENS * RATE * SECONDS
    print(
        json.dumps(
            {"screens": SCREENS, "rate": RATE, "expected": expected, **found, "cpu_share": round(share, 3)}
        )
    )
    server.should_exit = True
    child.wait(10)


if __name__ == "__main__":
    main()
