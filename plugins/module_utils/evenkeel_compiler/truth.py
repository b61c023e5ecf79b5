"""Loads all that people wrote about a pool's sites, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import fields, hostname, networks, rules, secrets_var, site_builder, site_file, yamlfile
from .digest import digest
from .errors import NoValue, Problem, TruthInvalid, dotted, shown
from .folder import Folder, read_all
from .kept_sites import KeptSites
from .model import Pool, SettingsFile, Site
from .schema import named
from .settings import Renderer, SettingsRefused
from .site_file import SiteFile

__all__ = ["Problem", "Truth", "TruthInvalid", "digest", "load", "pool_from"]

POOL = "evenkeel_pool"


@dataclass(frozen=True)
class Truth:
    """All sites of a release, ordered by name; `absent` names those that are left out of it."""

    sites: tuple[Site, ...]
    absent: tuple[str, ...] = ()


def load(
    sites_dir: Path | str,
    pool: Pool,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
    kept: KeptSites | None = None,
) -> Truth:
    """The sites below `sites_dir` (`<site>/site.yml`, `<site>/settings/**`).

    `secrets` are texts by site and name; a site that `kept` knows was found right before and is checked against the
    others only. Raises TruthInvalid with every problem of every site.
    """
    sites_dir = Path(sites_dir).absolute()
    if not sites_dir.is_dir():
        raise TruthInvalid([Problem(str(sites_dir), 0, "", "", "missing; a folder beside the inventory with one folder a site")])
    known = dict(secrets or {})
    kept = kept or KeptSites()
    folders, problems = read_all(sites_dir)
    problems += secrets_var.problems(known, {folder.name for folder in folders})
    files = {file.name: file for folder in folders if (file := _file(folder, known, kept, problems))}
    problems += rules.problems(list(files.values()))
    sites = list(_sites(folders, files, pool, kept, problems))
    if problems:
        raise TruthInvalid(problems)
    return Truth(
        tuple(site for site in sites if site.state != "absent"),
        tuple(site.name for site in sites if site.state == "absent"),
    )


def pool_from(values: Any, group: str = "") -> Pool:
    """The pool that the group variable `evenkeel_pool` describes, and that of `group` if one is given. Raises TruthInvalid."""
    if not isinstance(values, dict):
        raise _pool_refused("", "", "a mapping of fields, at least `name`")
    if not values:
        name = group or "web"
        missing = f"missing; write it in group_vars/{name}/evenkeel.yml of the inventory, `name: {name}` is enough"
        raise _pool_refused("", "", missing)
    filled = dict(values)
    wrong = named("pool").complaints(filled)
    if not wrong:
        wrong = [
            ((name, str(at)), text, told)
            for name in ("trusted_probers", "balancers")
            for at, text in enumerate(filled[name])
            if (told := networks.complaint(text))
        ]
    if wrong:
        raise TruthInvalid(Problem(POOL, 0, dotted(path), shown(path, value), allowed) for path, value, allowed in wrong)
    if group and filled["name"] != group:
        raise _pool_refused("name", filled["name"], f"must be {group}, as the group of its hosts")
    frozen: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in filled.items()}
    frozen["learn"] = site_builder.learn(frozen["learn"])
    return Pool(**frozen)


def _pool_refused(field: str, value: str, allowed: str) -> TruthInvalid:
    return TruthInvalid([Problem(POOL, 0, field, value, allowed)])


def _file(folder: Folder, secrets: dict[str, Any], kept: KeptSites, problems: list[Problem]) -> SiteFile | None:
    """The folder's site.yml, checked by itself; None where it cannot even be read."""
    problems += folder.problems
    if folder.site_yml is None:
        return None
    own = secrets_var.of(secrets, folder.name)
    if right := kept.file(folder, own):
        return right
    try:
        file = site_file.read(folder.name, folder.source, folder.site_yml, own)
    except yamlfile.YamlRefused as refusal:
        problems.append(site_file.refused(folder.source, refusal))
        return None
    found = list(_problems(file))
    file.valid = not found
    problems += found
    if file.valid:
        kept.put_file(file)
    return file


def _problems(file: SiteFile) -> Iterator[Problem]:
    if file.values.get("kind") == "php":
        file.values.setdefault("php", {})
    wrong = named("site").complaints(file.values)
    for path, value, allowed in wrong or fields.complaints(file):
        is_name = path[:1] in (("server_name",), ("aliases",)) and isinstance(value, str)
        yield file.problem(path, value, allowed + (hostname.suggestion(value) if is_name else ""))


def _sites(
    folders: list[Folder], files: dict[str, SiteFile], pool: Pool, kept: KeptSites, problems: list[Problem]
) -> Iterator[Site]:
    renderer = Renderer()
    pool_facts = asdict(pool)
    for folder in folders:
        file = files.get(folder.name)
        if file and file.valid:
            site = site_builder.build(file, pool)
            problems += rules.foreign_mount(file, site)
            settings = kept.settings(site.name)
            if settings is None:
                found: list[Problem] = []
                settings = _settings(folder, site, file, renderer, pool_facts, found)
                problems += found
                if not found:
                    kept.put_settings(site.name, settings)
            yield site_builder.with_settings(site, settings)


def _settings(
    folder: Folder, site: Site, file: SiteFile, renderer: Renderer, pool: dict[str, Any], problems: list[Problem]
) -> list[SettingsFile]:
    if not folder.settings:
        return []
    if site.kind == "proxy":
        folder.complain("settings", "nothing here: a site of kind proxy has no document root")
        problems.append(folder.problems[-1])
        return []
    facts = {"site": site_builder.facts(site), "secrets": file.secrets, "pool": pool}
    made: dict[str, SettingsFile] = {}
    for path, raw in folder.settings.items():
        place = f"{folder.source.removesuffix('site.yml')}settings/{path}"
        try:
            one = renderer.render(path, raw, facts, site.htaccess)
        except SettingsRefused as refusal:
            problems.append(Problem(place, refusal.line, "", shown((), NoValue()), refusal.allowed))
            continue
        rival = next((other for other in made if _collide(other, one.path)), None) if len(folder.settings) > 1 else None
        if rival:
            problems.append(Problem(place, 0, "", "", f"a path of its own; another file becomes {rival} already"))
        made[one.path] = one
    return list(made.values())


def _collide(one: str, other: str) -> bool:
    """Whether two paths cannot both be files, also where upper and lower case are the same."""
    one, other = one.casefold(), other.casefold()
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
