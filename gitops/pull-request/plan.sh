#!/usr/bin/env bash
# Plans a change and puts it on its pull request; the steps of the GitHub Action and the GitLab job.
#
#   plan.sh github|gitlab
#
# Environment (empty ones count as not given):
#   STUDIO_FROM       revision that the change goes into, such as origin/main
#   STUDIO_TO         revision with the change; HEAD
#   STUDIO_PATHS      folders or files of the repository, separated by spaces; all of it
#   STUDIO_RECORDED   file with the output of `kubectl get studio -A -o yaml`
#   STUDIO_REGION     AWS region of domains that name none
#   STUDIO_PRICES     file with further prices
#   STUDIO_FAIL_ON    restart, delete, separated by spaces; what is refused always fails
#   STUDIO_COMMENT    false: write no comment
#   STUDIO_AUTHOR     account that the comment is written as, whose own comment is written over. Asked
#                     of the service when empty; GitHub tells no app's token, and takes github-actions[bot]
#   STUDIO_PROGRAM    the plug-in; kubectl-studio
#   STUDIO_PYTHON     the Python that has it; python3
#
# Ends with 6 if the plan holds what is refused or what STUDIO_FAIL_ON names, after the comment was written.
set -euo pipefail
set -f # paths are taken as they are written

service=${1:?say github or gitlab}
report=$(mktemp)
data=$(mktemp)
trap 'rm -f "$report" "$data"' EXIT

arguments=(--from "${STUDIO_FROM:?the revision that the change goes into}" --to "${STUDIO_TO:-HEAD}")
for path in ${STUDIO_PATHS:-}; do arguments+=(--path "$path"); done
for what in ${STUDIO_FAIL_ON:-}; do arguments+=(--fail-on "$what"); done
[ -z "${STUDIO_RECORDED:-}" ] || arguments+=(--recorded "$STUDIO_RECORDED")
[ -z "${STUDIO_REGION:-}" ] || arguments+=(--region "$STUDIO_REGION")
[ -z "${STUDIO_PRICES:-}" ] || arguments+=(--prices "$STUDIO_PRICES")

code=0
"${STUDIO_PROGRAM:-kubectl-studio}" plan "${arguments[@]}" --output markdown --data-file "$data" > "$report" || code=$?
cat "$report"
case $code in 0 | 6) ;; *) exit "$code" ;; esac

[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$report" >> "$GITHUB_STEP_SUMMARY"
if [ "${STUDIO_COMMENT:-true}" != false ]; then
  "${STUDIO_PYTHON:-python3}" -m studio_operator.plugin.planning.comment "$service" "$report" "$data"
fi
exit "$code"
