"""Static files under names that carry their content's hash, ES module imports included."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import … from "./x.js"`, so that a module is cached for ever."""

    support_js_module_import_aggregation = True
