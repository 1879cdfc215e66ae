local status = obj.status or {}
local effective = status.effective or {}
-- Which run state spec enforces: a request against it would be refused.
local enforced = nil
if obj.spec.drift ~= nil and obj.spec.drift.state == "Enforce" then
  enforced = obj.spec.state
end
local pending, lost = false, false
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "PendingRestart" and condition.status == "True" then
    pending = true
  end
  if condition.type == "Ready" and condition.reason == "DeletedOutsideOfGit" then
    lost = true
  end
end

-- Requests are taken once the operator has the space in AWS, and until the resource goes.
local listening = status.arn ~= nil and obj.metadata.deletionTimestamp == nil
-- What is wanted, or what there is where spec leaves it to people.
local running = effective.state == "Running"
if effective.state == nil then
  running = status.phase == "InService" or status.phase == "Starting"
end
local failed = status.phase == "Failed"
-- Back on the instance type that ran last: a request to start tries the declared one again.
local rolled_back = status.substitute ~= nil and status.substitute.kind == "Rollback"
local startable = not running or failed or rolled_back

return {
  ["start"] = {
    ["disabled"] = not (listening and startable) or lost or enforced == "Stopped",
    ["displayName"] = "Start",
    ["iconClass"] = "fa fa-fw fa-play",
  },
  ["stop"] = {
    ["disabled"] = not (listening and running) or lost or enforced == "Running",
    ["displayName"] = "Stop",
    ["iconClass"] = "fa fa-fw fa-stop",
  },
  ["restart"] = {
    ["disabled"] = not listening or status.phase ~= "InService",
    ["displayName"] = "Restart",
    ["iconClass"] = "fa fa-fw fa-redo",
  },
  ["apply-now"] = {
    ["disabled"] = not (listening and pending),
    ["displayName"] = "Apply now",
    ["iconClass"] = "fa fa-fw fa-bolt",
  },
  ["recreate"] = {
    ["disabled"] = not (listening and lost),
    ["displayName"] = "Recreate with an empty volume",
    ["iconClass"] = "fa fa-fw fa-plus",
  },
  ["reconcile"] = {
    ["disabled"] = false,
    ["displayName"] = "Reconcile",
    ["iconClass"] = "fa fa-fw fa-sync",
  },
}
