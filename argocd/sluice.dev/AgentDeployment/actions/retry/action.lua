local os = require("os")
-- The latest release; it is over, so the history tells its revision.
local release = obj.status.release.name
local revision = nil
for _, entry in ipairs(obj.status.history) do
  if entry.release == release then
    revision = entry.revision
  end
end
obj.kind = "Release"
obj.metadata.name = release
obj.spec.intent = {
  verb = "Retry",
  revision = revision,
  requestId = "argocd-retry-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
