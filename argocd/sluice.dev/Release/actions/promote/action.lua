local os = require("os")
local status = obj.status or {}
-- Where it is seen now: the wish may be read in the next step. An approval comes after the last one.
local step = nil
if status.phase == "Shifting" then
  step = status.step or 0
elseif status.phase == "AwaitingApproval" then
  step = #((status.rollout or obj.spec.rollout or {}).steps or {})
end
obj.spec.intent = {
  verb = "Promote",
  revision = obj.spec.revision,
  step = step,
  requestId = "argocd-promote-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
