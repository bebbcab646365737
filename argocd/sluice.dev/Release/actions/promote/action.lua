local os = require("os")
local status = obj.status or {}
-- The step that is seen now: the wish may be read in the next one.
local step = nil
if status.phase == "Shifting" then
  step = status.step or 0
end
obj.spec.intent = {
  verb = "Promote",
  revision = obj.spec.revision,
  step = step,
  requestId = "argocd-promote-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
