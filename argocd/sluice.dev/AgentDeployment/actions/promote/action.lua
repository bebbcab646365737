local os = require("os")
local status = obj.status or {}
if status.release == nil or status.canary == nil then
  error("no release of " .. obj.metadata.name .. " is on its way")
end
-- Where it is seen now: the wish may be read in the next step. Told as "1/3", and written from 0. An approval comes after the last one, whichever that
-- is: the steps in force may be others than those of the spec.
local step = 1000
if status.release.phase == "Shifting" then
  for number = 1, 20 do
    for count = number, 20 do
      if status.release.step == number .. "/" .. count then
        step = number - 1
      end
    end
  end
end
obj.kind = "Release"
obj.metadata.name = status.release.name
-- What is not named here would stay as the wish before had it, because Argo CD sends a merge patch; empty is not set.
obj.spec.intent = {
  verb = "Promote",
  revision = status.canary.revision,
  step = step,
  note = "",
  requestId = "argocd-promote-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
