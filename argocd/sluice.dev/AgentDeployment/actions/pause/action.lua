local os = require("os")
obj.kind = "Release"
obj.metadata.name = obj.status.release.name
obj.spec.intent = {
  verb = "Pause",
  revision = obj.status.canary.revision,
  requestId = "argocd-pause-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
