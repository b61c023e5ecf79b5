"""One compilation, from the folder of sites to a build that can be sent; an unchanged truth is recognised first."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2

from ..evenkeel import diff, plan, site_probes
from ..evenkeel import release as built
from ..evenkeel.manifest import MANIFEST, PROBES, Manifest
from . import schema, truth
from .build_store import PAYLOAD, SITES, BuildStore, Latest
from .compile import Release, compile_pool
from .kept_sites import KeptSites
from .model import Pool
from .payload import payload

TEMPLATES = ("roles/apache/templates", "roles/php_fpm/templates")
CODE = ("plugins/module_utils/evenkeel_compiler", "plugins/module_utils/evenkeel/manifest.py", "schemas")

Secrets = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Order:
    """What to compile. `project` is the checkout; `build_dir` gets `<environment>/<pool>/<id>/`."""

    project: Path
    environment: str
    pool: Pool
    sites_dir: Path
    build_dir: Path
    template_dirs: Sequence[Path]
    secrets: Secrets


@dataclass(frozen=True)
class Build:
    """What came out. The lists compare it with the build before; `diff` is for people and holds no secret."""

    id: str
    path: Path
    payload: Path
    sites: int
    changed: bool
    php_versions: tuple[str, ...] = ()
    sites_added: tuple[str, ...] = ()
    sites_changed: tuple[str, ...] = ()
    sites_removed: tuple[str, ...] = ()
    diff: str = ""


def use_schemas(project: Path) -> None:
    """Ansible runs a module out of an archive, in which the schemas do not lie beside the code."""
    schema.SCHEMAS = project / "schemas"


def template_dirs(project: Path) -> tuple[Path, ...]:
    """The templates of the roles of `project`."""
    return tuple(project / folder for folder in TEMPLATES)


def build(order: Order, dry: bool = False) -> Build:
    """Compile what changed; `dry` writes nothing. Raises TruthInvalid or RenderFailed."""
    store = BuildStore(order.build_dir / order.environment / order.pool.name)
    ground = _ground(order)

    def compiled() -> Release:
        kept = KeptSites(ground, store.note(SITES))
        loaded = truth.load(order.sites_dir, order.pool, order.secrets, kept)
        release = compile_pool(loaded, order.pool, order.template_dirs, kept)
        if not dry:
            store.put_note(SITES, kept.to_bytes())
        return release

    own = {"ground": ground, "secrets": order.secrets, "folder": order.sites_dir.name}  # files name where they come from
    return keep(store, truth.digest((order.sites_dir,), own), compiled, dry)


def keep(store: BuildStore, inputs: str, compiled: Callable[[], Release], dry: bool) -> Build:
    """What `compiled` makes, kept in `store`; not asked at all when `inputs` are those of the build before."""
    latest = store.latest()
    if latest and latest.inputs == inputs:
        return Build(latest.id, store.path(latest.id), store.payload(latest.id), latest.sites, False, latest.php_versions)
    release = compiled()
    result = _compared(store, latest, release)
    if not dry:
        store.save(release.id, _files(release), latest.id if latest else "")
        store.point(Latest(release.id, inputs, result.sites, result.php_versions))
    return result


def _ground(order: Order) -> str:
    """All that every site depends on."""
    return inputs_digest(order.project, order.template_dirs, {"pool": asdict(order.pool)})


def inputs_digest(project: Path, roots: Iterable[Path], facts: Mapping[str, Any]) -> str:
    """Everything that can change a byte of a release: the truth, the templates and the compiler itself."""
    tools = {"jinja2": jinja2.__version__, "python": platform.python_version_tuple()[:2]}
    return truth.digest((*roots, *(project / folder for folder in CODE)), {**facts, **tools})


def _files(release: Release) -> dict[str, bytes]:
    contents = {path: file.content for path, file in release.files.items()}
    return {MANIFEST: release.manifest_bytes, **contents, PAYLOAD: payload(release)}


def _compared(store: BuildStore, latest: Latest | None, release: Release) -> Build:
    before = store.load(latest.id) if latest else None
    live = before or built.Release("", "", Manifest(release.manifest.pool, (), {}, {}, release.manifest.tier), {})
    candidate = built.Release(release.id, "", release.manifest, site_probes.parse(release.files[PROBES].content))
    change = plan.plan(live, candidate)
    return Build(
        id=release.id,
        path=store.path(release.id),
        payload=store.payload(release.id),
        sites=len(release.manifest.sites),
        changed=latest is None or latest.id != release.id,
        php_versions=release.manifest.php_versions,
        sites_added=change.added,
        sites_changed=change.changed,
        sites_removed=change.removed,
        diff=diff.describe(live, candidate, change, lambda path: release.files[path].content) if before else "",
    )
