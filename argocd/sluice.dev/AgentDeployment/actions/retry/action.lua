local os = require("os")
local status = obj.status or {}
-- The release that stands against what the spec asks for.
local rejected = status.rejectedBy
if rejected == nil then
  error("no release stands against what the spec of " .. obj.metadata.name .. " asks for")
end
obj.kind = "Release"
obj.metadata.name = rejected.release
-- What is not named here would stay as the wish before had it, because Argo CD sends a merge patch; empty is not set.
obj.spec.intent = {
  verb = "Retry",
  revision = rejected.revision,
  toRevision = status.revision or "",
  note = "",
  requestId = "argocd-retry-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
