local os = require("os")
obj.spec.intent = {
  verb = "Abort",
  revision = obj.spec.revision,
  requestId = "argocd-abort-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
