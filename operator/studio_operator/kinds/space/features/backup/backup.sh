#!/bin/bash
# Copies the home folder of a SageMaker Studio space to S3: once when the app starts, and again each
# time that Studio Operator asks. A copy of files, no snapshot: see docs/how-to/back-ups.md.
#
# The operator uploads this as a lifecycle configuration of the space. Such a script has to end
# within five minutes and must not fail, or the app does not start; so all work is done by a loop in
# the background, and nothing here can make the script fail.
#
# Below <s3Uri>/<domain id>/<space name>/ it reads request.json, and writes home/..., completed.json
# and failed.json. Its log is ~/.studio-operator/backup.log; what hinders it from starting is also
# printed, so that it is in the app's log in CloudWatch.
#
# Environment, all optional:
#   STUDIO_BACKUP_HOME      the home folder, which is the space's volume
#   STUDIO_BACKUP_METADATA  the file in which SageMaker says which space this is
#   STUDIO_BACKUP_MOUNTS    the kernel's list of mounted file systems
#   STUDIO_BACKUP_INTERVAL  seconds between two looks for a request
#   STUDIO_BACKUP_RETRY     seconds until a failed back-up is tried again; doubled up to 16 times that

S3_URI='@S3_URI@'
APP_TYPE='@APP_TYPE@'
OWNER='@OWNER@' # The bucket's account, where it is not the space's.
# The volume is always mounted there (Developer Guide, page studio-updated-byoi-specs). $HOME may be
# another folder: where an image runs as root, and in recovery mode.
HOME_FOLDER=${STUDIO_BACKUP_HOME:-/home/sagemaker-user}
METADATA=${STUDIO_BACKUP_METADATA:-/opt/ml/metadata/resource-metadata.json}
MOUNTS=${STUDIO_BACKUP_MOUNTS:-/proc/self/mounts}
INTERVAL=${STUDIO_BACKUP_INTERVAL:-30}
RETRY=${STUDIO_BACKUP_RETRY:-60}
SCRATCH=${TMPDIR:-/tmp}
LOCK=$SCRATCH/studio-operator-backup.lock
LOG_LIMIT=262144 # Bytes. A log that is longer keeps its last quarter.

# Below the home folder, not copied: other file systems, what programs make again, our own log.
LEFT_OUT=(
  custom-file-systems user-default-efs lost+found
  .cache .conda/pkgs .npm/_cacache .local/share/Trash .Trash-1000 .studio-operator
)

log() {
  printf '%s %s\n' "$(now)" "$*" | tee -a "$LOG"
}

now() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}

# member NAME FILE: a text in a JSON document of which we know that its texts need no escapes.
member() {
  local text
  text=$(cat "$2") || return
  [[ $text =~ \"$1\"[[:space:]]*:[[:space:]]*\"([^\"]*)\" ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# quoted TEXT: the text in JSON, or null when there is none.
quoted() {
  local LC_ALL=C text=$1
  text=${text//[^[:print:]]/ }
  text=${text//[\"\\]/\'}
  if [ -n "$text" ]; then printf '"%s"' "${text:0:400}"; else printf null; fi
}

# In the background and waited for, so that a signal to stop is heeded at once.
run() {
  "$@" 9>&- &
  CHILD=$!
  wait "$CHILD"
  local code=$?
  CHILD=
  return "$code"
}

# The CLI's words are in $WORK/out and $WORK/err afterwards. People's work comes first: hence nice.
call_aws() {
  run nice -n 10 aws --cli-connect-timeout 10 --cli-read-timeout 60 "$@" \
    </dev/null >"$WORK/out" 2>"$WORK/err"
}

# S3 refuses it where the bucket is of another account than we think.
in_bucket() {
  call_aws s3api "$1" --bucket "$BUCKET" ${OWNER:+--expected-bucket-owner "$OWNER"} "${@:2}"
}

# put NAME: writes $WORK/body to the space's place in S3; S3 shows it whole or not at all.
put() {
  in_bucket put-object --key "$PREFIX/$1" --body "$WORK/body" --content-type application/json
}

# Sets REQUESTED_AT, empty when nothing was requested. Fails when that can't be found out.
look_for_request() {
  if in_bucket get-object --key "$PREFIX/request.json" "$WORK/request"; then
    REQUESTED_AT=$(member requestedAt "$WORK/request")
  elif grep -q NoSuchKey "$WORK/err"; then
    REQUESTED_AT=''
  else
    FAILURE="request.json can't be read: $(grep -m 1 . "$WORK/err")"
    grep -q AccessDenied "$WORK/err" && has_no_request && REQUESTED_AT=''
  fi
}

# S3 denies access to what is not there, where a role may list by a condition on the prefix only.
has_no_request() {
  in_bucket list-objects-v2 --prefix "$PREFIX/request.json" --no-paginate --query KeyCount \
    --output text && grep -qx 0 "$WORK/out"
}

# Below the home folder, one a line: where another file system is mounted.
mounts() {
  local path
  while read -r _ path _; do
    path=$(printf '%b' "$path") # Blanks are written as \040.
    case $path in "$FOLDER"/?*) printf '%s\n' "${path#"$FOLDER"/}" ;; esac
  done <"$MOUNTS"
}

# Whether a line of the CLI's tells of nothing that could be missed. It warns of what it can't copy
# even where that is excluded (aws-cli issue 1117), and of sockets, which hold no data.
is_harmless() {
  local path
  case $1 in
    '' | *'special device, FIFO, or socket.'*) return 0 ;;
    "warning: Skipping file $FOLDER/"*) ;;
    *) return 1 ;;
  esac
  for path in "${SKIPPED[@]}"; do
    case $1 in "warning: Skipping file $FOLDER/$path"[./]*) return 0 ;; esac
  done
  return 1
}

# Sets FAILURE to the first of the CLI's words that is not harmless, or to nothing.
find_failure() {
  local line more=0
  FAILURE=
  while IFS= read -r line; do
    if is_harmless "$line"; then continue; fi
    if [ -z "$FAILURE" ]; then FAILURE=$line; else more=$((more + 1)); fi
  done <"$WORK/err"
  if [ "$more" -gt 0 ]; then FAILURE="$FAILURE (and $more more)"; fi
}

# `aws s3 sync` can't be told whose the bucket has to be. This asks for nothing that it may not do.
check_owner() {
  if in_bucket list-objects-v2 --prefix "$PREFIX/home/" --max-keys 1 --no-paginate; then return 0; fi
  FAILURE="the bucket of account $OWNER can't be listed: $(grep -m 1 . "$WORK/err")"
  return 1
}

# No --delete: what was deleted in the space stays in the back-up.
sync_home() {
  local path excludes=() code
  mapfile -t SKIPPED < <(mounts)
  SKIPPED+=("${LEFT_OUT[@]}")
  for path in "${SKIPPED[@]}"; do excludes+=(--exclude "$path/*"); done
  call_aws s3 sync "$FOLDER" "s3://$BUCKET/$PREFIX/home/" --no-follow-symlinks \
    --only-show-errors "${excludes[@]}"
  code=$?
  find_failure
  case $code in
    0) return 0 ;;
    2) if [ -z "$FAILURE" ] && grep -q . "$WORK/err"; then return 0; fi ;; # Files were skipped.
  esac
  FAILURE=${FAILURE:-aws s3 sync ended with code $code}
  return 1
}

# A file that goes away between its listing and its copy is no failure; the next try sees what is.
copy_home() {
  local try
  check_owner || return
  for try in 1 2 3; do
    if sync_home; then return 0; fi
    case $FAILURE in *'does not exist'* | *'No such file'*) ;; *) return 1 ;; esac
    log "try $try: $FAILURE"
  done
  return 1
}

tell_failure() {
  log "failed: $FAILURE"
  printf '{"requestedAt": %s, "failedAt": "%s", "message": %s}\n' \
    "$(quoted "$REQUESTED_AT")" "$(now)" "$(quoted "$FAILURE")" >"$WORK/body"
  put failed.json || log "failed.json can't be written: $(grep -m 1 . "$WORK/err")"
}

tell_completion() {
  printf '{"requestedAt": %s, "startedAt": "%s", "completedAt": "%s", "appType": "%s"}\n' \
    "$(quoted "$REQUESTED_AT")" "$1" "$(now)" "$APP_TYPE" >"$WORK/body"
  put completed.json && return
  FAILURE="completed.json can't be written: $(grep -m 1 . "$WORK/err")"
  return 1
}

back_up() {
  local started_at
  started_at=$(now)
  log "starts, as requested at ${REQUESTED_AT:-no time}"
  if copy_home && tell_completion "$started_at"; then
    log 'is complete'
  else
    tell_failure
    return 1
  fi
}

# The log stays open for appending, so it is emptied and not replaced.
trim_log() {
  if [ "$(stat -c %s "$LOG" 2>/dev/null || echo 0)" -gt "$LOG_LIMIT" ]; then
    tail -c $((LOG_LIMIT / 4)) "$LOG" >"$WORK/tail" && cat "$WORK/tail" >"$LOG"
  fi
}

# Sets where from and where to. What is missing here can't be told in S3.
find_out() {
  PATH=$PATH:/usr/local/bin:/opt/conda/bin
  command -v aws >/dev/null || { log 'the image has no AWS CLI'; return 1; }
  # --no-follow-symlinks would copy nothing at all of a folder that is itself a link.
  FOLDER=$(cd "$HOME_FOLDER" && pwd -P) || { log "there is no folder $HOME_FOLDER"; return 1; }
  local domain_id space_name region
  domain_id=$(member DomainId "$METADATA")
  space_name=$(member SpaceName "$METADATA")
  if [ -z "$domain_id" ] || [ -z "$space_name" ]; then
    log "$METADATA names no domain and space"
    return 1
  fi
  region=$(member ResourceArn "$METADATA" | cut -d : -f 4)
  export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-${AWS_REGION:-$region}}
  BUCKET=${S3_URI#s3://}
  PREFIX=${BUCKET#*/}/$domain_id/$space_name
  OWNER=${OWNER:-$(member ResourceArn "$METADATA" | cut -d : -f 5)}
  case $BUCKET in */*) BUCKET=${BUCKET%%/*} ;; *) PREFIX=$domain_id/$space_name ;; esac
  # The app's role it is, whatever people have in ~/.aws.
  unset AWS_PROFILE AWS_DEFAULT_PROFILE
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER=
}

# Only one loop: the lock is held as long as this process lives.
take_lock() {
  exec 9>>"$LOCK" || return
  if command -v flock >/dev/null && ! flock -n 9; then
    log 'another one runs already'
    return 1
  fi
  echo "$BASHPID" >"$LOCK"
}

# shellcheck disable=SC2329 # The trap calls it.
stop() {
  log 'stops'
  if [ -n "$CHILD" ]; then kill "$CHILD" 2>/dev/null; wait "$CHILD"; fi
  exit 0
}

watch_requests() {
  local answered='' due=yes next_try=0 pause=$RETRY told=''
  while true; do
    trim_log
    if look_for_request; then
      told=
      if [ "$REQUESTED_AT" != "$answered" ]; then due=yes next_try=0 pause=$RETRY; fi
    elif [ "$FAILURE" != "$told" ]; then
      told=$FAILURE
      tell_failure
    fi
    if [ "$due" ] && [ "$SECONDS" -ge "$next_try" ]; then
      answered=$REQUESTED_AT
      if back_up; then
        due='' pause=$RETRY told='' # What hinders from hearing requests is told once more.
      else
        next_try=$((SECONDS + pause))
        if [ "$pause" -lt $((RETRY * 16)) ]; then pause=$((pause * 2)); fi
      fi
    fi
    run sleep "$INTERVAL"
  done
}

keep_backed_up() {
  trap '' HUP
  CHILD='' REQUESTED_AT=''
  take_lock && WORK=$(mktemp -d) || return
  trap 'rm -rf "$WORK"' EXIT
  trap stop TERM INT
  watch_requests
}

begin() {
  LOG=$HOME_FOLDER/.studio-operator/backup.log
  # A volume that is full has to be backed up as well.
  { [ -d "${LOG%/*}" ] || mkdir "${LOG%/*}"; } 2>/dev/null && : 2>/dev/null >>"$LOG" ||
    LOG=$SCRATCH/studio-operator-backup.log
  find_out || return
  log "Studio Operator copies $FOLDER to s3://$BUCKET/$PREFIX/home/ in the background"
  keep_backed_up </dev/null >/dev/null 2>>"$LOG" &
  disown
}

begin
exit 0
