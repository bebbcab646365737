local os = require("os")
local status = obj.status or {}
-- The promoted release of the revision that serves; the history is newest first.
local release = nil
for _, entry in ipairs(status.history or {}) do
  local promoted = entry.verdict == "Promoted" or entry.verdict == "FastPromoted"
  if release == nil and promoted and status.stable ~= nil and entry.revision == status.stable.revision then
    release = entry.release
  end
end
if release == nil then
  error("no promoted release of the revision that serves is in the history of " .. obj.metadata.name)
end
obj.kind = "Release"
obj.metadata.name = release
-- What is not named here would stay as the wish before had it, because Argo CD sends a merge patch; empty is not set.
obj.spec.intent = {
  verb = "Undo",
  revision = status.stable.revision,
  toRevision = "",
  note = "",
  requestId = "argocd-undo-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
