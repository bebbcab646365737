local os = require("os")
obj.kind = "Release"
obj.metadata.name = obj.status.release.name
obj.spec.intent = {
  verb = "Abort",
  revision = obj.status.canary.revision,
  requestId = "argocd-abort-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
