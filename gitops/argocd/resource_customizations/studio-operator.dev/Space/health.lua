-- The operator tells by conditions where a resource stands. Ready is there from its first look on;
-- Stalled only while a person is needed. Stopped as declared is Ready, and so is Healthy.
local status = obj.status
if status == nil or status.conditions == nil then
  return {status = "Progressing", message = "Waiting for the operator to see it"}
end
if status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Waiting for the operator to take up the change"}
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end
local ready, stalled = conditions["Ready"], conditions["Stalled"]

local health = {status = "Progressing", message = ready ~= nil and ready.message or ""}
if obj.metadata.deletionTimestamp ~= nil then
  return health
end
if stalled ~= nil and stalled.status == "True" then
  health.status = "Degraded"
  health.message = stalled.message
elseif ready ~= nil and ready.status == "True" then
  health.status = "Healthy"
end
return health
