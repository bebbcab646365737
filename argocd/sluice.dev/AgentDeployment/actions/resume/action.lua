local os = require("os")
local status = obj.status or {}
if status.release == nil or status.canary == nil then
  error("no release of " .. obj.metadata.name .. " is on its way")
end
obj.kind = "Release"
obj.metadata.name = status.release.name
-- What is not named here would stay as the wish before had it, because Argo CD sends a merge patch; empty is not set.
obj.spec.intent = {
  verb = "Resume",
  revision = status.canary.revision,
  note = "",
  requestId = "argocd-resume-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
