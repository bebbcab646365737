local os = require("os")
local status = obj.status or {}
if status.release == nil or status.canary == nil then
  error("no release of " .. obj.metadata.name .. " is on its way")
end
-- The step that is seen now: the wish may be read in the next one. Told as "1/3", and written from 0.
local step = nil
if status.release.phase == "Shifting" then
  local steps = (obj.spec.rollout or {}).steps or {}
  for number = 1, #steps do
    if status.release.step == number .. "/" .. #steps then
      step = number - 1
    end
  end
end
obj.kind = "Release"
obj.metadata.name = status.release.name
obj.spec.intent = {
  verb = "Skip",
  revision = status.canary.revision,
  step = step,
  requestId = "argocd-skip-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
