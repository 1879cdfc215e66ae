"""The steps of a release that are about files: version, notes, and the chart as it is published.

    python charts/release.py version v0.2.0    fail unless the files have that version
    python charts/release.py notes v0.2.0 --image ADDRESS --chart ADDRESS
    python charts/release.py chart --image ADDRESS --digest sha256:... --into FOLDER

It needs nothing but Python, since a release installs nothing that could change what it publishes.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHART = Path("charts", "studio-operator")
# What an image's digest looks like (OCI Image Specification, Digests), and a name without a tag.
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
IMAGE = re.compile(r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+")


class ReleaseError(Exception):
    """The files are not fit for this release; the message says what to change."""


def check_version(root: Path, tag: str) -> None:
    """Compare a tag with the version in each file; ReleaseError names the files that differ."""
    wanted = _version_of(tag)
    wrong = {place: found for place, found in _versions(root).items() if found != wanted}
    if wrong:
        places = ", ".join(f"{place} has {found or 'none'}" for place, found in wrong.items())
        raise ReleaseError(f"the tag is {tag}, but {places}: correct the files and tag anew")
    release_notes(root, tag)


def release_notes(root: Path, tag: str) -> str:
    """What CHANGELOG.md says of a version; ReleaseError when it says nothing."""
    version = re.escape(_version_of(tag))
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## \[{version}\].*\n((?:(?!## ).*\n?)*)", changes, re.MULTILINE)
    if found is None or not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md has no changes below `## [{_version_of(tag)}]`")
    return found[1].strip() + "\n"


def write_chart(root: Path, image: str, digest: str, into: Path) -> Path:
    """Copy the chart into a folder, with the published image as its default; return the copy.

    The image is named by digest, so that the chart installs what was built with it. ReleaseError
    when the address or the digest is none, or the chart's files do not have what is to be replaced.
    """
    if not IMAGE.fullmatch(image):
        raise ReleaseError(f"{image} is no address of an image without a tag")
    if not DIGEST.fullmatch(digest):
        raise ReleaseError(f"{digest} is no digest such as sha256:9f86...")
    folder = into / CHART.name
    shutil.copytree(root / CHART, folder)
    values, readme, chart = (folder / name for name in ("values.yaml", "README.md", "Chart.yaml"))
    _replace(values, "  repository: studio-operator\n", f"  repository: {image}\n")
    _replace(values, '  digest: ""\n', f"  digest: {digest}\n")
    for name, value, published in (
        ("repository", "studio-operator", image),
        ("digest", "", digest),
    ):
        row = f"| `image.{name}` | `"
        _replace(readme, f'{row}"{value}"`', f'{row}"{published}"`')
    # Artifact Hub scans and shows the images that this annotation names.
    images = (
        f"  artifacthub.io/images: |\n    - name: studio-operator\n      image: {image}@{digest}\n"
    )
    _replace(chart, "annotations:\n", f"annotations:\n{images}")
    return folder


def _version_of(tag: str) -> str:
    if not re.fullmatch(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", tag):
        raise ReleaseError(f"{tag} is no tag such as v0.2.0")
    return tag.removeprefix("v")


def _versions(root: Path) -> dict[str, str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        "pyproject.toml": project["project"]["version"],
        "Dockerfile": _line_after(root / "Dockerfile", "ARG VERSION="),
        f"version in {CHART}/Chart.yaml": _line_after(root / CHART / "Chart.yaml", "version: "),
        f"appVersion in {CHART}/Chart.yaml": _line_after(
            root / CHART / "Chart.yaml", "appVersion: "
        ),
    }


def _line_after(path: Path, start: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix(start) for line in lines if line.startswith(start)), "")


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ReleaseError(f"{path.name} does not have the line `{before.strip()}` exactly once")
    path.write_text(text.replace(before, after), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="The steps of a release that are about files.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository's folder")
    steps = parser.add_subparsers(dest="step", required=True)
    version = steps.add_parser("version", help="fail unless the files have the tag's version")
    version.add_argument("tag")
    notes = steps.add_parser("notes", help="print the release's notes")
    notes.add_argument("tag")
    notes.add_argument("--image", required=True, help="where the image was pushed")
    notes.add_argument("--chart", required=True, help="where the chart was pushed")
    chart = steps.add_parser("chart", help="write the chart as it is published")
    chart.add_argument("--image", required=True, help="where the image is, without tag and digest")
    chart.add_argument("--digest", required=True)
    chart.add_argument("--into", required=True, type=Path, help="a folder without a chart")
    options = parser.parse_args(arguments)
    try:
        if options.step == "version":
            check_version(options.root, options.tag)
        elif options.step == "notes":
            text = release_notes(options.root, options.tag)
            sys.stdout.write(f"{text}\n- Image: `{options.image}`\n- Chart: `{options.chart}`\n")
        else:
            write_chart(options.root, options.image, options.digest, options.into)
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
