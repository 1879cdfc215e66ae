"""`kubectl studio` as one file for a platform, and the manifest by which krew installs it.

    python release/plugin.py wheels [--platform linux/arm64] [--python 3.12]
    python release/plugin.py build --into FOLDER [--platform all]
    python release/plugin.py manifest --into FOLDER --base URL --homepage URL [--platform all]

A file holds the wheels of `constraints-image.txt` that the project needs, byte for byte as their
hashes say, for several versions of Python. pip takes wheels for other platforms as they are, so
nothing is compiled, and one machine builds all. The same sources give the same bytes.

It needs pip, and of other packages only those of `constraints-plugin.txt`. It has a folder of its
own since `charts` is Helm's, and a folder `packaging` would hide the package of that name.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = "constraints-image.txt"
PROGRAM = "kubectl-studio"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Zip archives know no time before 1980.
SOURCE_DATE_EPOCH = "315532800"
URL = re.compile(r"https?://[A-Za-z0-9._~:/%+-]+")


class PluginError(Exception):
    """What was asked for can't be built; the message says why."""


@dataclass(frozen=True)
class Platform:
    """Where the plug-in runs: named as Go and krew do, and as wheels do for pex and for pip.

    On Linux that is glibc 2.17 or newer, and on macOS the release that the wheels name.
    """

    name: str
    pex_tag: str
    pip_tags: tuple[str, ...]

    def archive(self, version: str) -> str:
        """The archive's file name, such as `kubectl-studio_v0.2.0_linux_amd64.tar.gz`."""
        return f"{PROGRAM}_v{version}_{self.name.replace('/', '_')}.tar.gz"


PLATFORMS = {
    one.name: one
    for one in (
        Platform("linux/amd64", "linux_x86_64", ("manylinux_2_17_x86_64", "manylinux2014_x86_64")),
        Platform(
            "linux/arm64", "linux_aarch64", ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
        ),
        Platform("darwin/amd64", "macosx_10_15_x86_64", ("macosx_10_15_x86_64",)),
        Platform("darwin/arm64", "macosx_11_0_arm64", ("macosx_11_0_arm64",)),
    )
}

# The fields are those of krew's documentation, Writing Krew plugin manifests. Without `files` all
# of an archive is installed, and krew wants the license to be among it.
MANIFEST = """\
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: studio
spec:
  version: v{version}
  homepage: {homepage}
  shortDescription: Open, start, stop and explain SageMaker Studio spaces
  description: |
    For clusters where Studio Operator keeps Amazon SageMaker Studio domains, user profiles and
    spaces. Opens spaces, starts and stops them, explains what they wait for, and shows what they
    cost and what a change would do in AWS.
  caveats: |
    Needs CPython {oldest} to {newest} on PATH, and on Linux glibc 2.17 or newer.
    The first start unpacks some 250 MB into ~/.cache/pex (macOS: ~/Library/Caches/pex) and takes
    some seconds.
  platforms:
"""
MANIFEST_PLATFORM = """\
    - selector:
        matchLabels:
          os: {os}
          arch: {arch}
      uri: {base}/{archive}
      sha256: {sha256}
      bin: {program}
"""


def build(target: Platform, pythons: Sequence[str], into: Path, cache: Path) -> Path:
    """Build the archive for one platform into a folder; return its path."""
    version = project_version()
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="plugin-") as temporary:
        work = Path(temporary)
        wheels = work / "wheels"
        wheels.mkdir()
        for folder in [fetch_wheels(target, python, cache) for python in pythons]:
            for wheel in folder.iterdir():
                shutil.copyfile(wheel, wheels / wheel.name)  # one without compiled code is in each
        build_project_wheel(work / "project", wheels)
        program = work / PROGRAM
        pack(f"studio-operator=={version}", wheels, target, pythons, program)
        return write_archive(program, into / target.archive(version))


def fetch_wheels(target: Platform, python: str, cache: Path) -> Path:
    """Fetch what is pinned for a platform and a Python, hashes checked; return the folder.

    What was fetched for the same pins is used again. PluginError when a package has no such wheel.
    """
    pins = hashlib.sha256((ROOT / PINS).read_bytes()).hexdigest()[:12]
    folder = cache / f"{target.pex_tag}-{python}-{pins}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetching-") as temporary:
        fetched = Path(temporary) / "wheels"
        options = ["--no-deps", "--require-hashes", "--only-binary=:all:", f"--dest={fetched}"]
        options += [f"--platform={tag}" for tag in target.pip_tags]
        options += ["--implementation=cp", f"--python-version={python}"]
        _run("pip", "download", "--quiet", *options, f"--requirement={ROOT / PINS}")
        fetched.rename(folder)
    return folder


def build_project_wheel(source: Path, into: Path) -> None:
    """Build the wheel of the project, without the simulator, which is for tests."""
    skipped = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "operator", source / "operator", ignore=skipped)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    (source / "simulator").mkdir()
    # A wheel keeps the files' rights, which would be those of whoever has cloned the repository.
    for path in source.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    options = ("--no-deps", "--no-build-isolation", "--no-index", f"--wheel-dir={into}")
    _run("pip", "wheel", "--quiet", *options, str(source))


def pack(
    requirement: str, wheels: Path, target: Platform, pythons: Iterable[str], output: Path
) -> None:
    """Pack a project, and of the wheels those that it needs, into one file that runs it."""
    versions = [one.replace(".", "") for one in pythons]
    platforms = [f"--platform={target.pex_tag}-cp-{one}-cp{one}" for one in versions]
    _run(
        "pex",
        requirement,
        f"--pre-resolved-dists={wheels}",
        *platforms,
        f"--script={PROGRAM}",
        # /bin/sh looks for a Python that the file has wheels for. The first start unpacks them into
        # a virtual environment, from which later ones start as quickly as an installed program.
        "--venv",
        "--sh-boot",
        "--no-pre-install-wheels",  # the wheels stay as they are
        "--no-pypi",
        "--disable-cache",
        f"--output-file={output}",
    )


def write_archive(program: Path, archive: Path) -> Path:
    """Write the program and the license as a .tar.gz that depends on nothing else; return it."""
    with (
        archive.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path, name, mode in (
            (ROOT / "LICENSE", "LICENSE", 0o644),
            (program, PROGRAM, 0o755),
        ):
            member = tarfile.TarInfo(name)
            member.size = path.stat().st_size
            member.mode = mode
            with path.open("rb") as content:
                tar.addfile(member, content)
    return archive


def write_manifest(targets: Iterable[Platform], into: Path, base: str, homepage: str) -> Path:
    """Write krew's manifest for archives of a folder, which are published below an address.

    PluginError when an archive is missing, or an address is none.
    """
    for address in (base, homepage):
        if not URL.fullmatch(address):
            raise PluginError(f"{address} is no address such as https://example.com/releases")
    version = project_version()
    text = MANIFEST.format(
        version=version, homepage=homepage, oldest=PYTHONS[0], newest=PYTHONS[-1]
    )
    for target in targets:
        archive = into / target.archive(version)
        if not archive.is_file():
            raise PluginError(f"{archive} is missing: build it first")
        system, _, arch = target.name.partition("/")
        text += MANIFEST_PLATFORM.format(
            os=system,
            arch=arch,
            base=base.rstrip("/"),
            archive=archive.name,
            sha256=hashlib.sha256(archive.read_bytes()).hexdigest(),
            program=PROGRAM,
        )
    manifest = into / "studio.yaml"  # krew wants a manifest to be called as its plug-in
    manifest.write_text(text, encoding="utf-8")
    return manifest


def project_version() -> str:
    """The version that pyproject.toml has, such as `0.2.0`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version: str = project["project"]["version"]
    return version


def own_platform() -> str:
    """Name this machine's platform, which need not be one of PLATFORMS."""
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}/{arch}"


def own_python() -> str:
    """The version of the Python that runs this, such as `3.11`."""
    return ".".join(str(part) for part in sys.version_info[:2])


def _targets(name: str) -> list[Platform]:
    if name == "all":
        return list(PLATFORMS.values())
    if name not in PLATFORMS:
        raise PluginError(f"there are files for {', '.join(PLATFORMS)}, not for {name}")
    return [PLATFORMS[name]]


def _run(module: str, *words: str) -> None:
    """Run a Python module that prints only what is wrong; PluginError with the end of that."""
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }
    ended = subprocess.run(  # noqa: S603 - words of our own
        [sys.executable, "-m", module, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise PluginError(f"{module} {words[0]} failed:\n{ended.stdout[-4000:]}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="kubectl studio as one file for a platform.")
    parser.add_argument(
        "--cache", type=Path, default=ROOT / ".cache" / "plugin", help="where fetched wheels are"
    )
    targets = argparse.ArgumentParser(add_help=False)
    targets.add_argument(
        "--platform", choices=[*PLATFORMS, "all"], default=own_platform(), help="this one's if none"
    )
    pythons = argparse.ArgumentParser(add_help=False)
    pythons.add_argument(
        "--python",
        choices=[*PYTHONS, "own"],
        action="append",
        help="the versions to run on; all if none",
    )
    into = argparse.ArgumentParser(add_help=False)
    into.add_argument("--into", required=True, type=Path, help="the folder of the archives")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("wheels", parents=[targets, pythons], help="fetch what is packed")
    steps.add_parser("build", parents=[targets, pythons, into], help="build archives")
    manifest = steps.add_parser("manifest", parents=[targets, into], help="write krew's manifest")
    manifest.add_argument("--base", required=True, help="where the archives are published")
    manifest.add_argument("--homepage", required=True)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; prints the files that it wrote, and returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        targets = _targets(options.platform)
        if options.step == "manifest":
            written = [write_manifest(targets, options.into, options.base, options.homepage)]
        else:
            named = options.python or PYTHONS
            pythons = [own_python() if one == "own" else one for one in named]
            if options.step == "build":
                written = [build(one, pythons, options.into, options.cache) for one in targets]
            else:
                written = [
                    fetch_wheels(one, version, options.cache)
                    for one in targets
                    for version in pythons
                ]
    except PluginError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{path}\n" for path in written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
