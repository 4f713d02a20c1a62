"""Evidence in an S3-compatible store (the extra `s3`): private, written once, and never in memory as a whole."""

from __future__ import annotations

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage


class PrivateBucket(S3Storage):
    """What the settings name, and how patient to be with it.

    Checksums of newer kinds are asked for only where a store demands them: not every store knows them. A connection is
    tried for five seconds, and everything twice; who asked is told, and what arrived goes on waiting.
    """

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "addressing_style": "path",
            "client_config": Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=30,
                retries={"total_max_attempts": 2},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            "default_acl": None,
            "file_overwrite": True,
            "max_memory_size": 1024 * 1024,
            "transfer_config": TransferConfig(use_threads=False),
        }
