-- A request by annotation: the operator handles each new value once, and spec stays as in Git.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["studio-operator.dev/recreate"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
