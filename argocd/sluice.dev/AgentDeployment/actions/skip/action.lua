local os = require("os")
obj.kind = "Release"
obj.metadata.name = obj.status.release.name
obj.spec.intent = {
  verb = "Skip",
  revision = obj.status.canary.revision,
  requestId = "argocd-skip-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
