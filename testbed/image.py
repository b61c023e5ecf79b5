"""The image hosts start from: Debian's own packages, baked once per machine and recipe."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

from . import bed, sources
from .command import last_words, run
from .errors import TestbedError
from .podman import podman

RECIPE = Path(__file__).resolve().parent / "recipe"
REPOSITORY = "localhost/evenkeel-testbed"
WORK = Path("/var/tmp/evenkeel-testbed")
BARE_MINIMUM_BYTES = 4 * 1024**3


def tag(release: str) -> str:
    """The image's name: its last part changes with the recipe, so a changed recipe is a new image."""
    return f"{REPOSITORY}:{release}-{recipe_hash()}"


def recipe_hash() -> str:
    digest = hashlib.sha256()
    for path in (RECIPE / "packages", RECIPE / "preferences", RECIPE / "customize.sh"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def ensure(release: str) -> str:
    """The image's name, after building it if this machine does not have it yet."""
    with bed.machine_lock("image-" + release):
        if podman("image", "exists", tag(release), check=False).code:
            build(release)
    return tag(release)


def build(release: str) -> None:
    say(f"image {release} | Bake Debian {release} with everything roles need, once per machine (1 to 3 minutes)")
    started = time.monotonic()
    tar = workshop(release) / "root.tar"
    try:
        bake(release, tar)
        say(f"image {release} | Hand it to podman")
        # the CMD is systemd; a half-written import leaves no tag, so a killed build simply starts again
        podman("import", "--quiet", "--change", "CMD=/sbin/init", str(tar), tag(release))
    finally:
        shutil.rmtree(tar.parent, ignore_errors=True)
    say(f"image {release} | Ready after {time.monotonic() - started:.0f} s: {tag(release)}")


def workshop(release: str) -> Path:
    """An empty folder to build in; what killed builds left goes away first, as far as their last processes let go."""
    WORK.mkdir(parents=True, exist_ok=True)
    for left in WORK.glob(release + "-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=release + "-", dir=WORK))
    folder.chmod(0o755)
    if shutil.disk_usage(folder).free < BARE_MINIMUM_BYTES:
        raise TestbedError("Less than 4 GiB are free under /var: make room, then then type this again.")
    return folder


def bake(release: str, tar: Path) -> None:
    answer = run(recipe_command(release, tar), check=False)
    if answer.code:
        errors = [line for line in answer.err.splitlines() if line.startswith("E: ")]
        reason = (errors[0][3:] if errors else last_words(answer)).rstrip(".")
        raise TestbedError(f"Baking the {release} image failed: {reason}. "
                           "Check that 'apt-get update' works here, then type this again.")


def recipe_command(release: str, tar: Path) -> list[str]:
    """mmdebstrap in a mount namespace of its own (a killed build leaves no mounts) and not outliving us."""
    return ["setpriv", "--pdeathsig", "TERM", "unshare", "--mount", "--propagation", "private",
            "env", f"TMPDIR={tar.parent}", "SOURCE_DATE_EPOCH=0",
            "mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", "--keyring=" + sources.keyring(),
            "--include={}".format(",".join(packages())), *sources.apt_options(),
            "--skip=cleanup/apt/lists",  # apt works inside without an update first
            "--setup-hook=mkdir -p \"$1/etc/apt/preferences.d\"",
            "--setup-hook=cp %s \"$1/etc/apt/preferences.d/evenkeel-testbed\"" % (RECIPE / "preferences"),
            "--customize-hook=%s" % (RECIPE / "customize.sh"),
            release, str(tar), *sources.lines_for(release)]


def packages() -> list[str]:
    lines = (RECIPE / "packages").read_text(encoding="ascii").splitlines()
    return [name for line in lines if not line.startswith("#") for name in line.split()]


def remove_all() -> None:
    """Every image of the bed, whatever its recipe; those that a host still uses stay."""
    for name in podman("images", "--format", "{{.Repository}}:{{.Tag}}").out.split():
        if name.startswith(REPOSITORY + ":"):
            podman("rmi", name, check=False)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
