local os = require("os")
obj.spec.intent = {
  verb = "Pause",
  revision = obj.spec.revision,
  requestId = "argocd-pause-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
