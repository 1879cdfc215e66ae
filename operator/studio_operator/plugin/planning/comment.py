"""`python -m studio_operator.plugin.planning.comment github|gitlab FILE DATA`: one comment.

Posts a plan in Markdown (FILE) on the pull request (merge request) that the job runs for, and the
next time writes over that comment: the one that begins with our marker and that the token's own
account wrote, since anybody can write a marker. Where nothing changes in AWS, as the plan's JSON
(DATA) says, nothing is posted, unless a comment is there that would be out of date. The job's own
environment says where; the token comes from it too.

- GitHub: GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_EVENT_PATH (REST API, issues'
  comments: https://docs.github.com/rest/issues/comments).
- GitLab: GITLAB_TOKEN, CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID (Notes API; a job's own
  CI_JOB_TOKEN may not write notes).
- STUDIO_AUTHOR: the account that writes the comment. The service is asked when it is not given.
  GitHub answers 403 to the token of an app, as that of a workflow is, whose name is taken then.
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

from studio_operator.plugin.planning.markdown import MARKER
from studio_operator.printable import printable

Json = Any
Environment = Mapping[str, str]
# GitHub takes 65,536 characters, GitLab a million.
LONGEST = 65_000
PAGE_SIZE = 100
TIMEOUT_SECONDS = 30.0
RETRIES = urllib3.Retry(total=3, backoff_factor=1.0, status_forcelist=(429, 500, 502, 503, 504))
# Who comments with the token that GitHub gives to a workflow.
WORKFLOWS = "github-actions[bot]"
AUTHOR_VARIABLE = "STUDIO_AUTHOR"
FORBIDDEN = 403
CUT = "\n\nThe plan is longer than a comment may be: the job's log has all of it.\n"


class CommentError(Exception):
    """The comment could not be posted; the message says why. `status`: of the answer, if any."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Place:
    """Where comments are, how one of them is written over, who writes them, and the token.

    - `collection`, `edit` (with {} for the comment's id), `whoami`: addresses.
    - `author`, `name`: the members of a comment, and of an account, that name who it is.
    - `given_author`: who writes, if the job says so. `app`: who does where none is told.
    """

    collection: str
    edit: str
    edit_method: str
    whoami: str
    author: str
    name: str
    headers: Mapping[str, str]
    given_author: str = ""
    app: str = ""
    may_fail: bool = False  # of a fork's pull request: GitHub gives it no token that may comment


def main(arguments: list[str], environment: Environment) -> int:
    """The exit code: 0 posted, or nothing to post; 1 failed, with the reason on stderr."""
    try:
        service, file, data = arguments
        place = PLACES[service](environment)
        text = Path(file).read_text(encoding="utf-8")
        changed = bool(json.loads(Path(data).read_text(encoding="utf-8"))["changed"])
        sys.stderr.write(f"{printable(_post_if_allowed(place, text, changed=changed))}\n")
    except (CommentError, OSError) as error:
        sys.stderr.write(f"error: {printable(str(error))}\n")
        return 1
    except (ValueError, KeyError):
        sys.stderr.write("usage: comment github|gitlab FILE DATA\n")
        return 2
    return 0


def _post_if_allowed(place: Place, text: str, *, changed: bool) -> str:
    try:
        return post(place, text, changed=changed)
    except CommentError as error:
        if not place.may_fail:
            raise
        return f"No comment, since this is a fork's pull request: {error}"


def post(place: Place, text: str, *, changed: bool) -> str:
    """Write the comment, or write over our own; what was done, in words.

    `changed`: whether anything happens in AWS.
    """
    body, us = shorten(text), _author(place)
    known = next((one["id"] for one in _comments(place) if _is_ours(place, one, us)), None)
    if known is not None:
        _ask(place, place.edit_method, place.edit.format(known), {"body": body})
        return "The comment is written over."
    if not changed:
        return "No change in AWS: nothing is posted."
    _ask(place, "POST", place.collection, {"body": body})
    return "The comment is posted."


def shorten(text: str) -> str:
    """The text, cut at the end of a line if it is too long for a comment."""
    if len(text) <= LONGEST:
        return text
    return text[: text.rindex("\n", 0, LONGEST - len(CUT))] + CUT


def _author(place: Place) -> str:
    """The account that the token writes as."""
    if place.given_author:
        return place.given_author
    try:
        return str(_ask(place, "GET", place.whoami)[place.name])
    except CommentError as error:
        if not place.app or error.status != FORBIDDEN:
            raise
        return place.app


def _is_ours(place: Place, comment: Json, us: str) -> bool:
    written_by = str((comment.get(place.author) or {}).get(place.name))
    return written_by == us and str(comment.get("body") or "").startswith(MARKER)


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
            "Check that the token may write comments.",
            answer.status,
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
        f"{api}/user",
        "user",
        "login",
        headers,
        given_author=environment.get(AUTHOR_VARIABLE, ""),
        app=WORKFLOWS,
        may_fail=bool(head.get("fork")),
    )


def gitlab(environment: Environment) -> Place:
    """The merge request of a pipeline."""
    api = _need(environment, "CI_API_V4_URL")
    project = f"{api}/projects/{_need(environment, 'CI_PROJECT_ID')}"
    notes = f"{project}/merge_requests/{_need(environment, 'CI_MERGE_REQUEST_IID')}/notes"
    headers = {"PRIVATE-TOKEN": _need(environment, "GITLAB_TOKEN")}
    given = environment.get(AUTHOR_VARIABLE, "")
    own = (f"{api}/user", "author", "username")
    return Place(notes, f"{notes}/{{}}", "PUT", *own, headers, given_author=given)


PLACES: Mapping[str, Callable[[Environment], Place]] = {"github": github, "gitlab": gitlab}


def _need(environment: Environment, name: str) -> str:
    value = environment.get(name)
    if not value:
        raise CommentError(f"{name} is not set: the job has to give it")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
