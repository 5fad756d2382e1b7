"""The bytes of an uploaded sheet: taken in chunks, unpacked, and refused when they are a bomb or break off."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, TypeAlias

from services.domain.errors import Invalid

TextStream: TypeAlias = "io.BufferedReader[CountedChunks]"

CHUNK = 1 << 16
SAMPLE = 1 << 20

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_BIT = 0x1
# What the standard library raises for damaged archives, beside its own errors.
_BROKEN = (
    *(EOFError, IndexError, NotImplementedError, OSError, OverflowError, RuntimeError, ValueError),
    *(lzma.LZMAError, struct.error, zipfile.BadZipFile, zlib.error),
)
_NESTING = 2
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """What a sheet may cost us; what must be sought in is held in memory as it came, so it has a limit of its own."""

    unpacked: int = 2048 * _MEBIBYTE
    packed: int = 64 * _MEBIBYTE
    shared_texts: int = 32 * _MEBIBYTE
    ratio: int = 200
    ratio_from: int = 16 * _MEBIBYTE


def refusal(code: str) -> Invalid:
    """Return the error that refuses the whole file."""
    return Invalid(code, file=code)


def open_bytes(source: BinaryIO | Iterable[bytes], limits: SheetLimits, *, depth: int = 0) -> TextStream | io.BytesIO:
    """Unpack gzip or zip around a single sheet and return text as a stream, an XLSX workbook as a file to seek in.

    Raises `Invalid` now, or while the stream is read: `sheet_empty`, `not_a_sheet`, `file_truncated`, `zip_bomb`,
    `file_too_large`, `workbook_too_large`, `encrypted_workbook`, `old_workbook`, `zip_of_many`.
    """
    raw = CountedChunks(_chunks(source), limits.unpacked)
    stream = io.BufferedReader(raw, buffer_size=SAMPLE)
    head = stream.peek(len(_OLE))
    if not head:
        raise refusal("sheet_empty")
    if depth > _NESTING:
        raise refusal("not_a_sheet")
    if head.startswith(_GZIP):
        inflated = _guarded(_inflate(gzip.GzipFile(fileobj=stream)), raw, limits)
        return open_bytes(inflated, limits, depth=depth + 1)
    if head.startswith(_ZIP):
        return _open_zip(_seekable(stream, limits), limits, depth)
    if head.startswith(_OLE):
        # Excel wraps a workbook with a password into the container of its older format.
        encrypted = _OLE_ENCRYPTED in _seekable(stream, limits).getvalue()
        raise refusal("encrypted_workbook" if encrypted else "old_workbook")
    return stream


class CountedChunks(io.RawIOBase):
    """Chunks as a raw stream that fills every buffer it is given, counts, and stops at a limit."""

    def __init__(self, chunks: Iterator[bytes], most: int) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self._most = most
        self.count = 0

    def readable(self) -> bool:
        """A stream to read from."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer; fewer bytes only at the end."""
        filled = 0
        while filled < len(buffer):
            if not self._rest:
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                self._rest = memoryview(chunk)
                continue
            size = min(len(buffer) - filled, len(self._rest))
            buffer[filled : filled + size] = self._rest[:size]
            self._rest = self._rest[size:]
            filled += size
        self.count += filled
        if self.count > self._most:
            raise refusal("file_too_large")
        return filled


def _chunks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if hasattr(source, "read"):
        while chunk := source.read(CHUNK):
            yield chunk
    else:
        yield from source


def _inflate(packed: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """The unpacked chunks; a stream that ends early or is broken inside is a truncated file."""
    try:
        while chunk := packed.read(CHUNK):
            yield chunk
    except _BROKEN as broken:
        raise refusal("file_truncated") from broken


def _guarded(unpacked: Iterator[bytes], packed: CountedChunks, limits: SheetLimits) -> Iterator[bytes]:
    count = 0
    for chunk in unpacked:
        count += len(chunk)
        _check_ratio(count, packed.count, limits)
        yield chunk


def _check_ratio(unpacked: int, packed: int, limits: SheetLimits) -> None:
    if unpacked > limits.ratio_from and unpacked > limits.ratio * max(packed, 1):
        raise refusal("zip_bomb")


def _seekable(stream: TextStream, limits: SheetLimits) -> io.BytesIO:
    """The whole packed file in memory: never on disk, where an upload must not lie unencrypted."""
    content = stream.read(limits.packed + 1)
    if len(content) > limits.packed:
        raise refusal("workbook_too_large")
    return io.BytesIO(content)


def _open_zip(packed: io.BytesIO, limits: SheetLimits, depth: int) -> TextStream | io.BytesIO:
    try:
        archive = zipfile.ZipFile(packed)
    except _BROKEN as broken:
        raise refusal("file_truncated") from broken
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    if any(member.flag_bits & _ENCRYPTED_BIT for member in members):
        raise refusal("encrypted_workbook")
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        return packed
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise refusal("not_a_sheet")
    sheets = [member for member in members if not _is_litter(member.filename)]
    if len(sheets) != 1:
        raise refusal("zip_of_many" if sheets else "sheet_empty")
    return open_bytes(member_chunks(archive, sheets[0], limits), limits, depth=depth + 1)


def _is_litter(name: str) -> bool:
    """What operating systems put into archives by themselves."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def member_chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: SheetLimits) -> Iterator[bytes]:
    """Yield one member unpacked; `file_truncated`, `zip_bomb` and `file_too_large` while it is read."""
    try:
        part = archive.open(member)
    except _BROKEN as broken:
        raise refusal("file_truncated") from broken
    count = 0
    with part:
        for chunk in _inflate(part):
            count += len(chunk)
            _check_ratio(count, member.compress_size, limits)
            if count > limits.unpacked:
                raise refusal("file_too_large")
            yield chunk
