"""Static files under names that carry their content's hash, in as few requests as can be."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

LAYERED = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
IMPORTED = re.compile(r'^import \{ ([^}]+) \} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORTED = re.compile(
    r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE
)


class WholeStorage(CompressedManifestStaticFilesStorage):
    """Puts in place what a file imports, so that a page gets all of it in one request.

    `@import url("x.css") layer(y);` gives way to the rules themselves, and
    `import { … } from "./x.js";` to the module. A page loads one module: what two of them
    import would be there twice.
    """

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], **options: Any
    ) -> Iterator[Any]:
        whole = {".css": WholeSheet, ".js": WholeModule}
        opened = {
            name: (whole.get(posixpath.splitext(name)[1], _same)(storage), path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(opened, **options)


def _same(storage: Storage) -> Storage:
    return storage


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


class WholeModule:
    """Opens a module behind those it imports, each once and in a scope of its own.

    It understands what our modules use: imports of names on one line, and exported
    functions, classes and constants.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def open(self, path: str) -> "File[bytes]":
        with self.storage.open(path) as module:
            source = module.read()
        if not IMPORTED.search(source.decode(errors="ignore")):
            return ContentFile(source, name=path)
        parts: dict[str, str] = {}
        own = self._joined(path, parts)
        return ContentFile("".join([*parts.values(), own]).encode(), name=path)

    def _joined(self, path: str, parts: dict[str, str]) -> str:
        """The module, its imports names of `parts`, to which come those it needs."""

        def take(found: re.Match[str]) -> str:
            names, stem = found.groups()
            other = posixpath.join(posixpath.dirname(path), f"{stem}.js")
            if other not in parts:
                parts[other] = self._scope(other, f"${stem}", parts)
            return f"const {{ {names} }} = ${stem};"

        with self.storage.open(path) as module:
            return IMPORTED.sub(take, module.read().decode())

    def _scope(self, path: str, name: str, parts: dict[str, str]) -> str:
        own = self._joined(path, parts)
        exported = ", ".join(EXPORTED.findall(own))
        return (
            f"const {name} = (() => {{\n{EXPORTED.sub('', own)}"
            f"return {{ {exported} }};\n}})();\n"
        )
