"""`python -m studio_operator.plugin.planning.comment github|gitlab FILE`: one comment a request.

Posts a plan in Markdown on the pull request (merge request) that the job runs for, and the next
time writes over that comment. Where nothing changes in AWS, nothing is posted, unless a comment is
there that would be out of date. The job's own environment says where; the token comes from it too.

- GitHub: GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_EVENT_PATH (REST API, issues'
  comments: https://docs.github.com/rest/issues/comments).
- GitLab: GITLAB_TOKEN, CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID (Notes API; a job's own
  CI_JOB_TOKEN may not write notes).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from studio_operator.plugin.planning.rendering import MARKER, NO_CHANGE

Json = Any
Environment = Mapping[str, str]
# GitHub takes 65,536 characters, GitLab a million.
LONGEST = 65_000
PAGE_SIZE = 100
TIMEOUT_SECONDS = 30.0
RETRIES = urllib3.Retry(total=3, backoff_factor=1.0, status_forcelist=(429, 500, 502, 503, 504))
CUT = "\n\nThe plan is longer than a comment may be: the job's log has all of it.\n"


class CommentError(Exception):
    """The comment could not be posted; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where comments are: their collection, how one of them is written over, and the token."""

    collection: str
    edit: str  # with {} for the comment's id
    edit_method: str
    headers: Mapping[str, str]
    may_fail: bool = False  # of a fork's pull request: GitHub gives it no token that may comment


def main(arguments: list[str], environment: Environment) -> int:
    """The exit code: 0 posted, or nothing to post; 1 failed, with the reason on stderr."""
    try:
        service, file = arguments
        place = PLACES[service](environment)
        text = Path(file).read_text(encoding="utf-8")
        sys.stderr.write(f"{_post_if_allowed(place, text)}\n")
    except (CommentError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except (ValueError, KeyError):
        sys.stderr.write("usage: comment github|gitlab FILE\n")
        return 2
    return 0


def _post_if_allowed(place: Place, text: str) -> str:
    try:
        return post(place, text)
    except CommentError as error:
        if not place.may_fail:
            raise
        return f"No comment, since this is a fork's pull request: {error}"


def post(place: Place, text: str) -> str:
    """Write the comment, or write over the one that is there; what was done, in words."""
    body = shorten(text)
    known = next((one["id"] for one in _comments(place) if _is_ours(one)), None)
    if known is not None:
        _ask(place, place.edit_method, place.edit.format(known), {"body": body})
        return "The comment is written over."
    if NO_CHANGE in text:
        return "No change in AWS: nothing is posted."
    _ask(place, "POST", place.collection, {"body": body})
    return "The comment is posted."


def shorten(text: str) -> str:
    """The text, cut at the end of a line if it is too long for a comment."""
    if len(text) <= LONGEST:
        return text
    return text[: text.rindex("\n", 0, LONGEST - len(CUT))] + CUT


def _is_ours(comment: Json) -> bool:
    return str(comment.get("body") or "").startswith(MARKER)


def _comments(place: Place) -> Iterator[Json]:
    page = 1
    while True:
        address = f"{place.collection}?per_page={PAGE_SIZE}&page={page}"
        found = _ask(place, "GET", address)
        yield from found
        if len(found) < PAGE_SIZE:
            return
        page += 1


def _ask(place: Place, method: str, address: str, body: Json = None) -> Json:
    try:
        answer = urllib3.request(
            method,
            address,
            json=body,
            headers=dict(place.headers),
            timeout=TIMEOUT_SECONDS,
            retries=RETRIES,
        )
    except urllib3.exceptions.HTTPError as error:
        raise CommentError(f"{method} {address}: {error}") from error
    if answer.status >= 300:
        said = answer.data[:300].decode(errors="replace")
        raise CommentError(
            f"{method} {address}: HTTP status {answer.status}: {said} "
            "Check that the token may write comments."
        )
    return json.loads(answer.data)


# --- where ----------------------------------------------------------------------------------------


def github(environment: Environment) -> Place:
    """The pull request of a workflow's event."""
    event = json.loads(Path(_need(environment, "GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
    number = event.get("number") or (event.get("pull_request") or {}).get("number")
    if number is None:
        raise CommentError("the workflow does not run for a pull request: use `on: pull_request`")
    api = environment.get("GITHUB_API_URL", "https://api.github.com")
    issues = f"{api}/repos/{_need(environment, 'GITHUB_REPOSITORY')}/issues"
    headers = {
        "Authorization": f"Bearer {_need(environment, 'GITHUB_TOKEN')}",
        "Accept": "application/vnd.github+json",
    }
    head = ((event.get("pull_request") or {}).get("head") or {}).get("repo") or {}
    return Place(
        f"{issues}/{number}/comments",
        f"{issues}/comments/{{}}",
        "PATCH",
        headers,
        may_fail=bool(head.get("fork")),
    )


def gitlab(environment: Environment) -> Place:
    """The merge request of a pipeline."""
    project = (
        f"{_need(environment, 'CI_API_V4_URL')}/projects/{_need(environment, 'CI_PROJECT_ID')}"
    )
    notes = f"{project}/merge_requests/{_need(environment, 'CI_MERGE_REQUEST_IID')}/notes"
    headers = {"PRIVATE-TOKEN": _need(environment, "GITLAB_TOKEN")}
    return Place(notes, f"{notes}/{{}}", "PUT", headers)


PLACES: Mapping[str, Callable[[Environment], Place]] = {"github": github, "gitlab": gitlab}


def _need(environment: Environment, name: str) -> str:
    value = environment.get(name)
    if not value:
        raise CommentError(f"{name} is not set: the job has to give it")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
