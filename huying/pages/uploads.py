"""How a file comes in: onto the disk without a name, so that nothing unsealed outlives its request or a crash."""

from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from huying.vault.files import LARGEST

_MOST = 20  # files of one form; of more only name and size are told


class Nameless(FileUploadHandler):
    """Keeps of each file no more than shows that it is too large; `size` is what was sent."""

    taken: IO[bytes]
    count = 0

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.taken = TemporaryFile()  # noqa: SIM115  # Django closes it with the request
        self.count += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.count <= _MOST:
            self.taken.write(raw_data[: max(0, LARGEST + 1 - start)])

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        self.taken.seek(0)
        return UploadedFile(self.taken, self.file_name, self.content_type, file_size, self.charset)
