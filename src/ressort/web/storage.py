"""Static files: hashed names for ever, compressed once, modules that find each other under those names."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Manifest storage that also rewrites the imports between JavaScript modules.

    Third-party modules end in ``.mjs``: they are hashed like the rest but never rewritten, and pages give their
    addresses through the import map (see ``web/base.html``).
    """

    support_js_module_import_aggregation = True
    keep_intermediate_files = False

    def should_skip(self, name: str) -> bool:
        """Tell whether a file is data for the server, which no browser asks for."""
        return name.startswith("vendor/decoupage-administratif/")

    def post_process(self, paths, dry_run=False, **options):  # noqa: ANN001, ANN201, FBT002, ANN003
        """Hash and compress what browsers fetch; leave the server's own data as they are."""
        kept = {name: place for name, place in paths.items() if not self.should_skip(name)}
        yield from super().post_process(kept, dry_run=dry_run, **options)
