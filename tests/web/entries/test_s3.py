"""Evidence in an S3-compatible store: a real one (SeaweedFS), and the stand-in of its libraries' own tests (moto)."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from django.core.files.uploadedfile import SimpleUploadedFile
from moto.server import ThreadedMotoServer

from simsa.web.entries.files import spool, storage
from simsa.web.entries.files.keeping import check_evidence, erase_unneeded, remove_evidence, take_in_evidence
from simsa.web.entries.files.storage import StorageError
from simsa.web.entries.files.uploads import add_file
from simsa.web.entries.models import Evidence
from simsa.web.site.environment import evidence_store
from tests.browser import SKIPPED
from tests.web.people import signed_in

CONTENT = bytes(range(256)) * 40_000  # of three parts, as S3 counts them
KEY, SECRET, BUCKET = "KEY", "a/secret+with:signs", "evidence"


@dataclass(frozen=True)
class Store:
    """Where a store answers; a stand-in looks at no secret."""

    address: str
    stand_in: bool


def free_port() -> int:
    """One below those that systems hand out, with another, 10000 above, that is free as well: SeaweedFS wants both."""
    while True:
        port = random.randrange(11_000, 20_000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 10_000)):
                return port
        except OSError:
            continue


def seaweed(folder: Path) -> tuple[subprocess.Popen, str]:
    program = shutil.which("weed", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"STORE {SKIPPED}there is no SeaweedFS (make setup-dev brings it)")
    identity = {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}]}
    (folder / "s3.json").write_text(json.dumps({"identities": [{**identity, "actions": ["Admin", "Read", "Write"]}]}))
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    options = [f"-{name}.port={port}" for name, port in ports.items()]
    options += [f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.config={folder / 's3.json'}"]
    options += ["-s3.port.iceberg=0", "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=10"]
    server = subprocess.Popen([program, "server", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server, f"127.0.0.1:{ports['s3']}"


@pytest.fixture(scope="module", params=["seaweedfs", "moto"])
def store(request, tmp_path_factory) -> Iterator[Store]:
    """Where a store answers that has an empty bucket."""
    if request.param == "moto":
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        address = "{}:{}".format(*server.get_host_and_port())
        end = server.stop
    else:
        server, address = seaweed(tmp_path_factory.mktemp("weed"))
        end = lambda: (server.kill(), server.wait())  # noqa: E731
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{address}",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )
    for _ in range(100):
        try:
            client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="first", Body=b"")
            break
        except Exception:
            time.sleep(0.2)
    else:
        pytest.fail("the store did not start")
    yield Store(address, stand_in=request.param == "moto")
    end()


@pytest.fixture
def use(settings):
    """`use(address)`: evidence lies in this store from now on."""

    def used(address: str, secret: str = SECRET, bucket: str = BUCKET) -> None:
        quoted = secret.replace("/", "%2F").replace("+", "%2B").replace(":", "%3A")
        chosen = evidence_store(f"http://{KEY}:{quoted}@{address}/{bucket}", Path("unused"))
        settings.STORAGES = {**settings.STORAGES, "evidence": chosen}

    return used


@pytest.mark.django_db
def test_evidence_in_the_store(store, use, entry, owner, examined):
    use(store.address)
    evidence = add_file(entry, owner, SimpleUploadedFile("plan.png", CONTENT))
    assert take_in_evidence(evidence.pk) == "ready"
    evidence.refresh_from_db()
    check_evidence(evidence)
    assert storage.size_of(evidence, storage.ORIGINAL) == len(CONTENT)
    answer = signed_in(owner).get(f"/evidence/{evidence.pk}/original.bin", headers={"Range": "bytes=7000000-"})
    assert b"".join(answer.streaming_content) == CONTENT[7_000_000:]
    remove_evidence(evidence, actor="person/1")
    Evidence.objects.update(removed_at="2026-01-01T00:00:00Z")
    assert erase_unneeded() == 1
    with pytest.raises(StorageError):
        check_evidence(evidence)


@pytest.mark.django_db
def test_a_store_that_does_not_answer_keeps_files_waiting(store, use, entry, owner, examined):
    evidence = add_file(entry, owner, SimpleUploadedFile("plan.png", CONTENT))
    # The stand-in looks at no secret; SeaweedFS makes a bucket that is not there.
    wrong = [
        {"address": f"127.0.0.1:{free_port()}"},
        {"bucket": "another"} if store.stand_in else {"secret": "another"},
    ]
    for setting in wrong:
        use(**{"address": store.address, **setting})
        assert take_in_evidence(evidence.pk) == "waiting"
        check_evidence(evidence)  # what has arrived is still where it arrived
        with pytest.raises(StorageError):
            storage.size_of(evidence, storage.ORIGINAL)
    spool.remove(evidence.pk)
    assert signed_in(owner).get(f"/evidence/{evidence.pk}/original.bin").status_code == 503
