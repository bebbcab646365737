local os = require("os")
-- The promoted release of the revision that serves; the history is newest first.
local release = nil
for _, entry in ipairs(obj.status.history) do
  if release == nil and entry.revision == obj.status.stable.revision and (entry.verdict == "Promoted" or entry.verdict == "FastPromoted") then
    release = entry.release
  end
end
obj.kind = "Release"
obj.metadata.name = release
obj.spec.intent = {
  verb = "Undo",
  revision = obj.status.stable.revision,
  requestId = "argocd-undo-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
