"""Uploaded files on their way in: held in memory while they are small, else on disk under a key that nobody keeps."""

from __future__ import annotations

import io
import os
import tempfile
from typing import IO, TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from flask import Request, current_app

if TYPE_CHECKING:
    from typing_extensions import Buffer

_IN_MEMORY = 512 * 1024
_MEGABYTE = 1024 * 1024


class SealedSpool(io.RawIOBase):
    """A file to be written once and read from its start; what reaches the disk is encrypted and has no name.

    Counter mode under a key that lives and dies with this object: it hides the content from whoever gets the disk,
    and needs no integrity, as nobody else can write to the file.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._cipher = Cipher(algorithms.AES(os.urandom(32)), modes.CTR(os.urandom(16)))
        self._stream: CipherContext = self._cipher.encryptor()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def seekable(self) -> bool:
        """Tell that one can go back to the start."""
        return True

    def write(self, content: Buffer, /) -> int:
        """Append bytes."""
        plain = bytes(content)
        self._file.write(self._stream.update(plain))
        return len(plain)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to the start; nothing else is needed of an upload."""
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation
        self._stream = self._cipher.decryptor()
        return self._file.seek(0)

    def tell(self) -> int:
        """Return how far it has been written or read."""
        return self._file.tell()

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer with what follows."""
        view = memoryview(buffer)
        plain = self._stream.update(self._file.read(len(view)))
        view[: len(plain)] = plain
        return len(plain)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        super().close()


class UploadRequest(Request):
    """A request whose uploaded files never lie readable on a disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if total_content_length is not None and total_content_length <= _IN_MEMORY:
            return io.BytesIO()
        return SealedSpool()  # type: ignore[return-value]


def upload_limit() -> int:
    """Return how large a request with an uploaded sheet may be, in bytes."""
    megabytes: int = current_app.extensions["settings"].upload_limit_mb
    return megabytes * _MEGABYTE
