local os = require("os")
local status = obj.status or {}
-- The release that stands against what the spec asks for: the latest of its revision.
local release = nil
for _, entry in ipairs(status.history or {}) do
  if release == nil and entry.revision == status.revision then
    release = entry.release
  end
end
if release == nil then
  error("no release of the revision that the spec asks for is in the history of " .. obj.metadata.name)
end
obj.kind = "Release"
obj.metadata.name = release
obj.spec.intent = {
  verb = "Retry",
  revision = status.revision,
  requestId = "argocd-retry-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
