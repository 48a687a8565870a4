"""Static files under names that carry their content's hash, in as few requests as can be."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

LAYERED = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Rewrites what a file imports: modules by their hash, style sheets in place.

    `import … from "./x.js"` gets the name under which the module is cached for ever;
    `@import url("x.css") layer(y);` gives way to the rules themselves.
    """

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], **options: Any
    ) -> Iterator[Any]:
        whole = {
            name: (WholeSheet(storage) if name.endswith(".css") else storage, path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(whole, **options)


class WholeSheet:
    """Opens a style sheet with what it imports into layers in place of the imports."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def open(self, path: str) -> "File[bytes]":
        with self.storage.open(path) as sheet:
            css = sheet.read().decode()

        def layer(found: re.Match[str]) -> str:
            imported = posixpath.join(posixpath.dirname(path), found[1])
            with self.storage.open(imported) as rules:
                return f"@layer {found[2]} {{\n{rules.read().decode()}}}"

        return ContentFile(LAYERED.sub(layer, css).encode(), name=path)
