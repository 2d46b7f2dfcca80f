# SPDX-License-Identifier: Apache-2.0
"""The environment variables of an instance: those of its server and those of its clients."""

import os
from dataclasses import dataclass
from pathlib import Path

from .certificate import Certificate
from .personalize import Timing

HOST = "127.0.0.1"
"""An address and no name, so that every SDK uses path-style requests to buckets and resolves nothing."""

ACCOUNT = "123456789012"
ACCESS_KEY = "test"
SECRET_KEY = "test"
"""The access key of the account's root in ministack."""

LAMBDA_SITE = Path(__file__).with_name("lambda_site")
"""The folder on the path of every Python function that makes its process like one of Lambda."""


@dataclass(frozen=True)
class Settings:
    """The settings of an instance: its address, its folder, its speed and the duration of imports."""

    port: int
    folder: Path
    certificate: Certificate
    region: str
    speed: float
    import_minutes: float | None = None

    @property
    def timing(self) -> Timing:
        """The durations of Personalize."""
        if self.import_minutes is None:
            return Timing(self.speed)
        seconds = self.import_minutes * 60
        return Timing(self.speed, shortest_import=seconds, longest_import=seconds)

    @property
    def endpoint_url(self) -> str:
        """The address of every service."""
        return f"https://{HOST}:{self.port}"

    @property
    def profile(self) -> Path:
        """An empty file that replaces the user's AWS configuration and credentials."""
        return self.folder / "aws-profile"

    def for_clients(self) -> dict[str, str]:
        """The environment variables with which an AWS tool uses this instance and no real AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_SESSION_TOKEN": "",
            "AWS_PROFILE": "default",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": str(self.profile),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.profile),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": str(self.certificate.bundle),
            "NODE_EXTRA_CA_CERTS": str(self.certificate.certificate),
            "SSL_CERT_FILE": str(self.certificate.bundle),
        }

    def for_server(self) -> dict[str, str]:
        """The environment variables that ministack reads at import and that its functions inherit."""
        clients = self.for_clients()
        # Functions act as their role, so no profile may give them the account's root.
        del clients["AWS_PROFILE"]
        return {
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": HOST,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": self.region,
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self.certificate.certificate),
            "MINISTACK_SSL_KEY": str(self.certificate.key),
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "PERSIST_STATE": "0",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(self.folder),
            "PYTHONPATH": str(LAMBDA_SITE),
            **clients,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
